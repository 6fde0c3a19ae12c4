import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { flinch } from '../support/flinch.js';
import { belongingsOf } from '../support/kubernetes/node/belongings.js';
import { type Lab, ONLY, type Subject, startLab, startSubject } from '../support/kubernetes/node/lab.js';
import { installPodChaos } from '../support/kubernetes/node/pod-chaos.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';
import { runsInside } from './inside.js';

/** Faults in whose middle the runner dies, whether anybody but the hands heals them, and whether that is tried where nothing is said. */
const DEATHS = [
  { fault: 'pause: { node: taskmanager, duration: 5min }', by: 'flinch heal', always: true },
  {
    fault: 'partition: { between: taskmanager, and: jobmanager.all, duration: 5min }',
    by: 'the hands alone',
    always: true,
  },
  { fault: 'cutApiServer: { duration: 5min }', by: 'the hands alone', always: false },
  { fault: 'deletePod: { node: jobmanager.leader }', by: 'flinch heal', always: false },
  { fault: 'evictPod: { node: taskmanager }', by: 'flinch heal', always: false },
  { fault: 'kill: { node: jobmanager.leader }', by: 'flinch heal', always: false },
  {
    fault: 'drainNode: { node: taskmanager, duration: 5min }',
    by: 'flinch heal of another machine',
    always: true,
  },
  { fault: 'fill: { disk: storage, duration: 5min }', by: 'the hands alone', always: false },
  { fault: 'scale: { role: taskmanager, to: 1, duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'damageConfigMap: { configMap: cluster, duration: 5min }', by: 'flinch heal', always: true },
  { fault: 'damageConfigMap: { configMap: job, by: empty, duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'breakImage: { role: taskmanager, duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'breakImage: { role: jobmanager, duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'revokeAccess: { duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'stealLease: { node: jobmanager.leader, duration: 5min }', by: 'flinch heal', always: false },
] as const;
const POLL = { every: 500, clock: systemClock, signal: new AbortController().signal };

describe('flinch run on pods, killed, from inside, and by Chaos Mesh', () => {
  let lab: Lab;
  let subject: Subject;
  before(async function () {
    await needsNode(this);
    lab = await startLab();
    subject = await startSubject(lab, { line: '1.20' });
  });
  after(async () => {
    await subject?.end();
    await lab?.end();
  });

  if (!ONLY || ONLY.includes('in-cluster')) runsInside(() => subject);

  for (const [acts, what] of [
    [false, 'does not pass where Chaos Mesh is installed and nobody acts on its orders'],
    [true, 'believes Chaos Mesh once the pod is gone'],
  ] as const) {
    if (ONLY && !ONLY.includes('chaos-mesh')) continue;
    it(what, async () => {
      const { node, flink, it_, where, scenarioWith, asItWas } = subject;
      const before = await belongingsOf(node, flink.namespace);
      const chaos = await installPodChaos(node, flink.namespace, { acts });
      try {
        const fault = 'deletePod: { node: taskmanager, grace: 0s, via: chaos-mesh }';
        const { code, stdout, stderr } = await it_.run('run', scenarioWith('by-chaos-mesh', fault), ...where);
        assert.equal(code, acts ? 0 : 2, `${stdout}\n${stderr}`);
        if (!acts) assert.match(stdout, /FAULT_NOT_EFFECTIVE: the deletion of its pod was sent but .* still runs/);
        assert.equal(chaos.seen().length, 1);
        assert.deepEqual(await chaos.left(), []);
      } finally {
        await chaos.remove();
      }
      await asItWas(before);
    });
  }

  for (const [index, { fault, by, always }] of DEATHS.entries()) {
    const isMeant = ONLY ? ONLY.some((it) => it === 'deaths' || fault.startsWith(`${it}:`)) : always;
    if (!isMeant) continue;
    it(`leaves nothing when it dies in the middle of ${fault}: healed by ${by}`, async () => {
      const { node, flink, it_, where, scenarioWith, asItWas } = subject;
      const before = await belongingsOf(node, flink.namespace);
      const name = `death-${index}`;
      await it_.dies(scenarioWith(name, fault), ...where);
      if (by === 'the hands alone') {
        const hands = async () =>
          (await belongingsOf(node, flink.namespace)).filter((it) => it.includes('flinch-hand'));
        const gone = async () => ((await hands()).length === 0 ? true : undefined);
        await pollUntil('the end of the hands', gone, { ...POLL, within: 90_000 });
        await flink.whole();
      }
      // What is left then is the ledger, and the job.
      // Another machine has no ledger but the one on the lock.
      const healer = by === 'flinch heal of another machine' ? flinch() : it_;
      const { code, stdout, stderr } = await healer.run('heal', ...where.slice(0, 8), ...where.slice(-2));
      if (healer !== it_) rmSync(healer.cwd, { recursive: true, force: true });
      if (process.env.FLINCH_TELL) process.stdout.write(`${stdout}\n`);
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      assert.match(stdout, /healed: /);
      await flink.whole();
      await asItWas(before);
    });
  }
});
