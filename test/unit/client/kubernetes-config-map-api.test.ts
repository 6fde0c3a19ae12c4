import assert from 'node:assert/strict';
import { openKubernetes } from '../../../src/client/kubernetes/connection.js';
import { LEASE } from '../../../src/client/kubernetes/lease.js';
import { openLeaseStore } from '../../../src/client/kubernetes/lease-store.js';
import { openStoredMaps } from '../../../src/client/kubernetes/stored-maps.js';
import { systemClock } from '../../../src/core/clock.js';
import { pollUntil } from '../../../src/core/poll.js';
import { hasCode } from '../../support/has-code.js';
import { type ConfigMapApi, startConfigMapApi } from '../../support/kubernetes/config-map-api.js';
import { EXPECTED, exchanges } from '../../support/kubernetes/config-map-contract.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const CLUSTER = 'orders-cluster-config-map';
const KEY = 'org.apache.flink.k8s.leader.restserver';
const SESSION = 'ac4d70f2-c4fb-47fe-ab0c-73f2f01775d0';
const { signal } = new AbortController();
const POLL = { every: 5, within: 5_000, clock: systemClock, signal };

const annotation = (holder: string, renewed: string) =>
  JSON.stringify({
    ...{ holderIdentity: holder, leaseDuration: 15, leaderTransitions: 3 },
    ...{ acquireTime: '2026-11-21T00:00:00.000000Z', renewTime: renewed },
  });
const clusterMap = (holder = 'jm-1', renewed = '2026-11-21T00:00:00.000000Z', more: Record<string, string> = {}) => ({
  metadata: { labels: { app: 'orders' }, annotations: { [LEASE]: annotation(holder, renewed) } },
  data: { [KEY]: `${SESSION},http://10.0.0.1:8081`, ...more },
});

