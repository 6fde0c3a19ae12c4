import assert from 'node:assert/strict';
import type { EndingUndo } from '../../../../src/fault/process/ending.js';
import { kill } from '../../../../src/fault/process/kill.js';
import type { NodeSelector } from '../../../../src/fault/schema/nodes.js';
import { DETECTION, type HandMadeCluster, handMadeCluster, leaderOn } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function resolved(node: NodeSelector): Promise<{ world: HandMadeCluster; undo: EndingUndo }> {
  const world = handMadeCluster();
  const { undo } = await kill.resolve({ node }, world.context());
  // Whoever heals may know nothing but what the ledger holds.
  return { world, undo: JSON.parse(JSON.stringify(undo)) as EndingUndo };
}

const killed = async (node: NodeSelector) => {
  const made = await resolved(node);
  await kill.inject(made.undo, made.world.context());
  return made;
};

describe('kill', () => {
  describe('resolving', () => {
    it('names the victim and its process, and touches nothing', async () => {
      const world = handMadeCluster();
      const { nodes, selector, undo } = await kill.resolve({ node: 'jobmanager.leader' }, world.context());
      assert.deepEqual([nodes, selector], [[{ node: 'jobmanager-1', pid: 100 }], 'jobmanager.leader']);
      assert.deepEqual([undo.session, undo.contenders], ['session-1', ['0x1', '0x2']]);
      assert.deepEqual(world.log, []);
    });

    it('is an error when the victim has no process', async () => {
      const world = handMadeCluster();
      world.end('taskmanager-2');
      await assert.rejects(
        kill.resolve({ node: 'taskmanager' }, world.context()),
        hasCode('FAULT_INJECT', /no running process.*taskmanager-2/),
      );
    });
  });

  describe('injecting', () => {
    it('sends SIGKILL to exactly this process and proves that it is gone', async () => {
      const { world, undo } = await resolved('jobmanager.leader');
      const { after, by, evidence } = await kill.inject(undo, world.context());
      assert.deepEqual(world.log, ['SIGKILL jobmanager-1']);
      assert.ok(after <= by);
      assert.deepEqual(evidence, ['process 100 of jobmanager-1 is gone after SIGKILL']);
    });

    it('is not effective when the process lives on: a target that pretends', async () => {
      const { world, undo } = await resolved('jobmanager.leader');
      world.deaf = true;
      await assert.rejects(
        kill.inject(undo, world.context()),
        hasCode('FAULT_NOT_EFFECTIVE', /process 100 still runs/),
      );
    });

    it('waits for the end, and takes the time of the end', async () => {
      const { world, undo } = await resolved('taskmanager');
      world.deaf = true;
      world.clock.plan(300, () => world.end('taskmanager-2'));
      const { after, by } = await kill.inject(undo, world.context());
      assert.ok(by - after >= 300 && by - after < 400, `${by - after}`);
    });

    it('kills nobody when the leader changed between choosing and killing', async () => {
      for (const leader of [leaderOn(2), leaderOn(1, 'session-of-a-second-term'), undefined]) {
        const { world, undo } = await resolved('jobmanager.leader');
        world.leader = leader;
        await assert.rejects(kill.inject(undo, world.context()), hasCode('FAULT_INJECT', /leader changed/));
        assert.deepEqual(world.log, []);
      }
    });

    it('does not ask who leads when a standby or a TaskManager is meant', async () => {
      for (const node of ['jobmanager.standby', 'taskmanager'] as const) {
        const { world, undo } = await resolved(node);
        world.storeDown = true;
        await kill.inject(undo, world.context());
        assert.equal(world.log.length, 1);
      }
    });

    it('ends with the reason of the interrupt, not with a verdict on the fault', async () => {
      const { world, undo } = await resolved('jobmanager.leader');
      world.deaf = true;
      const abort = new AbortController();
      world.clock.plan(50, () => abort.abort(new Error('enough')));
      await assert.rejects(kill.inject(undo, world.context(abort.signal)), /^Error: enough$/);
    });
  });

  describe('confirming', () => {
    const confirm = ({ world, undo }: { world: HandMadeCluster; undo: EndingUndo }, signal?: AbortSignal) =>
      kill.confirm?.(undo, world.context(signal)) as Promise<string[]>;

    it('sees another leader session follow', async () => {
      const made = await killed('jobmanager.leader');
      made.world.clock.plan(2000, () => {
        made.world.leader = undefined;
      });
      made.world.clock.plan(6000, () => {
        made.world.leader = leaderOn(2);
      });
      assert.deepEqual(await confirm(made), ['leader session id changed from session-1 to session-2']);
      assert.ok(made.world.clock.passed() >= 6000);
    });

    it('accepts a session that ended without a successor, and says so', async () => {
      const made = await killed('jobmanager.leader');
      made.world.clock.plan(2000, () => {
        made.world.leader = undefined;
      });
      assert.deepEqual(await confirm(made), [
        `leader session session-1 is gone from the store; no new leader within ${DETECTION} ms`,
      ]);
    });

    it('is not effective while the same session leads, or when the store cannot be read', async () => {
      const same = await killed('jobmanager.leader');
      await assert.rejects(confirm(same), hasCode('FAULT_NOT_EFFECTIVE', /session id is still session-1/));
      const unread = await killed('jobmanager.leader');
      unread.world.storeDown = true;
      await assert.rejects(confirm(unread), hasCode('FAULT_NOT_EFFECTIVE', /unread/));
    });

    it('sees the contender of a standby go', async () => {
      const made = await killed('jobmanager.standby');
      made.world.clock.plan(3000, () => {
        made.world.contenders = ['0x1'];
      });
      assert.deepEqual(await confirm(made), ['contender session 0x2 is gone from the store']);
      await assert.rejects(
        confirm(await killed('jobmanager.standby')),
        hasCode('FAULT_NOT_EFFECTIVE', /every contender session is still there/),
      );
    });

    it('sees Flink stop listing a TaskManager', async () => {
      const made = await killed('taskmanager');
      made.world.clock.plan(3000, () => delete made.world.heartbeats['taskmanager-2']);
      assert.deepEqual(await confirm(made), ['Flink no longer lists taskmanager-2']);
      await assert.rejects(
        confirm(await killed('taskmanager')),
        hasCode('FAULT_NOT_EFFECTIVE', /still lists the ended TaskManager/),
      );
    });

    it('ends with the reason of an interrupt', async () => {
      for (const node of ['jobmanager.leader', 'taskmanager'] as const) {
        const made = await killed(node);
        const abort = new AbortController();
        made.world.clock.plan(500, () => abort.abort(new Error('enough')));
        await assert.rejects(confirm(made, abort.signal), /^Error: enough$/);
      }
    });
  });

  describe('healing', () => {
    it('leaves a process alone that was never killed', async () => {
      const { world, undo } = await resolved('jobmanager.leader');
      const { evidence } = await kill.heal(undo, world.context());
      assert.deepEqual(evidence, ['process 100 of jobmanager-1 was never ended']);
      assert.deepEqual(world.log, []);
    });

    it('waits for a process that is slow to die of its SIGKILL, and starts it again', async () => {
      const { world, undo } = await resolved('taskmanager');
      world.clock.plan(3000, () => world.end('taskmanager-2'));
      world.clock.plan(4000, () => {
        world.heartbeats['taskmanager-2'] = world.clock.wall();
      });
      const { evidence } = await kill.heal(undo, world.context());
      assert.match(evidence[0] ?? '', /taskmanager-2 runs as process/);
    });

    it('starts a JobManager and sees a new contender beside those of before', async () => {
      const { world, undo } = await killed('jobmanager.leader');
      // The dead one's session still stands: as many as before, but none of them new.
      world.clock.plan(2000, () => {
        world.contenders = ['0x2'];
      });
      world.clock.plan(3000, () => {
        world.contenders = ['0x3'];
      });
      world.clock.plan(4000, () => {
        world.contenders = ['0x2', '0x3'];
      });
      const { after, by, evidence } = await kill.heal(undo, world.context());
      assert.deepEqual(world.log, ['SIGKILL jobmanager-1', 'start jobmanager-1']);
      assert.ok(by - after >= 4000, `${by - after}`);
      assert.match(evidence.join('; '), /runs as process \d+; 2 contenders .* new session 0x3/);
    });

    it('starts a TaskManager and sees a heartbeat that is younger than the start', async () => {
      const { world, undo } = await killed('taskmanager');
      await world.clock.sleep(1000);
      // The ghost is still listed, with its last heartbeat.
      world.clock.plan(6000, () => {
        world.heartbeats['taskmanager-2'] = world.clock.wall();
      });
      const { after, by, evidence } = await kill.heal(undo, world.context());
      assert.ok(by - after >= 5000, `${by - after}`);
      assert.match(evidence.join('; '), /taskmanager-2 is registered with the leader and sent a heartbeat/);
    });

    it('can be repeated on a node that is back', async () => {
      const { world, undo } = await killed('jobmanager.standby');
      world.onStart = () => {
        world.contenders = ['0x1', '0x7'];
      };
      await kill.heal(undo, world.context());
      const pid = world.running.get('jobmanager-2')?.pid;
      await kill.heal(undo, world.context());
      assert.equal(world.running.get('jobmanager-2')?.pid, pid);
    });

    it('fails with what remains when the node takes no part again', async () => {
      for (const node of ['jobmanager.leader', 'taskmanager'] as const) {
        const { world, undo } = await killed(node);
        await world.clock.sleep(1000);
        await assert.rejects(
          kill.heal(undo, world.context()),
          hasCode('HEAL_FAILED', /could not be brought back: .*did not come about within 60000 ms.*start .*again/),
        );
      }
    });

    it('fails when the started process ends again, or cannot be started', async () => {
      const { world, undo } = await killed('jobmanager.leader');
      const began = world.clock.passed();
      world.onStart = (node) => world.end(node);
      await assert.rejects(kill.heal(undo, world.context()), hasCode('HEAL_FAILED', /the restarted process ended/));
      assert.equal(world.clock.passed(), began, 'it waited for what cannot come');
      world.onStart = () => {
        throw new Error('no such file');
      };
      await assert.rejects(kill.heal(undo, world.context()), hasCode('HEAL_FAILED', /no such file.*jobmanager-1/));
    });
  });
});
