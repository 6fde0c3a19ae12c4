import assert from 'node:assert/strict';
import { type FillUndo, fill } from '../../../../src/fault/disk/fill.js';
import type { DiskSelector } from '../../../../src/fault/schema/disk.js';
import { type HandMadeCluster, handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const DURATION = 5000;

async function resolved(disk: DiskSelector, world: HandMadeCluster = handMadeCluster()) {
  const { nodes, undo } = await fill.resolve({ disk, duration: DURATION }, world.context());
  // Whoever heals may know nothing but what the ledger holds.
  return { world, nodes, undo: JSON.parse(JSON.stringify(undo)) as FillUndo };
}

async function injected(disk: DiskSelector, world?: HandMadeCluster) {
  const made = await resolved(disk, world);
  return { ...made, proof: await fill.inject(made.undo, made.world.context()) };
}

describe('fill', () => {
  it('fills the disk of the node that is meant, and proves it by what is free', async () => {
    const { world, nodes, undo, proof } = await injected('broker');
    assert.deepEqual(nodes, [{ node: 'broker-1', pid: 105 }]);
    assert.deepEqual(world.log, ['fill broker-1']);
    assert.match(proof.evidence.join(), /broker-1 has 0 bytes free: the filling holds/);
    assert.equal(fill.hold?.(undo), DURATION);
  });

  it('fills every disk of a role, and the one that all share', async () => {
    const { undo } = await injected('taskmanager.all');
    assert.deepEqual(undo.disks, ['taskmanager-1', 'taskmanager-2']);
    const shared = await injected('storage');
    assert.deepEqual([shared.undo.disks, shared.undo.victims], [['storage'], []]);
    assert.deepEqual(shared.world.log, ['fill storage']);
  });

  it('is refused by a target whose nodes have no disk of their own', async () => {
    const world = handMadeCluster();
    const { disks: _, ...cluster } = world.cluster;
    await assert.rejects(
      fill.resolve({ disk: 'broker', duration: DURATION }, { ...world.context(), cluster }),
      hasCode('CAPABILITY_MISSING'),
    );
  });

  it('is filled again when something was freed', async () => {
    const { world, undo } = await injected('broker');
    world.free = 300;
    await fill.meanwhile?.act(undo, world.context());
    assert.equal(world.free, 0);
    assert.match((await fill.confirm?.(undo, world.context()))?.join() ?? '', /has 0 bytes free.*after 5\.00 s/);
  });

  it('is not effective where room is left, or where the filling has gone', async () => {
    const { world, undo } = await injected('broker');
    world.free = 1_000_000;
    await assert.rejects(
      fill.confirm?.(undo, world.context()) ?? Promise.resolve(),
      hasCode('FAULT_NOT_EFFECTIVE', /1000000 bytes are still free/),
    );
    world.fillings.clear();
    await assert.rejects(
      fill.confirm?.(undo, world.context()) ?? Promise.resolve(),
      hasCode('FAULT_NOT_EFFECTIVE', /the filling is gone/),
    );
  });

  describe('healing', () => {
    it('takes the filling away, and starts again who ended of it', async () => {
      const world = handMadeCluster();
      world.onFill = () => world.end('broker-1');
      const { undo } = await injected('broker', world);
      const { evidence } = await fill.heal(undo, world.context());
      assert.deepEqual([...world.fillings], []);
      assert.match(
        evidence.join('; '),
        /nothing of the filling is left on broker-1; process 105 of broker-1 ended; broker-1 runs as process 107; broker-1 serves/,
      );
    });

    it('leaves a node that runs, and can be repeated', async () => {
      const { world, undo } = await injected('broker');
      await fill.heal(undo, world.context());
      const { evidence } = await fill.heal(undo, world.context());
      assert.match(evidence.join('; '), /nothing of the filling is left on broker-1; broker-1 serves/);
      assert.equal(world.running.get('broker-1')?.pid, 105);
    });

    it('fails with what remains when the filling stays', async () => {
      const { world, undo } = await injected('storage');
      world.stuck = true;
      await assert.rejects(
        fill.heal(undo, world.context()),
        hasCode('HEAL_FAILED', /filling is still there - storage/),
      );
    });
  });
});
