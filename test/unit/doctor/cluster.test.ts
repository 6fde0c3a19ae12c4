import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { examineAll } from '../../../src/doctor/examine.js';
import { type ClusterToExamine, clusterSubjects } from '../../../src/doctor/read/cluster.js';
import { hasCode } from '../../support/has-code.js';

const CONFIG = {
  'high-availability.type': 'zookeeper',
  'high-availability.zookeeper.quorum': '127.0.0.1:1',
  'high-availability.zookeeper.client.session-timeout': '60 s',
  'execution.checkpointing.interval': '1 h',
};
const job = (id: string, state = 'RUNNING') => ({
  ...{ id, name: id, state, startTime: 0, changed: 0, total: 1, running: 1, finished: 0, tasks: {} },
});
const checkpoints = (interval: number, tolerableFailed?: number) => ({
  ...{ mode: 'exactly_once', interval, timeout: 600_000, minPause: 0, maxConcurrent: 1 },
  ...(tolerableFailed === undefined ? {} : { tolerableFailed }),
});

function rest(
  jobs = [job('orders')],
  of: Record<string, ReturnType<typeof checkpoints>> = {},
): ClusterToExamine['rest'] {
  return {
    overview: async () => ({ taskManagers: 2, slotsTotal: 8, slotsAvailable: 1, flinkVersion: '1.20.3' }),
    jobManagerConfig: async () => CONFIG,
    jobsOverview: async () => jobs,
    checkpointConfig: async (id) => of[id] ?? checkpoints(10_000, 0),
  };
}
const { signal } = new AbortController();

describe('doctor/read/cluster', () => {
  let zookeeper: Server | undefined;
  afterEach(() => void zookeeper?.close());

  async function serving(conf: string): Promise<string> {
    const server = createServer((socket) => socket.once('data', () => socket.end(conf)));
    zookeeper = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('takes the checkpoints as the job has them, the version, the slots, and what ZooKeeper grants', async () => {
    const at = await serving('tickTime=1000\nminSessionTimeout=2000\nmaxSessionTimeout=20000\n');
    const { subjects, problems } = await clusterSubjects({ name: 'here', rest: rest(), zookeeper: [at] }, signal);
    assert.deepEqual(problems, []);
    const [subject] = subjects;
    assert.equal(subject?.name, 'here, job orders');
    assert.deepEqual(subject?.facts, {
      taskManagers: 2,
      slots: 8,
      freeSlots: 1,
      tickTime: 1000,
      grantedSession: 20_000,
    });
    assert.equal(subject?.settings.duration('execution.checkpointing.interval'), 10_000);
    const found = examineAll(subjects);
    const said = (rule: string) => found.find((it) => it.rule === rule)?.what;
    assert.match(said('known-defect') ?? '', /1\.20\.3 has CURATOR-696/);
    assert.match(said('session-clamped') ?? '', /has granted 20s/);
    assert.match(said('few-free-slots') ?? '', /1 of 8 slots are free/);
    assert.match(said('no-failed-checkpoint-tolerated') ?? '', /is 0$/);
  });

  it('says what of its ConfigMaps it could not ask', async () => {
    const onKubernetes = { 'high-availability.type': 'kubernetes', 'kubernetes.cluster-id': 'orders' };
    const asked = { ...rest(), jobManagerConfig: async () => onKubernetes };
    const { KUBECONFIG } = process.env;
    process.env.KUBECONFIG = 'not-there';
    try {
      const { subjects, problems } = await clusterSubjects({ name: 'here', rest: asked }, signal);
      assert.match(problems.join(), /^what its ConfigMaps say: it is not there - not-there - check the path$/);
      assert.equal(subjects[0]?.facts.configMaps, undefined);
    } finally {
      if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = KUBECONFIG;
    }
    // One that somebody has named is an error.
    const named = { name: 'here', rest: asked, kubernetes: { kubeconfig: 'nowhere' } };
    await assert.rejects(clusterSubjects(named, signal), hasCode('KUBECONFIG', /nowhere/));
  }).timeout(10_000);

  it('says what of ZooKeeper it could not ask, and does not ask where the tick is known', async () => {
    const nobody = await clusterSubjects({ name: 'here', rest: rest() }, signal);
    assert.match(nobody.problems.join(), /^the session that ZooKeeper grants: .*127\.0\.0\.1:1/);
    const known = await clusterSubjects({ name: 'here', rest: rest(), facts: { tickTime: 500 } }, signal);
    assert.deepEqual(known.problems, []);
    const clamped = examineAll(known.subjects).find(({ rule }) => rule === 'session-clamped');
    assert.match(clamped?.what ?? '', /a server with a tick of 500ms grants 10s/);
  });

  it('examines each job that runs, and says once what is the same of all', async () => {
    const jobs = [job('a'), job('b'), job('gone', 'CANCELED')];
    const never = checkpoints(Number.MAX_SAFE_INTEGER);
    const facts = { tickTime: 2000 };
    const { subjects } = await clusterSubjects({ name: 'here', rest: rest(jobs, { b: never }), facts }, signal);
    assert.deepEqual(
      subjects.map(({ name }) => name),
      ['here, job a', 'here, job b'],
    );
    const found = examineAll(subjects);
    assert.equal(found.filter(({ rule }) => rule === 'one-zookeeper').length, 1);
    assert.deepEqual(
      found.filter(({ rule }) => rule === 'no-checkpoints').map(({ file }) => file),
      ['here, job b'],
    );
  });

  it('examines a cluster without a job by its configuration', async () => {
    const { subjects } = await clusterSubjects({ name: 'here', rest: rest([]), facts: { tickTime: 2000 } }, signal);
    assert.deepEqual(
      subjects.map(({ name }) => name),
      ['here'],
    );
    assert.equal(subjects[0]?.settings.duration('execution.checkpointing.interval'), 3_600_000);
  });
});
