import assert from 'node:assert/strict';
import { type PauseUndo, pause } from '../../../../src/fault/process/pause.js';
import type { NodeSelector } from '../../../../src/fault/schema/nodes.js';
import { type HandMadeCluster, handMadeCluster, leaderOn } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const DURATION = 16_000;

async function resolved(node: NodeSelector): Promise<{ world: HandMadeCluster; undo: PauseUndo }> {
  const world = handMadeCluster();
  const { undo } = await pause.resolve({ node, duration: DURATION }, world.context());
  // Whoever heals may know nothing but what the ledger holds.
  return { world, undo: JSON.parse(JSON.stringify(undo)) as PauseUndo };
}

const paused = async (node: NodeSelector) => {
  const made = await resolved(node);
  await pause.inject(made.undo, made.world.context());
  return made;
};

describe('pause', () => {
  it('stops exactly this process, proves it by its state, and holds it for its time', async () => {
    const { world, undo } = await resolved('jobmanager.leader');
    assert.deepEqual([undo.session, undo.contenders], ['session-1', ['0x1', '0x2']]);
    assert.deepEqual(world.log, []);
    const { after, by, evidence } = await pause.inject(undo, world.context());
    assert.ok(after <= by);
    assert.deepEqual(world.log, ['SIGSTOP jobmanager-1']);
    assert.deepEqual(evidence, ['process 100 of jobmanager-1 is stopped (state T)']);
    assert.equal(pause.hold?.(undo), DURATION);
    assert.deepEqual(await pause.confirm?.(undo, world.context()), [
      'process 100 of jobmanager-1 is still stopped after 16.00 s',
    ]);
  });

  it('is not effective when the process goes on: a target that pretends', async () => {
    const { world, undo } = await resolved('taskmanager');
    world.deaf = true;
    await assert.rejects(pause.inject(undo, world.context()), hasCode('FAULT_NOT_EFFECTIVE', /is not stopped/));
  });

  it('is not effective when somebody else lets it go on before its time', async () => {
    const { world, undo } = await paused('taskmanager');
    world.stopped.clear();
    await assert.rejects(
      Promise.resolve(pause.confirm?.(undo, world.context())),
      hasCode('FAULT_NOT_EFFECTIVE', /did not stay stopped for 16\.00 s.*taskmanager-2/),
    );
  });

  it('stops nobody when the leader changed between choosing and pausing', async () => {
    const { world, undo } = await resolved('jobmanager.leader');
    world.leader = leaderOn(2);
    await assert.rejects(pause.inject(undo, world.context()), hasCode('FAULT_INJECT', /choosing and pausing it/));
    assert.deepEqual(world.log, []);
  });

  describe('healing', () => {
    it('lets a JobManager go on, whose session lasted or was lost', async () => {
      const kept = await paused('jobmanager.standby');
      const same = await pause.heal(kept.undo, kept.world.context());
      assert.deepEqual(kept.world.log, ['SIGSTOP jobmanager-2', 'SIGCONT jobmanager-2']);
      assert.match(same.evidence.join('; '), /runs; 2 contenders for leadership, in the sessions of before/);

      const lost = await paused('jobmanager.leader');
      lost.world.contenders = ['0x2'];
      lost.world.clock.plan(2000, () => {
        lost.world.contenders = ['0x2', '0x3'];
      });
      const { after, by, evidence } = await pause.heal(lost.undo, lost.world.context());
      assert.ok(by - after >= 2000);
      assert.match(evidence.join('; '), /process 100 of jobmanager-1 runs; 2 contenders .* new session 0x3/);
    });

    it('lets a TaskManager go on, and waits for its next heartbeat', async () => {
      const { world, undo } = await paused('taskmanager');
      await world.clock.sleep(1000);
      world.clock.plan(2000, () => {
        world.heartbeats['taskmanager-2'] = world.clock.wall();
      });
      const { evidence } = await pause.heal(undo, world.context());
      assert.match(evidence.join('; '), /runs; taskmanager-2 is registered with the leader and sent a heartbeat/);
    });

    it('starts again what has ended, before it went on or after', async () => {
      for (const at of [0, 3000]) {
        const { world, undo } = await paused('jobmanager.leader');
        world.contenders = ['0x2'];
        world.onStart = () => {
          world.contenders = ['0x2', '0x5'];
        };
        if (at === 0) world.end('jobmanager-1');
        else world.clock.plan(at, () => world.end('jobmanager-1'));
        const { evidence } = await pause.heal(undo, world.context());
        assert.match(evidence.join('; '), /process 100 of jobmanager-1 ended; .* runs as process \d+; 2 contenders/);
      }
    });

    it('leaves alone what was never stopped, and can be repeated', async () => {
      const { world, undo } = await resolved('jobmanager.leader');
      await pause.heal(undo, world.context());
      await pause.heal(undo, world.context());
      assert.deepEqual(world.log, ['SIGCONT jobmanager-1', 'SIGCONT jobmanager-1']);
      assert.equal(world.running.get('jobmanager-1')?.pid, undo.victims[0]?.identity.pid);
    });

    it('fails with what remains when it does not go on, or takes no part again', async () => {
      const deaf = await paused('taskmanager');
      deaf.world.deaf = true;
      await assert.rejects(
        pause.heal(deaf.undo, deaf.world.context()),
        hasCode('HEAL_FAILED', /is still stopped.*send SIGCONT to process/),
      );
      const { world, undo } = await paused('jobmanager.leader');
      world.contenders = ['0x2'];
      await assert.rejects(
        pause.heal(undo, world.context()),
        hasCode('HEAL_FAILED', /did not come about within 60000/),
      );
    });
  });
});
