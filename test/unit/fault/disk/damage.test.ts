import assert from 'node:assert/strict';
import { type DamageUndo, damage } from '../../../../src/fault/disk/damage.js';
import type { DamageOptions } from '../../../../src/fault/schema/disk.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const POINTED_TO = 'ha/flinch/completedCheckpoint1';

async function injected(by: DamageOptions['by'], world = handMadeCluster()) {
  const { undo: chosen, evidence } = await damage.resolve({ file: 'checkpoint', by, duration: 5000 }, world.context());
  // Whoever heals may know nothing but what the ledger holds.
  const undo = JSON.parse(JSON.stringify(chosen)) as DamageUndo;
  return { world, undo, evidence, proof: await damage.inject(undo, world.context()) };
}

describe('damage', () => {
  it('takes the files away that are pointed to, and no others', async () => {
    const { world, undo, evidence, proof } = await injected('delete');
    assert.deepEqual(evidence, [`${POINTED_TO} has 900 bytes`]);
    assert.deepEqual(proof.evidence, [`${POINTED_TO} is not there`]);
    assert.deepEqual(world.files, { 'ha/flinch/submittedJobGraph1': 700 });
    assert.deepEqual(await damage.confirm?.(undo, world.context()), [`${POINTED_TO} is not there, after 5.00 s`]);
  });

  it('empties them', async () => {
    const { world, undo, proof } = await injected('truncate');
    assert.deepEqual(proof.evidence, [`${POINTED_TO} is empty`]);
    // Flink may give it up meanwhile.
    delete world.files[POINTED_TO];
    assert.match((await damage.confirm?.(undo, world.context()))?.join() ?? '', /is not there/);
  });

  for (const by of ['delete', 'truncate'] as const) {
    it(`by ${by} is healed by putting them back, whole`, async () => {
      const { world, undo } = await injected(by);
      assert.deepEqual((await damage.heal(undo, world.context())).evidence, [`${POINTED_TO} is back`]);
      assert.equal(world.files[POINTED_TO], 900);
      assert.equal(world.aside.size, 0);
    });
  }

  it('starts the JobManagers that have ended of it', async () => {
    const { world, undo } = await injected('delete');
    world.end('jobmanager-2');
    world.contenders = ['0x1'];
    world.onStart = () => world.contenders.push('0x3');
    const { evidence } = await damage.heal(undo, world.context());
    assert.match(evidence.join('; '), /is back; process 101 of jobmanager-2 ended; jobmanager-2 runs as process/);
  });

  it('drops them where Flink has given their place up', async () => {
    const { world, undo } = await injected('delete');
    world.placeGone = true;
    assert.match((await damage.heal(undo, world.context())).evidence.join(), /folder of .* is gone/);
    assert.equal(world.aside.size, 0);
  });

  for (const [by, has] of [
    ['delete', 'none'],
    ['truncate', '0'],
  ] as const) {
    it(`by ${by} is not healed while what was put back is not whole`, async () => {
      const { world, undo } = await injected(by);
      world.stuck = true;
      await assert.rejects(
        damage.heal(undo, world.context()),
        hasCode('HEAL_FAILED', new RegExp(`has ${has} of its 900 bytes`)),
      );
    });
  }

  it('may be healed again', async () => {
    const { world, undo } = await injected('delete');
    await damage.heal(undo, world.context());
    delete world.files[POINTED_TO];
    assert.match((await damage.heal(undo, world.context())).evidence.join(), /nothing of .* is set aside/);
  });

  it('is refused where nothing is pointed to', async () => {
    const world = handMadeCluster();
    world.files = {};
    await assert.rejects(injected('delete', world), hasCode('FAULT_INJECT', /no file of a checkpoint/));
  });
});
