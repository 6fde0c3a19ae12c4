import assert from 'node:assert/strict';
import { type DeleteOperatorUndo, deleteOperator } from '../../../../src/fault/pods/delete-operator.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen() {
  const world = Object.assign(handMadeCluster(), { arePods: true });
  const { undo, nodes } = await deleteOperator.resolve({ grace: 1_000 }, world.context());
  return { world, nodes, undo: JSON.parse(JSON.stringify(undo)) as DeleteOperatorUndo };
}

describe('deleteOperator', () => {
  it('is there when its pods are gone, and healed when as many others are ready', async () => {
    const { world, nodes, undo } = await chosen();
    assert.deepEqual(nodes, [{ node: 'operator', pod: 'operator-1' }]);
    world.operator.comesBack = false;
    const { evidence } = await deleteOperator.inject(undo, world.context());
    assert.deepEqual([world.log, evidence], [['delete operator-1'], ['pod operator-1 of the operator is gone']]);
    const began = world.clock.mono();
    const other = { name: 'operator-2', uid: 'operator-2', grace: 5_000, ready: false };
    world.operator.pods = [other];
    world.clock.plan(world.clock.passed() + 20_000, () => Object.assign(other, { ready: true }));
    const healed = await deleteOperator.heal(undo, world.context());
    assert.deepEqual(healed.evidence, ['pod operator-2 of the operator is ready']);
    assert.ok(world.clock.mono() - began >= 20_000);
  });

  it('is not, while its pods are there', async () => {
    const { world, undo } = await chosen();
    world.deaf = true;
    await assert.rejects(
      deleteOperator.inject(undo, world.context()),
      hasCode(
        'FAULT_NOT_EFFECTIVE',
        /its pods were deleted, and the end of its pods did not come about within 16000 ms/,
      ),
    );
  });

  it('is not healed while nobody makes others', async () => {
    const { world, undo } = await chosen();
    world.operator.comesBack = false;
    await deleteOperator.inject(undo, world.context());
    await assert.rejects(
      deleteOperator.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /the operator is not back.*namespace operators - see what its Deployment says/s),
    );
  });

  it('is refused where none is ready, and where nobody says where it is', async () => {
    const world = Object.assign(handMadeCluster(), { arePods: true });
    world.operator.pods = [];
    await assert.rejects(
      deleteOperator.resolve({ grace: 1_000 }, world.context()),
      hasCode('FAULT_INJECT', /no pod of the operator is ready in namespace operators.*--operator-namespace/),
    );
    world.arePods = false;
    await assert.rejects(
      deleteOperator.resolve({ grace: 1_000 }, world.context()),
      hasCode('CAPABILITY_MISSING', /nobody knows where the operator of Flink runs.*--operator-namespace/),
    );
  });
});
