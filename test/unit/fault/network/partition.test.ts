import assert from 'node:assert/strict';
import type { LinksUndo } from '../../../../src/fault/network/links.js';
import { loss } from '../../../../src/fault/network/loss.js';
import { partition } from '../../../../src/fault/network/partition.js';
import { throttle } from '../../../../src/fault/network/throttle.js';
import { type PartitionOptions, partitionOptions } from '../../../../src/fault/schema/network.js';
import { DETECTION, handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const written = (options: object): PartitionOptions => partitionOptions.parse({ duration: '20s', ...options });

async function resolved(options: object, world = handMadeCluster()) {
  const found = await partition.resolve(written(options), world.context());
  // Whoever heals may know nothing but what the ledger holds.
  return { world, ...found, undo: JSON.parse(JSON.stringify(found.undo)) as LinksUndo };
}

async function injected(options: object, world = handMadeCluster()) {
  world.onCut = ({ id }) => {
    world.clock.plan(world.clock.passed() + 700, () => {
      const there = world.cuts.get(id);
      if (there) there.packets = 3;
    });
  };
  const made = await resolved(options, world);
  return { ...made, proof: await partition.inject(made.undo, world.context()) };
}

const LEADER_FROM_STORE = { between: 'jobmanager.leader', and: 'zookeeper.all' };

describe('partition', () => {
  describe('resolving', () => {
    it('maps both sides to nodes, and touches nothing', async () => {
      const { world, nodes, selector, undo } = await resolved(LEADER_FROM_STORE);
      assert.deepEqual(nodes, [{ node: 'jobmanager-1' }]);
      assert.equal(selector, 'jobmanager.leader | zookeeper.all');
      assert.deepEqual([undo.cut.between, undo.cut.and], [['jobmanager-1'], ['zookeeper-1']]);
      assert.equal(undo.cut.direction, undefined);
      assert.equal(partition.hold?.(undo), 20_000);
      assert.deepEqual(world.log, []);
    });

    it('takes lists of roles, and everybody else as the others', async () => {
      const { undo } = await resolved({ between: ['taskmanager', 'broker.all'], and: 'others' });
      assert.deepEqual(undo.cut.between, ['taskmanager-2', 'broker-1']);
      assert.deepEqual(undo.cut.and, ['jobmanager-1', 'jobmanager-2', 'taskmanager-1', 'zookeeper-1', 'gateway']);
    });

    it('takes the other nodes of one role', async () => {
      const { undo } = await resolved({ between: 'taskmanager', and: 'taskmanager.others' });
      assert.deepEqual([undo.cut.between, undo.cut.and], [['taskmanager-2'], ['taskmanager-1']]);
    });

    it('keeps the direction', async () => {
      const { undo, selector } = await resolved({ ...LEADER_FROM_STORE, direction: 'back' });
      assert.equal(undo.cut.direction, 'back');
      assert.equal(selector, 'jobmanager.leader < zookeeper.all');
    });

    it('refuses a node on both sides, and a target whose nodes share a network', async () => {
      await assert.rejects(
        resolved({ between: 'jobmanager.leader', and: 'jobmanager.all' }),
        hasCode('FAULT_INJECT', /jobmanager-1 would be on both sides/),
      );
      const world = handMadeCluster();
      const { network: _, ...cluster } = world.cluster;
      await assert.rejects(
        partition.resolve(written(LEADER_FROM_STORE), { ...world.context(), cluster }),
        hasCode('CAPABILITY_MISSING'),
      );
    });
  });

  describe('injecting', () => {
    it('is proven by the first packet that is dropped', async () => {
      const { world, proof } = await injected(LEADER_FROM_STORE);
      assert.deepEqual(world.log, ['cut jobmanager-1 from zookeeper-1']);
      assert.ok(proof.by - proof.after >= 700);
      assert.match(
        proof.evidence.join(),
        /no packet passes between jobmanager-1 and zookeeper-1: 3 packets \(300 bytes\)/,
      );
    });

    it('is not effective when nothing is dropped in the time in which the loss would be noticed', async () => {
      const { world, undo } = await resolved(LEADER_FROM_STORE);
      const since = world.clock.passed();
      await assert.rejects(
        partition.inject(undo, world.context()),
        hasCode('FAULT_NOT_EFFECTIVE', /nothing was dropped between it and zookeeper-1/),
      );
      assert.ok(world.clock.passed() - since <= DETECTION + 200);
    });

    it('is confirmed by the rules being there at its end, with what each has dropped', async () => {
      const { world, undo } = await injected({ ...LEADER_FROM_STORE, direction: 'forth' });
      assert.match(
        (await partition.confirm?.(undo, world.context()))?.join() ?? '',
        /no packet gets from jobmanager-1 to zookeeper-1 still: .*jobmanager-1 > zookeeper-1 3/,
      );
      world.cuts.clear();
      await assert.rejects(
        partition.confirm?.(undo, world.context()) ?? Promise.resolve(),
        hasCode('FAULT_NOT_EFFECTIVE', /taken away before its time/),
      );
    });
  });

  describe('healing', () => {
    it('ends the cut and proves it by a connection between each two nodes', async () => {
      const { world, undo } = await injected(LEADER_FROM_STORE);
      const { evidence } = await partition.heal(undo, world.context());
      assert.deepEqual([...world.cuts], []);
      assert.match(evidence.join(), /jobmanager-1 reaches zookeeper-1 again, after 3 packets/);
      // And once more, of a ledger that was not told.
      await partition.heal(undo, world.context());
    });

    it('fails with what remains when packets still do not pass', async () => {
      const { world, undo } = await injected(LEADER_FROM_STORE);
      world.reachable = false;
      await assert.rejects(
        partition.heal(undo, world.context()),
        hasCode('HEAL_FAILED', /jobmanager-1 reaching zookeeper-1.*flinch down/),
      );
    });
  });

  for (const [fault, more, words] of [
    [loss, { share: 30 }, /30 % of the packets between taskmanager-2 and broker-1 are lost: 3 packets/],
    [throttle, { to: 20_000 }, /no more than 20000B\/s get through between taskmanager-2 and broker-1: 3 packets/],
  ] as const) {
    it(`of a part of the packets is ${fault.name}: proven by them as well, and healed by ending it`, async () => {
      const world = handMadeCluster();
      world.onCut = ({ id }) => {
        const there = world.cuts.get(id);
        if (there) there.packets = 3;
      };
      const options = { ...written({ between: 'taskmanager', and: 'broker.all' }), ...more };
      const { undo } = await fault.resolve(options as never, world.context());
      assert.deepEqual(undo.cut.only, 'share' in more ? { percent: 30 } : { over: 20_000 });
      assert.match((await fault.inject(undo, world.context())).evidence.join(), words);
      assert.match((await fault.heal(undo, world.context())).evidence.join(), /taskmanager-2 reaches broker-1 again/);
    });
  }
});
