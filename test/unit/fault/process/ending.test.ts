import assert from 'node:assert/strict';
import type { AnyFault } from '../../../../src/fault/catalogue.js';
import type { EndingUndo } from '../../../../src/fault/process/ending.js';
import { kill } from '../../../../src/fault/process/kill.js';
import { restart } from '../../../../src/fault/process/restart.js';
import { stop } from '../../../../src/fault/process/stop.js';
import type { NodeSelector } from '../../../../src/fault/schema/nodes.js';
import { type HandMadeCluster, handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function resolved(fault: unknown, node: NodeSelector, duration?: number, world = handMadeCluster()) {
  const { undo, nodes } = await (fault as AnyFault).resolve({ node, duration }, world.context());
  // Whoever heals may know nothing but what the ledger holds.
  return { world, nodes, undo: JSON.parse(JSON.stringify(undo)) as EndingUndo };
}

async function injected(fault: unknown, node: NodeSelector, duration?: number, world?: HandMadeCluster) {
  const made = await resolved(fault, node, duration, world);
  const proof = await (fault as AnyFault).inject(made.undo, made.world.context());
  return { ...made, proof };
}

describe('ending processes', () => {
  it('ends every node of a role before it proves the first', async () => {
    const world = handMadeCluster();
    const { nodes, proof } = await injected(kill, 'jobmanager.all', 5000, world);
    assert.deepEqual(nodes, [
      { node: 'jobmanager-1', pid: 100 },
      { node: 'jobmanager-2', pid: 101 },
    ]);
    assert.deepEqual(world.log, ['SIGKILL jobmanager-1', 'SIGKILL jobmanager-2']);
    assert.deepEqual(proof.evidence, [
      'process 100 of jobmanager-1 is gone after SIGKILL',
      'process 101 of jobmanager-2 is gone after SIGKILL',
    ]);
  });

  it('is not effective when one of several lives on', async () => {
    const { world, undo } = await resolved(kill, 'taskmanager.all', 5000);
    world.onKill = () => {
      world.deaf = true;
    };
    await assert.rejects(
      kill.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /SIGKILL was sent but process 103 still runs.*taskmanager-2/),
    );
  });

  it('gives a process that is asked to end the time for it', async () => {
    const { world, undo } = await resolved(stop, 'broker', 5000);
    world.deaf = true;
    world.clock.plan(40_000, () => world.end('broker-1'));
    const { after, by } = await stop.inject(undo, world.context());
    assert.ok(by - after >= 40_000);
    assert.deepEqual(world.log, ['SIGTERM broker-1']);
  });

  it('stays for its duration, and only without one until the recovery', async () => {
    assert.equal(kill.hold?.((await resolved(kill, 'jobmanager.leader')).undo), undefined);
    assert.equal(kill.hold?.((await resolved(kill, 'jobmanager.leader', 7000)).undo), 7000);
    assert.equal(stop.hold?.((await resolved(stop, 'taskmanager', 7000)).undo), 7000);
    assert.equal(restart.hold?.((await resolved(restart, 'taskmanager')).undo), 0);
  });

  it('with a duration is proven by the node being away at its end', async () => {
    const { world, undo } = await injected(kill, 'broker', 8000);
    assert.deepEqual(await kill.confirm?.(undo, world.context()), ['broker-1 is still away after 8.00 s']);
    await world.cluster.processes.start('broker-1');
    await assert.rejects(
      kill.confirm?.(undo, world.context()) ?? Promise.resolve(),
      hasCode('FAULT_NOT_EFFECTIVE', /started by somebody else.*broker-1/),
    );
  });

  it('asks no proof of a restart that is over at once', async () => {
    const { world, undo } = await injected(restart, 'zookeeper.leader');
    assert.deepEqual(world.log, ['SIGTERM zookeeper-1']);
    assert.deepEqual(await restart.confirm?.(undo, world.context()), []);
  });

  describe('healing', () => {
    it('waits until a server that was started again serves', async () => {
      for (const [node, name] of [
        ['zookeeper.all', 'zookeeper-1'],
        ['broker.all', 'broker-1'],
        ['gateway', 'gateway'],
      ] as const) {
        const { world, undo } = await injected(kill, node, 5000);
        world.idle.add(name);
        world.clock.plan(world.clock.passed() + 3000, () => world.idle.delete(name));
        const { after, by, evidence } = await kill.heal(undo, world.context());
        assert.ok(by - after >= 3000);
        assert.match(evidence.join('; '), new RegExp(`${name} runs as process 107; ${name} serves`));
      }
    });

    it('waits for a new session of each JobManager, not for the first', async () => {
      const { world, undo } = await injected(kill, 'jobmanager.all', 5000);
      world.contenders = [];
      world.clock.plan(world.clock.passed() + 1000, () => {
        world.contenders = ['0x8'];
      });
      world.clock.plan(world.clock.passed() + 4000, () => {
        world.contenders = ['0x8', '0x9'];
      });
      const { after, by, evidence } = await kill.heal(undo, world.context());
      assert.ok(by - after >= 4000);
      assert.match(evidence.join('; '), /2 contenders for leadership, among them the new session 0x8, 0x9/);
    });

    it('brings the others back when one does not come, and says which', async () => {
      const { world, undo } = await injected(kill, 'taskmanager.all', 5000);
      world.onStart = (node) => {
        if (node === 'taskmanager-2') world.heartbeats[node] = world.clock.wall();
      };
      world.heartbeats = {};
      await assert.rejects(
        kill.heal(undo, world.context()),
        hasCode('HEAL_FAILED', /taskmanager-1 taking its part again/),
      );
      assert.ok(world.running.has('taskmanager-2'));
      assert.ok(world.log.includes('start taskmanager-2'));
    });
  });
});