describe('ConfigMaps behind an API server in trouble', function () {
  // Importing the library takes half a second on a busy machine.
  this.timeout(20_000);
  const folder = temporaryFolder();
  let api: ConfigMapApi;
  before(() => import('@kubernetes/client-node'));
  beforeEach(async () => {
    api = await startConfigMapApi(folder());
  });
  afterEach(() => api.close());

  const opened = async () => {
    const kubernetes = await openKubernetes({ kubeconfig: api.kubeconfig, timeoutMs: 500 });
    return {
      maps: openStoredMaps(kubernetes, 'orders', systemClock),
      store: openLeaseStore({ kubernetes, clusterId: 'orders', clock: systemClock }),
    };
  };
  const holder = () => JSON.parse(api.maps.get(CLUSTER)?.metadata?.annotations?.[LEASE] ?? '{}').holderIdentity;

  it('are answered as a real one does', async () => {
    assert.deepEqual(await exchanges(api.kubeconfig, api.namespace), EXPECTED);
  });

  it('are changed in a storm of other writers, of whom nothing is lost', async () => {
    api.write(CLUSTER, clusterMap());
    const { maps } = await opened();
    // Somebody writes between each of our reads and writes.
    let storms = 15;
    api.trouble((request) => {
      if (request.startsWith('PUT') && storms-- > 0)
        api.write(
          CLUSTER,
          clusterMap('jm-1', `2026-11-21T00:00:00.${100000 + storms}Z`, { [`theirs-${storms}`]: '1' }),
        );
      return undefined;
    });
    assert.equal(
      await maps.edit(CLUSTER, ({ data }) => ({ data: { ours: String(Object.keys(data).length) } }), signal),
      true,
    );
    const { data } = api.maps.get(CLUSTER) ?? {};
    assert.deepEqual([data?.ours, data?.['theirs-0']], ['2', '1']);
    assert.equal(api.requests.filter((it) => it.startsWith('PUT')).length, 16);
  });

  it('are given up where somebody else is always faster, and as that one has them', async () => {
    api.write(CLUSTER, clusterMap());
    const { maps } = await opened();
    let count = 0;
    api.trouble((request) => {
      if (request.startsWith('PUT')) api.write(CLUSTER, clusterMap('jm-1', `2026-11-21T00:00:00.${100000 + ++count}Z`));
      return undefined;
    });
    const edit = maps.edit(CLUSTER, () => ({ data: { ours: '1' } }), signal);
    await assert.rejects(edit, hasCode('KUBERNETES', /somebody else wrote it 20 times in a row/));
    assert.equal(api.maps.get(CLUSTER)?.data?.ours, undefined);
    assert.equal(count, 20);
  });

  for (const [trouble, why] of [
    [500, /it answered 500: as the test wants it/],
    [503, /it answered 503/],
    ['hangs', /took longer than 500 ms/],
    ['resets', /ECONNRESET|socket hang up|failed/],
  ] as const) {
    it(`are not changed by halves where the server ${typeof trouble === 'number' ? `answers ${trouble}` : trouble}, and later they are`, async () => {
      api.write(CLUSTER, clusterMap());
      const { maps } = await opened();
      api.trouble((request) => (request.startsWith('PUT') ? trouble : undefined));
      await assert.rejects(maps.lease.take('thief', signal), hasCode('KUBERNETES', why));
      assert.equal(holder(), 'jm-1');
      api.trouble(() => undefined);
      await maps.lease.take('thief', signal);
      assert.equal(holder(), 'thief');
    });
  }

  it('are healed where the answer to what was done is lost: giving a lease back twice is once', async () => {
    api.write(CLUSTER, clusterMap());
    const { maps } = await opened();
    api.trouble((request) => (request.startsWith('PUT') ? 'loses its answer' : undefined));
    await assert.rejects(maps.lease.take('thief', signal), hasCode('KUBERNETES'));
    // It was taken all the same, and whoever heals has to know by reading.
    assert.equal((await maps.lease.held(signal))?.holder, 'thief');
    await assert.rejects(maps.lease.giveBack('thief', signal), hasCode('KUBERNETES'));
    api.trouble(() => undefined);
    await maps.lease.giveBack('thief', signal);
    assert.equal(await maps.lease.held(signal), undefined);
    api.write(CLUSTER, clusterMap('jm-2'));
    await maps.lease.giveBack('thief', signal);
    assert.equal(holder(), 'jm-2');
  });

  it('are put back once, where the answer to that is lost', async () => {
    api.write(CLUSTER, clusterMap('jm-1', '2026-11-21T00:00:00.000000Z', { mine: '1' }));
    const { maps } = await opened();
    const seen = (await maps.read(CLUSTER, signal)) ?? assert.fail();
    api.trouble((request) => (/^(DELETE|POST)/.test(request) ? 'loses its answer' : undefined));
    await assert.rejects(maps.remove(seen, signal), hasCode('KUBERNETES'));
    assert.equal(await maps.read(CLUSTER, signal), undefined);
    await assert.rejects(maps.create(seen, signal), hasCode('KUBERNETES'));
    api.trouble(() => undefined);
    // There is one by now, and what is in it is what was to be.
    assert.equal(await maps.create(seen, signal), false);
    assert.deepEqual((await maps.read(CLUSTER, signal))?.data, seen.data);
    // One that was made anew is not what was seen.
    assert.equal(await maps.remove(seen, signal), false);
  });

  it('tell of the leader again after a watch was dropped, with what changed meanwhile', async () => {
    api.write(CLUSTER, clusterMap());
    const { store } = await opened();
    let told = 0;
    const stop = store.watch(() => {
      told++;
    });
    try {
      await pollUntil('a first word', async () => told > 0 || undefined, POLL);
      const before = told;
      api.dropWatches();
      api.write(CLUSTER, clusterMap('jm-2'));
      await pollUntil('another watch', async () => (api.watches() === 1 && told > before) || undefined, POLL);
      const after = told;
      api.write(CLUSTER, clusterMap('jm-2', '2026-11-21T00:00:05.000000Z'));
      await pollUntil('a word of it', async () => told > after || undefined, POLL);
    } finally {
      stop();
    }
    await pollUntil('the end of the watch', async () => api.watches() === 0 || undefined, POLL);
  });

  it('tell of the leader by looking, where a watch is silent or answers come only now and then', async () => {
    api.write(CLUSTER, clusterMap());
    const { store } = await opened();
    api.muteWatches(true);
    const stop = store.watch(() => {});
    try {
      assert.equal((await store.leader(signal))?.owner, 'jm-1');
      api.trouble((request, nth) => (request.startsWith('GET') && nth % 2 === 1 ? 500 : undefined));
      await assert.rejects(store.leader(signal), hasCode('KUBERNETES', /answered 500/));
      // The holder is another, and its address is not there yet: nobody leads.
      api.write(CLUSTER, clusterMap('jm-2'));
      assert.equal(await store.leader(signal), undefined);
      api.trouble(() => undefined);
      const next = clusterMap('jm-2');
      api.write(CLUSTER, { ...next, data: { [KEY]: `5b${SESSION.slice(2)},http://10.0.0.2:8081` } });
      assert.equal((await store.leader(signal))?.owner, 'jm-2');
    } finally {
      stop();
    }
  });
});
