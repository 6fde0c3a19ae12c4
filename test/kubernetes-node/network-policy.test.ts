import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { JournalEvent } from '../../src/journal/events.js';
import { belongingsOf } from '../support/kubernetes/node/belongings.js';
import { type Lab, ON_PODS, type Subject, startLab, startSubject } from '../support/kubernetes/node/lab.js';
import { enforcePolicies } from '../support/kubernetes/node/policy-enforcer.js';
import type { Manner } from '../support/kubernetes/node/policy-rules.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';
import { assertFew, toldRequests } from '../support/kubernetes/requests.js';

const STRICT: Manner = { established: 'cut', blocks: 'pods too', forbidden: 'nothing' };
const LENIENT: Manner = { established: 'spared', blocks: 'no pods', forbidden: 'a refusal' };
const NAME = 'partition-by-policy';

describe('flinch run on pods whose partition is up to NetworkPolicies', () => {
  let lab: Lab;
  let subject: Subject;
  let file: string;
  /** Nobody is sent beside the pods. */
  let where: readonly string[];
  before(async function () {
    await needsNode(this);
    lab = await startLab();
    subject = await startSubject(lab, { line: '1.20' });
    where = subject.where.slice(0, -2);
    assert.ok(!where.includes('--hand-image'));
    file = join(subject.it_.cwd, `${NAME}.yaml`);
    // Twice the heartbeat timeout, as it is here.
    writeFileSync(file, readFileSync(join(ON_PODS, `${NAME}.yaml`), 'utf8').replace('60s', '24s'));
  });
  after(async () => {
    await subject?.end();
    await lab?.end();
  });

  /** Runs it, and sees that everything is as it was. */
  async function done(manner?: Manner) {
    const { node, flink, it_, journal, asItWas } = subject;
    const before = await belongingsOf(node, flink.namespace);
    const enforcer = manner && enforcePolicies(node, flink.namespace, manner);
    const asked = node.requests().length;
    try {
      const { code, stdout, stderr } = await it_.run('run', file, ...where);
      const requests = node.requests().slice(asked);
      if (process.env.FLINCH_TELL) process.stdout.write(`${stderr}\n${stdout}\n${toldRequests(requests)}\n`);
      assertFew(requests);
      await asItWas(before);
      assert.deepEqual(enforcer?.trouble() ?? [], []);
      if (enforcer) assert.equal(enforcer.seen().length, 2);
      return { code, said: `${stdout}\n${stderr}`, stdout, events: journal() };
    } finally {
      await enforcer?.end();
    }
  }
  const evidenceOf = (events: readonly JournalEvent[], type: 'fault.effective' | 'fault.healed') =>
    events.flatMap((event) => (event.type === type ? event.evidence : [])).join('\n');

  it('does not pass where policies are accepted and nobody enforces them, which are taken back', async () => {
    const { code, said, events } = await done();
    assert.equal(code, 2, said);
    assert.match(said, /FAULT_NOT_EFFECTIVE: the NetworkPolicies are there, and packets still pass/);
    assert.match(evidenceOf(events, 'fault.healed'), /policies are gone/i);
  });

  it('passes where somebody enforces them, and the heartbeat times out', async () => {
    const { code, said, events } = await done(STRICT);
    assert.equal(code, 0, said);
    assert.match(
      evidenceOf(events, 'fault.effective'),
      /no new connection comes about.*\n.*still reach taskmanager-\d, the API server/,
    );
    assert.match(evidenceOf(events, 'fault.healed'), /they reach each other again/);
    assert.match(said, /Every task ran again/);
    const checked = events.find(({ type }) => type === 'cluster.checked');
    assert.ok(checked?.type === 'cluster.checked' && checked.clean, JSON.stringify(checked));
  });

  it('is felt by nobody where connections that are there are spared, and refused where others are made', async () => {
    const { code, said, events } = await done(LENIENT);
    assert.equal(code, 0, said);
    assert.match(evidenceOf(events, 'fault.effective'), /may live on/);
    assert.match(said, /The job was not impacted/);
    assert.doesNotMatch(said, /ran again/);
  });

  it('leaves nothing when it dies in the middle, also where a pod is another one by then: healed by flinch heal', async () => {
    const { node, flink, it_, asItWas } = subject;
    const before = await belongingsOf(node, flink.namespace);
    const enforcer = enforcePolicies(node, flink.namespace, STRICT);
    try {
      await it_.dies(file, ...where);
      const made = (await belongingsOf(node, flink.namespace)).filter((it) => it.includes('flinch-cut-'));
      assert.equal(made.length, 2);
      const config = new KubeConfig();
      config.loadFromFile(node.kubeconfig);
      const core = config.makeApiClient(CoreV1Api);
      const [cut] = (await flink.pods('taskmanager')).filter(({ metadata }) =>
        Object.keys(metadata?.labels ?? {}).some((key) => key.startsWith('flinch/cut-')),
      );
      const { name = '' } = cut?.metadata ?? assert.fail('no TaskManager is marked');
      await core.deleteNamespacedPod({ namespace: flink.namespace, name, gracePeriodSeconds: 0 });
      await flink.whole();
      const { code, stdout, stderr } = await it_.run('heal', ...where.slice(0, 8));
      if (process.env.FLINCH_TELL) process.stdout.write(`${stdout}\n`);
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      assert.match(stdout, /healed: its NetworkPolicies are gone/);
      assert.match(stdout, /healed: they reach each other again: taskmanager-\d > /);
      await flink.whole();
      await asItWas(before);
    } finally {
      await enforcer.end();
    }
  });
});
