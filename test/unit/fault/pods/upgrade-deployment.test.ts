import assert from 'node:assert/strict';
import { type UpgradeUndo, upgradeDeployment } from '../../../../src/fault/pods/upgrade-deployment.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(change: (world: ReturnType<typeof handMadeCluster>) => void = () => {}) {
  const world = Object.assign(handMadeCluster(), { arePods: true });
  // A cluster in pods has none of the others.
  for (const node of ['zookeeper-1', 'broker-1', 'gateway']) world.end(node);
  change(world);
  const { undo, nodes } = await upgradeDeployment.resolve({ mode: 'last-state', expect: 'completed' }, world.context());
  const held = new Promise<void>(() => {});
  return {
    world,
    nodes,
    undo: JSON.parse(JSON.stringify(undo)) as UpgradeUndo,
    outcome: async () => upgradeDeployment.outcome?.(undo, world.context(), held),
  };
}

describe('upgradeDeployment', () => {
  it('asks for another restart in its mode, and is proven by what the operator says of itself', async () => {
    const { world, undo, nodes } = await chosen();
    assert.deepEqual(
      nodes.map(({ node }) => node),
      ['jobmanager-1', 'jobmanager-2', 'taskmanager-1', 'taskmanager-2'],
    );
    const { evidence } = await upgradeDeployment.inject(undo, world.context());
    assert.deepEqual(world.log, ['restart 1 last-state']);
    assert.deepEqual(evidence, ['the operator calls it UPGRADING, after restart 1 (last-state)']);
  });

  it('is not proven by what the operator says of an earlier change', async () => {
    const { world, undo } = await chosen();
    const { deployment } = world.cluster;
    assert.ok(deployment);
    deployment.ask = async () => void Object.assign(world.operator, { lifecycle: 'DEPLOYED' });
    await assert.rejects(
      upgradeDeployment.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /was asked for it, and an upgrade did not come about within 180000 ms/),
    );
  });

  it('has ended when the operator calls it stable, and has carried out what was asked for', async () => {
    const { world, undo, outcome } = await chosen();
    await upgradeDeployment.inject(undo, world.context());
    world.clock.plan(world.clock.passed() + 5_000, () =>
      Object.assign(world.operator, { lifecycle: 'STABLE', current: false }),
    );
    world.clock.plan(world.clock.passed() + 9_000, () => Object.assign(world.operator, { current: true }));
    const began = world.clock.mono();
    const ended = await outcome();
    assert.equal(ended?.state, 'completed');
    assert.ok(world.clock.mono() - began >= 9_000);
  });

  it('has failed where the operator gives it up', async () => {
    const { world, undo, outcome } = await chosen();
    await upgradeDeployment.inject(undo, world.context());
    world.operator.lifecycle = 'ROLLED_BACK';
    assert.deepEqual((await outcome())?.text, 'the operator calls it ROLLED_BACK');
  });

  it('asks for the mode of before, without another restart, and sees every node take its part', async () => {
    const { world, undo } = await chosen();
    await upgradeDeployment.inject(undo, world.context());
    world.clock.plan(world.clock.passed() + 3_000, () =>
      Object.assign(world.operator, { lifecycle: 'STABLE', done: 1 }),
    );
    world.contenders = ['0x8', '0x9'];
    const heartbeat = world.clock.wall() + 10_000;
    world.heartbeats = { 'taskmanager-1': heartbeat, 'taskmanager-2': heartbeat };
    const { evidence } = await upgradeDeployment.heal(undo, world.context());
    assert.deepEqual(evidence.slice(0, 2), [
      'the operator calls it STABLE, after restart 1',
      'its upgrade mode is savepoint again',
    ]);
    assert.equal(evidence.length, 10);
    assert.deepEqual(world.operator.asked, { nonce: 1, mode: 'savepoint' });
  });

  it('leaves nodes that are away to what has taken them away', async () => {
    const { nodes } = await chosen((world) => world.end('jobmanager-1'));
    assert.deepEqual(
      nodes.map(({ node }) => node),
      ['jobmanager-2', 'taskmanager-1', 'taskmanager-2'],
    );
  });

  it('is not healed while the operator is at it, and leaves the mode that somebody else has asked for', async () => {
    const { world, undo } = await chosen();
    await upgradeDeployment.inject(undo, world.context());
    await assert.rejects(
      upgradeDeployment.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /an operator that is content did not come about/),
    );
    Object.assign(world.operator, { lifecycle: 'STABLE', done: 1, asked: { nonce: 1, mode: 'stateless' } });
    world.contenders = ['0x8', '0x9'];
    const heartbeat = world.clock.wall() + 10_000;
    world.heartbeats = { 'taskmanager-1': heartbeat, 'taskmanager-2': heartbeat };
    await upgradeDeployment.heal(undo, world.context());
    assert.deepEqual(world.operator.asked, { nonce: 1, mode: 'stateless' });
  });

  it('heals nothing that was never asked for', async () => {
    const { world, undo } = await chosen();
    assert.deepEqual((await upgradeDeployment.heal(undo, world.context())).evidence, ['no restart was asked for']);
    assert.deepEqual(world.log, []);
  });

  it('is refused while the operator is not content, and where there is none', async () => {
    await assert.rejects(
      chosen((world) => Object.assign(world.operator, { lifecycle: 'DEPLOYED' })),
      hasCode('FAULT_INJECT', /calls it DEPLOYED/),
    );
    await assert.rejects(
      chosen((world) => Object.assign(world, { arePods: false })),
      hasCode('CAPABILITY_MISSING', /no operator/),
    );
  });
});
