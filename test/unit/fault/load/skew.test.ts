import assert from 'node:assert/strict';
import { skew } from '../../../../src/fault/load/skew.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

describe('a skew', () => {
  it('gives one partition most of the records, and all the same again', async () => {
    const world = handMadeCluster();
    const { undo, evidence } = await skew.resolve(
      { share: 90, duration: 5_000 },
      { ...world.context(), pick: () => 2 },
    );
    assert.deepEqual(evidence, ['partition 2 of 4 was chosen by the seed']);
    assert.deepEqual((await skew.inject(undo, world.context())).evidence, ['partition 2 gets 90 % of the records']);
    assert.deepEqual(await skew.confirm?.(undo, world.context()), [
      'partition 2 was to get 90 % of the records to the end',
    ]);
    assert.equal(skew.hold?.(undo), 5_000);
    assert.deepEqual((await skew.heal(undo, world.context())).evidence, ['partition 2 gets 25 % of the records']);
  });

  it('that would be none is refused', async () => {
    await assert.rejects(
      skew.resolve({ share: 25, duration: 5_000 }, handMadeCluster().context()),
      hasCode('FAULT_INJECT', /each of 4 partitions has 25 % of the records as it is/),
    );
  });

  it('of a run that is gone is gone with it', async () => {
    const context = { ...handMadeCluster().context(), load: undefined };
    const { evidence } = await skew.heal({ partition: 0, share: 90, duration: 1 }, context);
    assert.deepEqual(evidence, ['the load was that of a run which is gone']);
  });
});
