import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KubernetesOptions, openKubernetes } from '../../../src/client/kubernetes/connection.js';
import { haMaps, readMaps } from '../../../src/client/kubernetes/ha-config-maps.js';
import { lease } from '../../../src/client/kubernetes/lease.js';
import { hasCode } from '../../support/has-code.js';
import {
  drip,
  hang,
  json,
  type LyingHttpServer,
  reset,
  startLyingHttp,
  text,
} from '../../support/lying-http-server.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const JOB = 'e75b0315ece14d45bbbb7008bac8a34a';
const SESSION = 'ac4d70f2-c4fb-47fe-ab0c-73f2f01775d0';
const HELD = {
  holderIdentity: 'f99fec03-9216-454c-a1a5-32cf34431d87',
  leaseDuration: 15.0,
  acquireTime: '2026-11-20T23:59:25.169856Z',
  renewTime: '2026-11-21T00:00:20.293134Z',
  leaderTransitions: 3,
};
/** As Flink 1.20 writes them; 2.x has execution plans. */
const clusterMap = (graph = 'jobGraph', annotation: unknown = HELD) => ({
  metadata: {
    name: 'demo-cluster-config-map',
    resourceVersion: '42',
    labels: { app: 'demo', type: 'flink-native-kubernetes' },
    annotations: { 'control-plane.alpha.kubernetes.io/leader': JSON.stringify(annotation) },
  },
  data: {
    'org.apache.flink.k8s.leader.restserver': `${SESSION},http://10.244.0.40:8081`,
    [`org.apache.flink.k8s.leader.job-${JOB}`]: `${SESSION},pekko.tcp://flink@10.244.0.40:6123/user/rpc/jobmanager_2`,
    [`${graph}-${JOB}`]: 'rO0ABXNy',
  },
});
const jobMap = {
  metadata: {
    name: `demo-${JOB}-config-map`,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'demo', uid: 'u' }],
  },
  data: { 'checkpointID-0000000000000000083': 'rO0', 'checkpointID-0000000000000000082': 'rO0', counter: '84' },
};

describe('what Flink keeps in ConfigMaps', () => {
  it('who leads, what is recovered, and from which checkpoints', () => {
    const { cluster, jobs } = readMaps([clusterMap(), jobMap], 'demo');
    assert.deepEqual(cluster?.leaders.get('restserver'), { session: SESSION, address: 'http://10.244.0.40:8081' });
    assert.deepEqual(cluster?.jobs, [JOB]);
    assert.deepEqual(cluster?.lease, {
      holder: HELD.holderIdentity,
      duration: 15_000,
      acquired: Date.UTC(2026, 10, 20, 23, 59, 25, 169),
      renewed: Date.UTC(2026, 10, 21, 0, 0, 20, 293),
      transitions: 3,
    });
    assert.deepEqual(
      [...jobs],
      [[JOB, { name: jobMap.metadata.name, owners: ['Deployment demo'], checkpoints: [82, 83] }]],
    );
  });

  it('execution plans of 2.x as well, and no other ConfigMap of the same label', () => {
    const others = ['demo-config-map', 'demo-autoscaler-config-map', `other-${JOB}-config-map`, 'flink-config-demo'];
    const maps = others.map((name) => ({ metadata: { name }, data: { counter: '1' } }));
    const { cluster, jobs } = readMaps([...maps, clusterMap('executionPlan')], 'demo');
    assert.deepEqual([cluster?.jobs, jobs.size], [[JOB], 0]);
  });

  it('nobody where nobody has led, or leadership was given back', () => {
    const { cluster } = readMaps([{ metadata: { name: 'demo-cluster-config-map' } }], 'demo');
    assert.deepEqual([cluster?.lease, cluster?.leaders.size], [undefined, 0]);
    assert.equal(lease(JSON.stringify({ ...HELD, holderIdentity: '' })).holder, undefined);
  });

  for (const [written, ms] of [
    ['PT15S', 15_000],
    ['PT1M', 60_000],
    ['PT1H2M0.5S', 3_720_500],
    [0.5, 500],
  ] as const) {
    it(`a lease of ${written}, as one line of Flink or another writes it`, () =>
      assert.equal(lease(JSON.stringify({ ...HELD, leaseDuration: written })).duration, ms));
  }

  for (const [what, annotation] of [
    ['no JSON', '{'],
    ['no object', '3'],
    ['a time that is none', JSON.stringify({ ...HELD, renewTime: 'soon' })],
    ['no duration', JSON.stringify({ ...HELD, leaseDuration: '15' })],
    ['an empty duration', JSON.stringify({ ...HELD, leaseDuration: 'PT' })],
    ['a duration before now', JSON.stringify({ ...HELD, leaseDuration: -1 })],
  ] as const) {
    it(`refuses a lease with ${what}`, () => assert.throws(() => lease(annotation), hasCode('KUBERNETES')));
  }

  it('refuses a leader that it cannot read', () => {
    const map = clusterMap();
    map.data['org.apache.flink.k8s.leader.restserver'] = 'http://10.244.0.40:8081';
    assert.throws(() => readMaps([map], 'demo'), hasCode('KUBERNETES', /leader\.restserver names no leader/));
  });
});

