import assert from 'node:assert/strict';
import { type RevokeUndo, revokeAccess } from '../../../../src/fault/pods/revoke-access.js';
import { type HandMadeCluster, handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const onPods = (): HandMadeCluster => Object.assign(handMadeCluster(), { arePods: true });

async function chosen(world = onPods()) {
  const resolved = await revokeAccess.resolve({ duration: 5000 }, world.context());
  return { world, resolved, undo: JSON.parse(JSON.stringify(resolved.undo)) as RevokeUndo };
}

describe('revokeAccess', () => {
  it('takes the account of all JobManagers out of what names it, and hears that it may do nothing any more', async () => {
    const { world, resolved, undo } = await chosen();
    assert.deepEqual(
      resolved.nodes.map(({ node }) => node),
      ['jobmanager-1', 'jobmanager-2'],
    );
    assert.match(resolved.evidence.join(), /account orders may get, watch, update ConfigMaps by RoleBinding leaders/);
    const { evidence } = await revokeAccess.inject(undo, world.context());
    assert.deepEqual(world.log, ['take out of leaders', 'take out of more']);
    assert.deepEqual(evidence, [
      'no RoleBinding names account orders',
      'the API server says that it may not get, watch, update ConfigMaps',
    ]);
    assert.deepEqual(await revokeAccess.confirm?.(undo, world.context()), [
      'no RoleBinding names account orders, after 5.00 s',
    ]);
  });

  it('puts it back, and sees the lease renewed twice', async () => {
    const { world, undo } = await chosen();
    await revokeAccess.inject(undo, world.context());
    const { evidence } = await revokeAccess.heal(undo, world.context());
    assert.equal(world.bindings.size, 0);
    assert.match(
      evidence.join('; '),
      /^RoleBinding leaders names it again; RoleBinding more names it again; .* may get, .*; jm-1 holds the lease, and has renewed it twice; 2 contenders/,
    );
  });

  it('is not effective while the API server still says yes', async () => {
    const { world, undo } = await chosen();
    world.allowedBy.account = 'a cache';
    await assert.rejects(
      revokeAccess.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /an API server that says so of what account orders may do/),
    );
    world.allowedBy.account = '';
    await revokeAccess.heal(undo, world.context());
    assert.equal(world.bindings.size, 0);
  });

  it('is not confirmed when somebody allows it in another way meanwhile', async () => {
    const { world, undo } = await chosen();
    await revokeAccess.inject(undo, world.context());
    world.allowedBy.account = 'RBAC: allowed by ClusterRoleBinding "all"';
    await assert.rejects(
      async () => revokeAccess.confirm?.(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /it may get, .* ConfigMaps again, before its time/),
    );
  });

  it('leaves what somebody else has taken out, and is not healed as long as that is missing', async () => {
    const { world, undo } = await chosen();
    await revokeAccess.inject(undo, world.context());
    world.bindings.set('leaders', 'the admin').set('more', 'the admin');
    await assert.rejects(
      revokeAccess.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /do not have what they had: .*add it to the subjects of RoleBinding leaders, more/),
    );
    assert.deepEqual([...world.bindings.values()], ['the admin', 'the admin']);
  });

  it('heals what died before it came about', async () => {
    const { world, undo } = await chosen();
    const { evidence } = await revokeAccess.heal(undo, world.context());
    assert.equal(evidence[0], 'RoleBinding leaders names it again');
  });

  it('touches nothing where it could not be put back', async () => {
    const world = Object.assign(onPods(), { forbidden: 'it answered 403' });
    await assert.rejects(
      chosen(world),
      hasCode('FAULT_INJECT', /it may not be changed: it answered 403 .*bind of Role orders.*--role-bindings leaders$/),
    );
    assert.deepEqual(world.log, []);
  });

  for (const [by, what] of [
    [
      { account: 'RBAC: allowed by ClusterRoleBinding "all"' },
      /something else than a RoleBinding .*ClusterRoleBinding "all"/,
    ],
    [{ any: 'RBAC: allowed by RoleBinding "all/flink"' }, /every account of the namespace may get ConfigMaps/],
  ] as const) {
    it(`is refused where more than RoleBindings of its own allow it: ${Object.keys(by)}`, async () => {
      const world = onPods();
      Object.assign(world.allowedBy, by);
      await assert.rejects(chosen(world), hasCode('GUARD', what));
      assert.deepEqual(world.log, []);
    });
  }

  it('has nothing to take away where the account may do nothing', async () => {
    const world = onPods();
    world.bindings.set('leaders', 'x').set('more', 'x');
    await assert.rejects(chosen(world), hasCode('FAULT_INJECT', /it may do nothing to ConfigMaps already/));
  });
});
