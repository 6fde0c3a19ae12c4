import assert from 'node:assert/strict';
import { type NameFailureUndo, nameFailure } from '../../../../src/fault/names/name-failure.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen() {
  const world = handMadeCluster();
  const { undo } = await nameFailure.resolve({ duration: 5000 }, world.context());
  return { world, undo: JSON.parse(JSON.stringify(undo)) as NameFailureUndo };
}

describe('nameFailure', () => {
  it('makes every name unknown to Flink, and known again', async () => {
    const { world, undo } = await chosen();
    const who = 'jobmanager-1, jobmanager-2, taskmanager-1, taskmanager-2';
    const unknown = `${who} find no address of ${who}, zookeeper-1`;
    assert.deepEqual((await nameFailure.inject(undo, world.context())).evidence, [unknown]);
    assert.deepEqual(await nameFailure.confirm?.(undo, world.context()), [`${unknown}, after 5.00 s`]);
    const { evidence } = await nameFailure.heal(undo, world.context());
    assert.deepEqual(evidence, [`${who} find the address of ${who}, zookeeper-1`]);
    assert.equal(world.known, true);
  });

  it('is not healed while a name is unknown', async () => {
    const { world, undo } = await chosen();
    await nameFailure.inject(undo, world.context());
    world.stuck = true;
    await assert.rejects(
      nameFailure.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /the names did not come about/),
    );
  });

  it('needs nodes that find each other by name', async () => {
    const world = handMadeCluster();
    const context = { ...world.context(), cluster: { ...world.cluster, names: undefined } };
    await assert.rejects(
      nameFailure.resolve({ duration: 5000 }, context),
      hasCode('CAPABILITY_MISSING', /do not know each other by name.*set cluster\.names to true/),
    );
  });
});
