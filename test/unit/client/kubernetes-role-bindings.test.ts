import assert from 'node:assert/strict';
import type { RbacAuthorizationV1Api, V1RoleBinding } from '@kubernetes/client-node';
import type { CallOptions, KubernetesPods } from '../../../src/client/kubernetes/connection.js';
import { openRoleBindings, type Subject } from '../../../src/client/kubernetes/role-bindings.js';
import { FlinchError } from '../../../src/core/error.js';

const [OURS, OTHER, THIRD]: Subject[] = [
  { kind: 'ServiceAccount', name: 'orders', namespace: 'flink' },
  { kind: 'ServiceAccount', name: 'orders', namespace: 'elsewhere' },
  { kind: 'User', name: 'ann' },
] as const;

/** An API server that refuses what is based on an old version. */
function server(subjects: readonly Subject[]) {
  const refuse = (code: number): never => {
    throw new FlinchError('KUBERNETES', { what: `it answered ${code}`, cause: { code } });
  };
  let version = 1;
  const all = new Map<string, V1RoleBinding>();
  const put = (name: string, { metadata, ...rest }: V1RoleBinding) =>
    all.set(name, { ...rest, metadata: { uid: 'u1', ...metadata, name, resourceVersion: String(version++) } });
  const roleRef = { apiGroup: 'rbac', kind: 'Role', name: 'leaders' };
  put('leaders', { roleRef, subjects: [...subjects] });
  put('others', { roleRef, subjects: [OTHER as Subject] });
  put('nobodys', { roleRef });
  const world = { all, put, beforeWrite: () => {} };
  const api = {
    listNamespacedRoleBinding: async () => ({ items: [...all.values()] }),
    readNamespacedRoleBinding: async ({ name }: { name: string }) => all.get(name) ?? refuse(404),
    async replaceNamespacedRoleBinding({ name, body, dryRun }: { name: string; body: V1RoleBinding; dryRun?: string }) {
      world.beforeWrite();
      const now = all.get(name) ?? refuse(404);
      if (now.metadata?.resourceVersion !== body.metadata?.resourceVersion) refuse(409);
      if (dryRun === undefined) put(name, body);
    },
  } as unknown as RbacAuthorizationV1Api;
  const kubernetes = {
    namespace: 'flink',
    rbac: async (_: string, work: (rbac: RbacAuthorizationV1Api, options: CallOptions) => unknown) =>
      work(api, {} as CallOptions),
  } as unknown as KubernetesPods;
  const of = (name = 'leaders') => all.get(name) ?? assert.fail();
  return { world, of, bindings: openRoleBindings(kubernetes), subjects: () => of().subjects };
}

async function found(subjects: readonly Subject[] = [OTHER, OURS, THIRD] as Subject[]) {
  const made = server(subjects);
  const [binding = assert.fail(), ...more] = await made.bindings.naming('orders');
  assert.deepEqual(more, []);
  return { ...made, binding: JSON.parse(JSON.stringify(binding)) as typeof binding };
}

describe('RoleBindings that name an account', () => {
  it('are found by the account, its namespace and its name as a user', async () => {
    const { binding } = await found([
      THIRD,
      OURS,
      { kind: 'User', name: 'system:serviceaccount:flink:orders' },
    ] as Subject[]);
    assert.deepEqual(
      [binding.name, binding.role, binding.named.map(({ at }) => at)],
      ['leaders', 'Role leaders', [1, 2]],
    );
  });

  it('lose it and nothing else, and get it back where it was', async () => {
    const { bindings, binding, subjects, of } = await found();
    const before = structuredClone(of());
    await bindings.takeOut(binding, 'me');
    assert.deepEqual(subjects(), [OTHER, THIRD]);
    assert.equal(await bindings.outBy(binding), 'me');
    await bindings.putBack(binding, 'me');
    const { resourceVersion, annotations, ...metadata } = of().metadata ?? {};
    assert.deepEqual({ ...of(), metadata: { ...metadata, resourceVersion: '1' } }, before);
    assert.deepEqual([resourceVersion, annotations], ['5', {}]);
    assert.equal(await bindings.outBy(binding), undefined);
  });

  it('are as they were after a try', async () => {
    const { bindings, binding, of } = await found();
    const before = structuredClone(of());
    await bindings.tryOut(binding);
    assert.deepEqual(of(), before);
  });

  it('keep what somebody else has written meanwhile', async () => {
    const { world, bindings, binding, subjects, of } = await found();
    const ben: Subject = { kind: 'User', name: 'ben' };
    await bindings.takeOut(binding, 'me');
    world.beforeWrite = () => {
      world.beforeWrite = () => {};
      world.put('leaders', { ...of(), subjects: [ben] });
    };
    await bindings.putBack(binding, 'me');
    assert.deepEqual(subjects(), [ben, OURS]);
  });

  it('are left alone where somebody else has put it back, taken it out, or made them anew', async () => {
    const { world, bindings, binding, subjects, of } = await found();
    await bindings.takeOut(binding, 'me');
    world.put('leaders', { ...of(), subjects: [OURS as Subject] });
    assert.equal(await bindings.outBy(binding), undefined);
    await bindings.putBack(binding, 'me');
    assert.deepEqual(subjects(), [OURS]);

    world.put('leaders', { ...of(), subjects: [] });
    assert.equal(await bindings.outBy(binding), 'somebody else');
    await bindings.putBack(binding, 'me');
    assert.deepEqual(subjects(), []);

    world.put('leaders', { ...of(), metadata: { uid: 'u2' }, subjects: [OURS as Subject] });
    await bindings.takeOut(binding, 'me');
    assert.deepEqual(subjects(), [OURS]);
    world.all.delete('leaders');
    await bindings.putBack(binding, 'me');
    assert.equal(await bindings.outBy(binding), 'somebody else');
  });

  it('that somebody has taken it out of are not taken over', async () => {
    const { bindings, binding } = await found();
    await bindings.takeOut(binding, 'another run');
    await bindings.takeOut(binding, 'me');
    assert.equal(await bindings.outBy(binding), 'another run');
  });
});
