import assert from 'node:assert/strict';
import { type ReadOnlyUndo, readOnly } from '../../../../src/fault/disk/read-only.js';
import type { DiskSelector } from '../../../../src/fault/schema/disk.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const DURATION = 5000;

async function injected(disk: DiskSelector) {
  const world = handMadeCluster();
  const { nodes, undo: chosen } = await readOnly.resolve({ disk, duration: DURATION }, world.context());
  // Whoever heals may know nothing but what the ledger holds.
  const undo = JSON.parse(JSON.stringify(chosen)) as ReadOnlyUndo;
  return { world, nodes, undo, proof: await readOnly.inject(undo, world.context()) };
}

describe('readOnly', () => {
  it('makes the disk refuse new files, and proves it by trying', async () => {
    const { world, nodes, undo, proof } = await injected('broker');
    assert.deepEqual(nodes, [{ node: 'broker-1', pid: 105 }]);
    assert.deepEqual(world.log, ['lock broker-1']);
    assert.deepEqual(proof.evidence, ['broker-1 takes no new file: EROFS']);
    assert.equal(readOnly.hold?.(undo), DURATION);
    assert.deepEqual(await readOnly.confirm?.(undo, world.context()), [
      'broker-1 takes no new file: EROFS, after 5.00 s',
    ]);
  });

  it('makes the disk of checkpoints writable again, and proves it by trying', async () => {
    const { world, undo } = await injected('storage');
    const { evidence } = await readOnly.heal(undo, world.context());
    assert.deepEqual(evidence, ['storage takes new files']);
    assert.deepEqual([...world.readOnly], []);
  });

  it('starts again who has ended of it', async () => {
    const { world, undo } = await injected('broker');
    world.end('broker-1');
    assert.match(
      (await readOnly.heal(undo, world.context())).evidence.join(),
      /broker-1 ended.*broker-1 runs as process/,
    );
  });

  it('is not healed while it still refuses', async () => {
    const { world, undo } = await injected('storage');
    world.stuck = true;
    await assert.rejects(
      readOnly.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /still takes no new file: EROFS - storage/),
    );
  });
});
