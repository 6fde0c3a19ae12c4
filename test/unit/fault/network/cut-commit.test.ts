import assert from 'node:assert/strict';
import { cutCommit } from '../../../../src/fault/network/cut-commit.js';
import { assertUntouched, checkpointing, injected, resolved } from '../../../support/checkpointing-cluster.js';
import { UNNOTICED } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

describe('cutCommit', () => {
  describe('resolving', () => {
    it('chooses the busiest TaskManager to cut off and another one to stop, and touches nothing', async () => {
      const { world, undo } = await resolved();
      assert.deepEqual([undo.node, undo.paused.node, undo.duration], ['taskmanager-2', 'taskmanager-1', 20_000]);
      assert.deepEqual([undo.cut.between, undo.cut.and], [['taskmanager-2'], ['broker-1']]);
      assert.deepEqual(undo.paused.identity, world.running.get('taskmanager-1'));
      assert.deepEqual(world.log, []);
      assert.equal(cutCommit.hold?.(undo), 20_000);
    });

    it('names each cut differently, so that healing one leaves another alone', async () => {
      const [one, other] = await Promise.all([resolved(), resolved()]);
      assert.notEqual(one.undo.cut.id, other.undo.cut.id);
    });

    it('is an error when one TaskManager runs it all, or one has no process', async () => {
      const alone = checkpointing();
      alone.subtasks = { 'taskmanager-2': 4 };
      await assert.rejects(resolved(alone), hasCode('FAULT_INJECT', /not run on two TaskManagers.*parallelism/));
      for (const node of ['taskmanager-1', 'taskmanager-2']) {
        const dead = checkpointing();
        dead.end(node);
        await assert.rejects(resolved(dead), hasCode('FAULT_INJECT', new RegExp(`no running process - ${node}`)));
      }
    });

    it('is refused by a target whose nodes share a network', async () => {
      const world = checkpointing();
      const { network: _, ...shared } = world.cluster;
      await assert.rejects(
        cutCommit.resolve({ duration: 1000 }, { ...world.context(), cluster: shared }),
        hasCode('CAPABILITY_MISSING', /cannot be cut off/),
      );
    });
  });

  describe('injecting', () => {
    it('stops one, cuts off the other once it has acknowledged, and lets the first one go on', async () => {
      const { world, undo, proof } = await injected();
      assert.deepEqual(world.log, [
        'SIGSTOP taskmanager-1',
        'cut taskmanager-2 from broker-1',
        'SIGCONT taskmanager-1',
      ]);
      assert.deepEqual([...world.stopped], []);
      assert.deepEqual([...world.cuts.keys()], [undo.cut.id]);
      assert.match(
        proof.evidence.join('; '),
        /is stopped \(state T\); checkpoint 8 in progress, acknowledged by 3 of 5 subtasks: by all 3 of taskmanager-2, not by 2 of taskmanager-1; .*checkpoint 8 completed, and 3 packets/,
      );
    });

    it('stops it shortly before the next checkpoint is due, not for a whole interval', async () => {
      const { world, proof } = await injected();
      const begun = proof.after - (world.clock.mono() - world.clock.passed());
      assert.ok(begun >= 600 && begun <= 800, `${begun} ms after the last checkpoint`);
      assert.ok(proof.by > proof.after);
    });

    it('is not effective when the process does not stop: a target that pretends', async () => {
      const { world, undo } = await resolved();
      world.deaf = true;
      await assert.rejects(
        cutCommit.inject(undo, world.context()),
        hasCode('FAULT_NOT_EFFECTIVE', /SIGSTOP was sent but process \d+ is not stopped - taskmanager-1/),
      );
      assert.equal(world.cuts.size, 0);
    });

    it('is not effective when the cut drops nothing', async () => {
      const { world, undo } = await resolved();
      world.onCut = () => {};
      await assert.rejects(
        cutCommit.inject(undo, world.context()),
        hasCode('FAULT_NOT_EFFECTIVE', /nothing was dropped between it and broker-1 - taskmanager-2/),
      );
    });

    for (const [how, world, reason] of [
      ['nobody acknowledges', () => checkpointing({ acknowledgedBy: [] }), /taskmanager-2 has acknowledged/],
      [
        'the stopped one had acknowledged already',
        () => checkpointing({ acknowledgedBy: ['taskmanager-1', 'taskmanager-2'] }),
        /taskmanager-1 has not/,
      ],
      ['only the wrong one acknowledges', () => checkpointing({ acknowledgedBy: ['taskmanager-1'] }), /has not/],
      ['the checkpoint fails', () => checkpointing({ ends: 'FAILED' }), /did not complete \(FAILED\)/],
      ['the checkpoint never ends', () => checkpointing({ ends: 'IN_PROGRESS' }), /end of checkpoint \d+ did not come/],
    ] as const) {
      it(`tries again, and gives up with nothing left behind, when ${how}`, async () => {
        const made = await resolved(world());
        await assert.rejects(
          cutCommit.inject(made.undo, made.world.context()),
          hasCode('FAULT_INJECT', new RegExp(`missed 8 times: .*${reason.source}`)),
        );
        assert.equal(made.world.log.filter((line) => line.startsWith('SIGSTOP')).length, 8);
        assertUntouched(made.world);
      });
    }

    it('does not cut one off of which only some subtasks have pre-committed: the checkpoint would never complete', async () => {
      const { world, undo } = await resolved();
      const { checkpoints, ...rest } = world.context();
      const acknowledgements = async () => ({
        'taskmanager-1': { acknowledged: 0, open: 2 },
        'taskmanager-2': { acknowledged: 2, open: 1 },
      });
      await assert.rejects(
        cutCommit.inject(undo, { ...rest, checkpoints: { ...checkpoints, acknowledgements } }),
        hasCode('FAULT_INJECT', /missed 8 times/),
      );
      assert.ok(!world.log.some((line) => line.startsWith('cut')));
    });

    it('stops nobody while Flink knows of no checkpoint', async () => {
      const { world, undo } = await resolved();
      world.checkpoints = [];
      await assert.rejects(
        cutCommit.inject(undo, world.context()),
        hasCode('FAULT_INJECT', /missed 8 times: the latest checkpoint did not come about/),
      );
      assert.deepEqual(world.log, []);
    });

    it('succeeds at a later try', async () => {
      const world = checkpointing();
      const { onSignal } = world;
      let stops = 0;
      world.onSignal = (signal, node) => {
        if (signal === 'SIGSTOP') stops++;
        // The first checkpoint is late.
        if (stops > 1 || signal === 'SIGCONT') onSignal(signal, node);
      };
      const { proof } = await injected(world);
      assert.equal(stops, 2);
      assert.match(proof.evidence.join('; '), /checkpoint 8 completed/);
    });

    it('never stops a process for so long that it would be missed', async () => {
      const world = checkpointing({ acknowledgedBy: [] });
      const spans: number[] = [];
      const { onSignal } = world;
      world.onSignal = (signal, node) => {
        spans.push(signal === 'SIGSTOP' ? -world.clock.passed() : (spans.pop() ?? 0) + world.clock.passed());
        onSignal(signal, node);
      };
      await assert.rejects(injected(world));
      assert.equal(spans.length, 8);
      assert.ok(Math.max(...spans) <= UNNOTICED + 100, `${spans}`);
    });

    it('does not stop it for longer because Flink is slow to answer', async () => {
      const { world, undo } = await resolved();
      const context = { ...world.context(), unnoticed: 20 };
      // The look before the stop is answered, the one after it never.
      let looks = 0;
      const recent = async (signal: AbortSignal) => {
        if (looks++ % 2 === 0) return context.checkpoints.recent(signal);
        return new Promise<never>(() => {});
      };
      const slow = { ...context, checkpoints: { ...context.checkpoints, recent } };
      await assert.rejects(
        cutCommit.inject(undo, slow),
        hasCode('FAULT_INJECT', /missed 8 times: the look for such a checkpoint took longer than 20 ms/),
      );
      assertUntouched(world);
    });

    it('ends with the reason of an interrupt, and can then be healed', async () => {
      for (const at of [750, 1000, 1100]) {
        const { world, undo } = await resolved();
        const abort = new AbortController();
        world.clock.plan(at, () => abort.abort(new Error('enough')));
        await assert.rejects(cutCommit.inject(undo, world.context(abort.signal)), /^Error: enough$/);
        await cutCommit.heal(undo, world.context());
        assertUntouched(world);
      }
    });
  });
});
