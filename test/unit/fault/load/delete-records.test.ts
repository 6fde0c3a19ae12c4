import assert from 'node:assert/strict';
import { deleteRecords } from '../../../../src/fault/load/delete-records.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

describe('deleting records', () => {
  it('is effective when every partition begins where it ended, and leaves nothing to heal', async () => {
    const world = handMadeCluster();
    const { undo, evidence } = await deleteRecords.resolve({ of: 'input' }, world.context());
    assert.deepEqual(evidence, ['the job reads run.input']);
    assert.deepEqual((await deleteRecords.inject(undo, world.context())).evidence, [
      '1600 offsets of run.input are gone; its partitions begin at 0: 500, 1: 500, 2: 500, 3: 500',
    ]);
    assert.equal(deleteRecords.hold?.(undo), 0);
    assert.match((await deleteRecords.heal(undo, world.context())).evidence.join(), /stays so/);
  });

  it('is not effective while one partition still holds some', async () => {
    const world = handMadeCluster();
    const { undo } = await deleteRecords.resolve({ of: 'input' }, world.context());
    const context = world.context();
    assert.ok(context.load);
    const input = {
      ...context.load.input,
      deleteBefore: async (ends: ReadonlyMap<number, number>) => {
        world.load.starts = new Map([...ends, [3, 499]]);
      },
    };
    await assert.rejects(
      deleteRecords.inject(undo, { ...context, load: { ...context.load, input } }),
      hasCode('FAULT_NOT_EFFECTIVE', /records of run\.input were not deleted/),
    );
  });

  it('needs an input that the run writes itself', async () => {
    const context = { ...handMadeCluster().context(), load: undefined };
    await assert.rejects(
      deleteRecords.resolve({ of: 'input' }, context),
      hasCode('FAULT_INJECT', /no load that the run writes itself/),
    );
  });
});
