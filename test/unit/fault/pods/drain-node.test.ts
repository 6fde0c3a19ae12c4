import assert from 'node:assert/strict';
import { type DrainUndo, drainNode } from '../../../../src/fault/pods/drain-node.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(change: Partial<ReturnType<typeof handMadeCluster>> = {}) {
  const world = Object.assign(handMadeCluster(), { arePods: true, ...change });
  const { undo, nodes } = await drainNode.resolve({ node: 'taskmanager', duration: 5000 }, world.context());
  return { world, nodes, undo: JSON.parse(JSON.stringify(undo)) as DrainUndo };
}

describe('drainNode', () => {
  it('cordons the machine and evicts all pods of the cluster on it; lifts its own cordon and sees them back', async () => {
    const { world, undo, nodes } = await chosen();
    assert.deepEqual(
      nodes.map(({ node }) => node),
      ['jobmanager-2', 'taskmanager-2'],
    );
    const { evidence } = await drainNode.inject(undo, world.context());
    assert.deepEqual(world.log, ['cordon machine-2', 'evict jobmanager-2', 'evict taskmanager-2']);
    assert.equal(evidence[0], 'machine-2 is cordoned');
    assert.equal(evidence.length, 3);
    assert.deepEqual(await drainNode.confirm?.(undo, world.context()), ['machine-2 is cordoned, after 5.00 s']);
    world.onStart = (node) => {
      if (node === 'jobmanager-2') world.contenders.push('0x9');
      else world.heartbeats['taskmanager-2'] = world.clock.wall() + 1;
    };
    const healed = await drainNode.heal(undo, world.context());
    assert.match(
      healed.evidence.join('; '),
      /^nobody keeps pods away from machine-2; jobmanager-2 runs as .*taskmanager-2 is registered/,
    );
    assert.equal(world.cordons.size, 0);
  });

  it('waits for a budget of disruptions', async () => {
    const { world, undo } = await chosen({ budget: 3 });
    await drainNode.inject(undo, world.context());
    assert.equal(world.running.has('taskmanager-2'), false);
  });

  it('is not effective where a budget is against it for long, and lifts its cordon', async () => {
    const { world, undo } = await chosen({ budget: 1e6 });
    await assert.rejects(
      drainNode.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /its pod could not be evicted/),
    );
    await drainNode.heal(undo, world.context());
    assert.equal(world.cordons.size, 0);
  });

  it('leaves a machine alone that somebody else has cordoned', async () => {
    const cordons = new Map([['machine-2', 'an operator']]);
    await assert.rejects(chosen({ cordons }), hasCode('FAULT_INJECT', /is cordoned already, by an operator/));
  });

  it('leaves the cordon of somebody else that came meanwhile, and says so', async () => {
    const { world, undo } = await chosen();
    world.cordons.set('machine-2', 'an operator');
    await assert.rejects(drainNode.inject(undo, world.context()), hasCode('FAULT_NOT_EFFECTIVE', /by somebody else/));
    const { evidence } = await drainNode.heal(undo, world.context());
    assert.equal(evidence[0], 'machine-2 takes no pods by the will of an operator');
    assert.equal(world.cordons.get('machine-2'), 'an operator');
  });
});
