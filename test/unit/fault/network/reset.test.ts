import assert from 'node:assert/strict';
import { type ResetUndo, reset } from '../../../../src/fault/network/reset.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(and: 'broker.all' | 'gateway' = 'broker.all') {
  const world = handMadeCluster();
  const resolved = await reset.resolve({ between: ['taskmanager.all'], and: [and] }, world.context());
  const undo = JSON.parse(JSON.stringify(resolved.undo)) as ResetUndo;
  const inject = async () => (await reset.inject(undo, world.context())).evidence.join('; ');
  const heal = async () => (await reset.heal(undo, world.context())).evidence.join('; ');
  return { world, inject, heal };
}

describe('reset', () => {
  it('resets the connections of both sides, no others, and sees them reach each other', async () => {
    const { world, inject, heal } = await chosen();
    assert.equal(
      await inject(),
      '2 connections between taskmanager-1, taskmanager-2 and broker-1 were reset: taskmanager-1 broker-1, taskmanager-2 broker-1',
    );
    assert.deepEqual(world.sockets, ['taskmanager-2 jobmanager-1']);
    assert.equal(await heal(), 'taskmanager-1, taskmanager-2 reach broker-1');
    assert.deepEqual(world.log, ['reset taskmanager-1 broker-1', 'reset taskmanager-2 broker-1']);
  });

  it('is not effective while a connection of before is there', async () => {
    const { world, inject } = await chosen();
    world.deaf = true;
    await assert.rejects(inject(), hasCode('FAULT_NOT_EFFECTIVE', /are still there: taskmanager-1 broker-1, /));
  });

  it('has nothing to befall between nodes that do not talk', async () => {
    const { world, inject } = await chosen('gateway');
    await assert.rejects(inject(), hasCode('FAULT_INJECT', /no connection with gateway.*name nodes that talk/));
    assert.deepEqual(world.log, []);
  });

  it('is not healed while they do not reach each other', async () => {
    const { world, inject, heal } = await chosen();
    await inject();
    world.reachable = false;
    await assert.rejects(heal(), hasCode('HEAL_FAILED', /taskmanager-1 reaching broker-1/));
  });
});
