import assert from 'node:assert/strict';
import { cutCommit } from '../../../../src/fault/network/cut-commit.js';
import { assertUntouched, injected, resolved } from '../../../support/checkpointing-cluster.js';
import { hasCode } from '../../../support/has-code.js';

describe('the end of cutCommit', () => {
  describe('confirming, at its end', () => {
    it('tells that it is still there, and what it has dropped', async () => {
      const { world, undo } = await injected();
      assert.deepEqual(await cutCommit.confirm?.(undo, world.context()), [
        'taskmanager-2 is still cut off from broker-1: 3 packets (300 bytes) were dropped',
      ]);
    });

    it('is not effective when somebody has ended the cut meanwhile', async () => {
      const { world, undo } = await injected();
      world.cuts.clear();
      await assert.rejects(
        async () => cutCommit.confirm?.(undo, world.context()),
        hasCode('FAULT_NOT_EFFECTIVE', /taken away before its time - taskmanager-2/),
      );
    });
  });

  describe('healing', () => {
    it('ends the cut and proves it by a connection', async () => {
      const { world, undo } = await injected();
      const { after, by, evidence } = await cutCommit.heal(undo, world.context());
      assert.ok(after <= by);
      assertUntouched(world);
      assert.deepEqual(evidence, [
        `process ${undo.paused.identity.pid} of taskmanager-1 runs`,
        'taskmanager-2 reaches broker-1 again, after 3 packets (300 bytes) were dropped',
      ]);
    });

    it('can be repeated, and done where nothing was injected', async () => {
      const { world, undo } = await resolved();
      for (let i = 0; i < 2; i++) {
        const { evidence } = await cutCommit.heal(undo, world.context());
        assert.equal(evidence[1], 'taskmanager-2 reaches broker-1');
      }
      assertUntouched(world);
    });

    it('lets a stopped process go on also when the cut cannot be ended, and says what remains', async () => {
      const { world, undo } = await injected();
      world.stopped.add('taskmanager-1');
      world.reachable = false;
      await assert.rejects(
        cutCommit.heal(undo, world.context()),
        hasCode('HEAL_FAILED', /taskmanager-2 reaching broker-1 did not come about.*flinch down/),
      );
      assertUntouched(world);
    });

    it('fails when the process stays stopped or the rules stay, and undoes the other all the same', async () => {
      const { world, undo } = await injected();
      world.stopped.add('taskmanager-1');
      world.deaf = true;
      await assert.rejects(cutCommit.heal(undo, world.context()), hasCode('HEAL_FAILED', /is still stopped/));
      assert.equal(world.cuts.size, 0);
      const other = await injected();
      const cuts = other.world.cuts;
      other.world.cuts = Object.assign(new Map(cuts), { delete: () => false });
      await assert.rejects(
        cutCommit.heal(other.undo, other.world.context()),
        hasCode('HEAL_FAILED', /cut-[0-9a-f]+ is still there/),
      );
    });

    it('does not miss a process that has ended', async () => {
      const { world, undo } = await injected();
      world.end('taskmanager-1');
      const { evidence } = await cutCommit.heal(undo, world.context());
      assert.match(evidence[0] ?? '', /is no longer there/);
    });

    it('leaves the cuts of others alone', async () => {
      const { world, undo } = await injected();
      const cut = { id: 'another', between: ['taskmanager-1'], and: ['broker-1'] };
      world.cuts.set(cut.id, { cut, packets: 1 });
      await cutCommit.heal(undo, world.context());
      assert.deepEqual([...world.cuts.keys()], ['another']);
    });
  });
});
