import assert from 'node:assert/strict';
import type { CoreV1Api, V1ConfigMap } from '@kubernetes/client-node';
import type { CallOptions, Kubernetes } from '../../../src/client/kubernetes/connection.js';
import { LEASE } from '../../../src/client/kubernetes/lease.js';
import { openStoredMaps } from '../../../src/client/kubernetes/stored-maps.js';
import { FlinchError } from '../../../src/core/error.js';
import { handClock } from '../../support/hand-clock.js';
import { hasCode } from '../../support/has-code.js';

const JOB = '7f'.repeat(16);
const [CLUSTER, OF_JOB] = ['orders-cluster-config-map', `orders-${JOB}-config-map`];
const { signal } = new AbortController();

/** An API server with the ConfigMaps of a cluster and of somebody else, that refuses what is based on an old version. */
function server() {
  const refuse = (code: number) => {
    throw new FlinchError('KUBERNETES', { what: `it answered ${code}`, cause: { code } });
  };
  const maps = new Map<string, V1ConfigMap>();
  let version = 1;
  const put = (name: string, body: V1ConfigMap) =>
    maps.set(name, { ...body, metadata: { ...body.metadata, name, resourceVersion: String(version++) } });
  put(CLUSTER, { metadata: { uid: 'u1', annotations: { [LEASE]: '{}', other: 'kept' } }, data: { a: '1', b: '2' } });
  put(OF_JOB, { metadata: { uid: 'u2', labels: { app: 'orders' } }, data: { counter: '5' } });
  put('orders-settings', { metadata: { uid: 'u3' }, data: { mine: 'not Flink’s' } });
  const world = { maps, put, beforeWrite: () => {} };
  const core = {
    listNamespacedConfigMap: async () => ({ items: [...maps.values()] }),
    readNamespacedConfigMap: async ({ name }: { name: string }) => maps.get(name) ?? refuse(404),
    async replaceNamespacedConfigMap({ name, body }: { name: string; body: V1ConfigMap }) {
      world.beforeWrite();
      const now = maps.get(name) ?? refuse(404);
      if (now?.metadata?.resourceVersion !== body.metadata?.resourceVersion) refuse(409);
      put(name, body);
    },
    async deleteNamespacedConfigMap({
      name,
      body,
    }: {
      name: string;
      body: { preconditions: { resourceVersion: string } };
    }) {
      world.beforeWrite();
      const now = maps.get(name) ?? refuse(404);
      if (now?.metadata?.resourceVersion !== body.preconditions.resourceVersion) refuse(409);
      maps.delete(name);
    },
    async createNamespacedConfigMap({ body }: { body: V1ConfigMap }) {
      const name = body.metadata?.name ?? '';
      if (maps.has(name)) refuse(409);
      put(name, body);
    },
  } as unknown as CoreV1Api;
  const kubernetes: Kubernetes = {
    namespace: 'flink',
    server: 'https://here',
    call: async (_, work) => work(core, {} as CallOptions),
    watchConfigMap: () => () => {},
  };
  return { world, maps: openStoredMaps(kubernetes, 'orders', handClock()) };
}

describe('ConfigMaps of the high availability', () => {
  it('are those of the cluster and its jobs, and nobody else’s', async () => {
    const { maps } = server();
    const names = async (kind: 'cluster' | 'job') => (await maps.find(kind, signal)).map(({ name }) => name);
    assert.deepEqual([await names('cluster'), await names('job')], [[CLUSTER], [OF_JOB]]);
    assert.equal(await maps.read('orders-none', signal), undefined);
  });

  it('are changed key by key, with all else as it is', async () => {
    const { world, maps } = server();
    assert.equal(await maps.edit(CLUSTER, () => ({ data: { a: null, c: '3' }, lease: '{"x":1}' }), signal), true);
    const { data, metadata } = world.maps.get(CLUSTER) ?? assert.fail();
    assert.deepEqual(data, { b: '2', c: '3' });
    assert.deepEqual(metadata?.annotations, { [LEASE]: '{"x":1}', other: 'kept' });
  });

  it('are changed as they are by then, however often somebody else is faster', async () => {
    const { world, maps } = server();
    let left = 5;
    world.beforeWrite = () => {
      if (left-- > 0) world.put(OF_JOB, { metadata: { uid: 'u2' }, data: { counter: String(10 - left) } });
    };
    await maps.edit(OF_JOB, ({ data }) => ({ data: { counter: `${data.counter}!` } }), signal);
    assert.equal(world.maps.get(OF_JOB)?.data?.counter, '10!');
    world.beforeWrite = () => world.put(OF_JOB, { metadata: { uid: 'u2' }, data: {} });
    await assert.rejects(
      maps.edit(OF_JOB, () => ({ data: {} }), signal),
      hasCode('KUBERNETES', /somebody else wrote it 20 times/),
    );
  });

  it('are left alone where there is nothing to change, and where there are none', async () => {
    const { world, maps } = server();
    world.beforeWrite = () => assert.fail('a write');
    assert.equal(await maps.edit(OF_JOB, () => undefined, signal), true);
    assert.equal(await maps.edit('orders-none', () => ({ data: { a: '1' } }), signal), false);
  });

  it('are removed only as they were seen', async () => {
    const { world, maps } = server();
    const [seen] = await maps.find('job', signal);
    assert.ok(seen);
    world.put(OF_JOB, { metadata: { uid: 'u2' }, data: { counter: '6' } });
    assert.equal(await maps.remove(seen, signal), false);
    const now = (await maps.read(OF_JOB, signal)) ?? assert.fail();
    assert.equal(await maps.remove(now, signal), true);
    assert.equal(await maps.remove(now, signal), false);
  });

  it('are made once more with labels, owners and data, and never over one that is there', async () => {
    const { world, maps } = server();
    const was = (await maps.read(OF_JOB, signal)) ?? assert.fail();
    assert.equal(await maps.create(was, signal), false);
    world.maps.delete(OF_JOB);
    assert.equal(await maps.create(was, signal), true);
    const { uid, version, ...now } = (await maps.read(OF_JOB, signal)) ?? assert.fail();
    assert.deepEqual(now, { name: OF_JOB, job: JOB, labels: was.labels, annotations: {}, owners: [], data: was.data });
    assert.notEqual(version, was.version);
    assert.notEqual(uid, was.uid);
  });
});
