import assert from 'node:assert/strict';
import { CoordinationV1Api, KubeConfig } from '@kubernetes/client-node';
import { systemClock } from '../../src/core/clock.js';
import { takeClusterLock } from '../../src/target/kubernetes/index.js';
import { hasCode } from '../support/has-code.js';
import { needsKubernetes } from '../support/kubernetes/binary.js';
import { type ControlPlane, startControlPlane } from '../support/kubernetes/control-plane.js';

describe('the lock of a cluster, on a real API server', () => {
  let plane: ControlPlane;
  let leases: CoordinationV1Api;
  const said: string[] = [];
  const lock = (home: string) => {
    const place = {
      kubeconfig: plane.kubeconfig,
      namespace: 'default',
      cluster: 'orders',
      restPort: 8081,
      brokers: [],
    };
    return takeClusterLock(
      { ...place, reach: 'auto' },
      { home, clock: systemClock, say: (line) => void said.push(line) },
    );
  };
  const there = async () =>
    (await leases.listNamespacedLease({ namespace: 'default' })).items.map(({ metadata }) => metadata?.name);

  before(async function () {
    await needsKubernetes(this);
    plane = await startControlPlane();
    const config = new KubeConfig();
    config.loadFromFile(plane.kubeconfig);
    leases = config.makeApiClient(CoordinationV1Api);
  });
  after(() => plane?.end());

  it('keeps a second run away while the first one renews it, and is gone with it', async () => {
    const first = await lock('one');
    const [lease] = (await leases.listNamespacedLease({ namespace: 'default' })).items;
    assert.equal(lease?.metadata?.labels?.['flinch/cluster'], 'orders');
    assert.match(String(lease?.spec?.renewTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await assert.rejects(lock('another'), hasCode('CLUSTER_BUSY', /another run goes on/));
    await first.release();
    assert.deepEqual(await there(), []);
  });

  it('is refused to whoever may not take it, and never in the way of healing', async () => {
    const kubeconfig = await plane.kubeconfigOf('nobody');
    const place = {
      kubeconfig,
      namespace: 'default',
      cluster: 'orders',
      restPort: 8081,
      brokers: [],
      reach: 'auto',
    } as const;
    const told: string[] = [];
    const how = { home: 'one', clock: systemClock, say: (line: string) => void told.push(line) };
    await assert.rejects(takeClusterLock(place, how), hasCode('KUBERNETES', /403/));
    await (await takeClusterLock(place, { ...how, unlessForbidden: true })).release();
    assert.match(told.join(), /^without a lock: reading the lock: it answered 403/);
  });

  it('keeps what was written on it for whoever comes next, and is gone once nothing is', async () => {
    const first = await lock('one');
    await first.note('a machine is cordoned');
    // It is renewed meanwhile, by the same process.
    await systemClock.sleep(6_000);
    await first.release();
    assert.deepEqual(await there(), ['flinch-orders']);
    const second = await lock('another');
    assert.equal(second.left, 'a machine is cordoned');
    await Promise.all(['b', 'c', undefined].map((text) => second.note(text)));
    await second.note(undefined);
    await second.release();
    assert.deepEqual(await there(), []);
  });

  it('is taken from a run that is dead: at once in its own home, after a while in another', async () => {
    const body = (await leases.listNamespacedLease({ namespace: 'default' })).items[0];
    assert.equal(body, undefined);
    const dead = await lock('one');
    const left = await leases.readNamespacedLease({ namespace: 'default', name: 'flinch-orders' });
    await dead.release();
    const leave = () =>
      leases.createNamespacedLease({
        namespace: 'default',
        body: { metadata: { name: 'flinch-orders' }, spec: { ...left.spec } },
      });
    await leave();
    const began = systemClock.mono();
    await (await lock('one')).release();
    assert.ok(systemClock.mono() - began < 5_000);
    await leave();
    const other = systemClock.mono();
    await (await lock('another')).release();
    assert.ok(systemClock.mono() - other >= 20_000);
    assert.equal(said.length, 2);
    assert.deepEqual(await there(), []);
  });
});
