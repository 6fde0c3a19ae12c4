import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JournalEvent } from '../../src/journal/events.js';
import { connectKept, type KeptState } from '../../src/target/local/index.js';
import { type Flinch, flinch, type Running, SCENARIOS } from '../support/flinch.js';
import { until } from '../support/host-processes.js';
import { random } from '../support/kafka/random.js';

/** The faults of six scenarios; of the fourth two are open at once. */
const FAULTS = [
  'kill: { node: jobmanager.leader, duration: 5s }',
  'partition: { between: taskmanager.all, and: broker.all, duration: 8s }',
  'readOnly: { disk: storage, duration: 8s }',
  'together: [{ pause: { node: taskmanager, duration: 8s } }, { kill: { node: broker.all, duration: 6s } }]',
  'stopJob: { duration: 8s }',
  'clockSkew: { node: taskmanager, ahead: 1h, duration: 8s }',
];
/** Events after which a runner dies, and milliseconds after that at most. */
const MOMENTS = [
  { type: 'fault.resolved', latest: 30 },
  { type: 'fault.effective', latest: 0 },
  { type: 'fault.effective', latest: 12_000 },
] as const;
const POINTS = Number(process.env.FLINCH_POINTS ?? FAULTS.length * MOMENTS.length);
/** Printed with a failure: with it the same deaths come again. */
const SEED = Number(process.env.FLINCH_SEED ?? Date.now() % 1_000_000_007);

describe(`a runner that dies by kill -9 on a real cluster, seed ${SEED}`, () => {
  let it_: Flinch;
  let kept: KeptState;
  const dice = random(SEED);

  before(async () => {
    it_ = flinch();
    const { code, stderr } = await it_.run('up');
    assert.equal(code, 0, stderr);
    kept = JSON.parse(readFileSync(join(it_.cwd, 'state', 'clusters', 'default', 'state.json'), 'utf8')) as KeptState;
  });
  after(async () => {
    await it_.run('down');
    rmSync(it_.cwd, { recursive: true, force: true });
  });

  const journalOf = (name: string): JournalEvent[] => {
    const reports = join(it_.cwd, 'reports');
    const run = existsSync(reports) ? readdirSync(reports).findLast((dir) => dir.endsWith(`-${name}`)) : undefined;
    const file = run && join(reports, run, 'journal.ndjson');
    if (!file || !existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as JournalEvent);
  };

  /** Kills the runner at its moment. */
  async function dies(run: Running, name: string, { type, latest }: (typeof MOMENTS)[number]): Promise<void> {
    await until(
      `${type} of ${name}`,
      () => run.child.exitCode !== null || journalOf(name).some((it) => it.type === type),
      120_000,
    );
    const at = Date.now() + dice.upTo(latest + 1);
    // A run that is quicker than that is killed in its last steps.
    const ending = () => journalOf(name).some((it) => it.type === 'step' && it.step === 'quiesce');
    await until(`the moment of ${name}`, () => Date.now() >= at || ending(), latest + 10_000);
    run.child.kill('SIGKILL');
    await run.ended();
    assert.equal(run.child.signalCode, 'SIGKILL', run.stderr());
  }

  /** Every node runs and does its work, nothing is cut, every disk takes files, no fault is left. */
  async function assertHealthy(): Promise<void> {
    const { stdout } = await it_.run('status');
    assert.equal((stdout.match(/ process \d+$/gm) ?? []).length, 7, stdout);
    assert.match(stdout, /2 TaskManagers, 4 of 4 slots free/);
    assert.doesNotMatch(stdout, /left behind/);
    const cluster = connectKept(kept);
    try {
      assert.deepEqual(await cluster.network?.cuts(), {});
      for (const disk of ['storage', 'taskmanager-1', 'taskmanager-2', 'broker-1']) {
        assert.equal(await cluster.disks?.refusal(disk), undefined, disk);
      }
      for (const { name } of cluster.nodes) {
        const identity = await cluster.processes.identify(name);
        assert.ok(identity && !(await cluster.processes.stopped(identity)), name);
        const ahead = (await cluster.processes.clockOf(name)) ?? 0;
        assert.ok(Math.abs(ahead) < 1000, `the clock of ${name} is ${ahead} ms ahead`);
      }
    } finally {
      cluster.close();
    }
  }

  for (let point = 0; point < POINTS; point++) {
    const fault = FAULTS[point % FAULTS.length] as string;
    const moment = MOMENTS[Math.floor(point / FAULTS.length) % MOMENTS.length] as (typeof MOMENTS)[number];
    const alone = point % 3 === 2;
    const after = moment.latest > 100 ? `within ${moment.latest / 1000} s of ${moment.type}` : `at ${moment.type}`;
    it(`${after}, of ${fault}: healed by ${alone ? 'the dead-man timer alone' : 'flinch heal'}`, async () => {
      const name = `crash-${point}`;
      const text = readFileSync(`${SCENARIOS}kill-leader-jobmanager.yaml`, 'utf8')
        .replace('scenario: kill-leader-jobmanager', `scenario: ${name}`)
        .replace('- kill: { node: jobmanager.leader }', `- ${fault}`);
      assert.ok(text.includes(fault));
      const file = join(it_.cwd, `${name}.yaml`);
      writeFileSync(file, `${text}allow: [storage]\n`);
      await dies(it_.start('run', file), name, moment);
      if (alone) {
        const list = async () => (await it_.run('heal', '--list')).stdout;
        for (const end = Date.now() + 150_000; !(await list()).includes('no fault is left') && Date.now() < end; )
          await sleep(1000);
        assert.match(await list(), /no fault is left/);
        // It heals the faults first, and ends what the run has left after that.
        const free = async () => (await it_.run('status')).stdout.includes('4 of 4 slots free');
        for (const end = Date.now() + 60_000; !(await free()) && Date.now() < end; ) await sleep(1000);
      } else {
        const { code, stdout, stderr } = await it_.run('heal');
        assert.equal(code, 0, `${stdout}\n${stderr}`);
      }
      await assertHealthy();
    });
  }

  it('and the cluster still passes in the end', async () => {
    const { code, stdout } = await it_.run('run', `${SCENARIOS}kill-leader-jobmanager.yaml`);
    assert.equal(code, 0, stdout);
  });
});