describe('a connection to Kubernetes', function () {
  // Importing the library takes half a second on a busy machine.
  this.timeout(10_000);
  const PATH = '/api/v1/namespaces/flink/configmaps';
  const folder = temporaryFolder();
  let server: LyingHttpServer;
  before(async () => {
    await import('@kubernetes/client-node');
    server = await startLyingHttp();
  });
  after(() => server.close());

  const kubeconfig = (name = 'config', change: object = {}): string => {
    const file = join(folder(), name);
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'flink' } }],
      'current-context': 'here',
      ...change,
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  };
  const asked = async (options: KubernetesOptions = {}) =>
    haMaps(await openKubernetes({ kubeconfig: kubeconfig(), timeoutMs: 300, ...options }), 'demo');

  it("asks for the cluster's ConfigMaps in the namespace of the context, or in the one that is named", async () => {
    server.on(PATH, json({ items: [clusterMap()] }));
    assert.equal((await asked()).cluster?.version, '42');
    assert.match(server.requests.at(-1) ?? '', /configmaps\?labelSelector=app%3Ddemo/);
    server.on(PATH.replace('flink', 'other'), json({ items: [] }));
    assert.equal((await asked({ namespace: 'other' })).cluster, undefined);
  });

  for (const [what, behaviour, why] of [
    ['hangs', hang, /listing ConfigMaps: .*took longer than 300 ms - http/],
    ['drips', drip, /took longer than 300 ms/],
    ['resets', reset, /listing ConfigMaps: .*(ECONNRESET|hang up)/],
    ['answers no JSON', text('<html>'), /listing ConfigMaps: /],
    [
      'does not allow it',
      json({ message: 'configmaps is forbidden: User "u" cannot list' }, 403),
      /it answered 403: configmaps is forbidden.* - have it allowed, or use another context/,
    ],
    ['breaks', text('oops', 500), /it answered 500: oops/],
  ] as const) {
    it(`ends in time, and says why, where the server ${what}`, async () => {
      server.on(PATH, behaviour);
      const began = Date.now();
      await assert.rejects(asked(), hasCode('KUBERNETES', why));
      assert.ok(Date.now() - began < 3_000);
    });
  }

  it('leaves no connection behind that waits for an answer', async () => {
    server.on(PATH, hang);
    await assert.rejects(asked(), hasCode('KUBERNETES'));
    const until = Date.now() + 2_000;
    while ((await server.connections()) > 0 && Date.now() < until) await new Promise((next) => setTimeout(next, 10));
    assert.equal(await server.connections(), 0);
  });

  it('ends at once when it is interrupted, with the reason of that', async () => {
    server.on(PATH, hang);
    const kubernetes = await openKubernetes({ kubeconfig: kubeconfig() });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await assert.rejects(haMaps(kubernetes, 'demo', stop.signal), /^Error: enough$/);
  });

  it('says what is wrong with a kubeconfig', async () => {
    const refuses = (options: KubernetesOptions, why: RegExp) =>
      assert.rejects(openKubernetes(options), hasCode('KUBECONFIG', why));
    await refuses({ kubeconfig: join(folder(), 'none') }, /it is not there - .*none - check the path/);
    await refuses({ kubeconfig: kubeconfig(), context: 'her' }, /it has no context her - .* - write one of here/);
    await refuses(
      { kubeconfig: kubeconfig('torn', { 'current-context': '' }) },
      /no current context .*--context: here/,
    );
    await refuses({ kubeconfig: kubeconfig('headless', { clusters: [] }) }, /its context here is not whole/);
    const file = join(folder(), 'broken');
    writeFileSync(file, ': [');
    await refuses({ kubeconfig: file }, /it cannot be read: /);
  });
});
