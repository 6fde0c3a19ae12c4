import assert from 'node:assert/strict';
import type { PolicyUndo } from '../../../../src/fault/network/by-policy.js';
import { partition } from '../../../../src/fault/network/partition.js';
import { type PartitionOptions, partitionOptions } from '../../../../src/fault/schema/network.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const onPods = () => Object.assign(handMadeCluster(), { arePods: true });
type World = ReturnType<typeof onPods>;

const written = (options: object): PartitionOptions =>
  partitionOptions.parse({
    between: 'taskmanager',
    and: 'jobmanager.all',
    duration: '20s',
    via: 'network-policy',
    ...options,
  });

async function chosen(world: World = onPods(), options = {}) {
  const { undo, ...found } = await partition.resolve(written(options), world.context());
  // Whoever heals may know nothing but what the ledger holds.
  return { world, ...found, undo: JSON.parse(JSON.stringify(undo)) as PolicyUndo };
}

async function injected(world: World = onPods()) {
  const made = await chosen(world);
  return { ...made, proof: await partition.inject(made.undo, world.context()) };
}

describe('a partition by NetworkPolicies', () => {
  it('chooses both sides and their pods, and touches nothing', async () => {
    const { world, nodes, selector, undo } = await chosen();
    assert.deepEqual(nodes, [{ node: 'taskmanager-2' }]);
    assert.equal(selector, 'taskmanager | jobmanager.all');
    assert.deepEqual([undo.apart.between, undo.apart.and], [['taskmanager-2'], ['jobmanager-1', 'jobmanager-2']]);
    assert.deepEqual(Object.keys(undo.pods), ['taskmanager-2', 'jobmanager-1', 'jobmanager-2']);
    assert.match(undo.apart.id, /^cut-[0-9a-f]{12}$/);
    assert.equal(partition.hold?.(undo), 20_000);
    assert.deepEqual(world.log, []);
  });

  it('is nowhere but in Kubernetes, and knows no single direction', async () => {
    await assert.rejects(
      partition.resolve(written({}), handMadeCluster().context()),
      hasCode('CAPABILITY_MISSING', /no pods/),
    );
    const { error } = partitionOptions.safeParse({ ...written({}), duration: '20s', direction: 'forth' });
    assert.deepEqual(error?.issues[0]?.path, ['direction']);
    assert.match(error?.issues[0]?.message ?? '', /about connections/);
  });

  it('is proven by connections that came about before and do not any more, both ways, while others do', async () => {
    const { world, proof } = await injected();
    assert.deepEqual(world.log, ['keep taskmanager-2 from jobmanager-1,jobmanager-2']);
    const said = proof.evidence.join('\n');
    for (const way of ['taskmanager-2 > jobmanager-1:8081', 'jobmanager-2 > taskmanager-2:8081'])
      assert.ok(said.includes(way), way);
    assert.match(said, /they still reach taskmanager-1, the API server\n.*may live on/);
  });

  it('is proven by refusals as well, where connections came about before', async () => {
    const world = onPods();
    world.policies.refuses = true;
    const { undo } = await injected(world);
    assert.match((await partition.confirm?.(undo, world.context()))?.join() ?? '', /still no new connection/);
  });

  it('is not effective where nobody enforces policies, and nothing is left of it', async () => {
    const world = onPods();
    world.policies.enforced = false;
    const { undo } = await chosen(world);
    await assert.rejects(
      partition.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /packets still pass: .*taskmanager-2 > jobmanager-1:8081.*enforces/),
    );
    await partition.heal(undo, world.context());
    assert.equal(world.policies.made.size, 0);
  });

  it('is not effective where a single way is open', async () => {
    const world = onPods();
    const { undo } = await chosen(world);
    const { policies } = world.cluster;
    assert.ok(policies);
    const knock = policies.knock.bind(policies);
    policies.knock = async (from, doors) =>
      from === 'jobmanager-2' ? doors.map(() => 'connects' as const) : knock(from, doors);
    await assert.rejects(
      partition.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /still pass: jobmanager-2 > taskmanager-2:8081 of taskmanager-2 - /),
    );
  });

  it('is not effective where more is cut than was asked for', async () => {
    const world = onPods();
    world.policies.greedy = true;
    const { undo } = await chosen(world);
    await assert.rejects(
      partition.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /more is cut than was asked for: .*apiserver:443 of the API server/),
    );
  });

  it('is not begun where nothing passes before, or for other pods than those that were chosen', async () => {
    const world = onPods();
    const { undo } = await chosen(world);
    const before = { ...undo.apart, id: 'somebody-elses' };
    world.policies.made.set(before.id, before);
    await assert.rejects(
      partition.inject(undo, world.context()),
      hasCode('FAULT_INJECT', /before anything is made.*taskmanager-2 > jobmanager-1/),
    );
    world.policies.made.clear();
    undo.pods['jobmanager-2'] = 'the pod before';
    await assert.rejects(partition.inject(undo, world.context()), hasCode('FAULT_INJECT', /replaced .*jobmanager-2/));
    assert.deepEqual(world.log, []);
  });

  it('is confirmed by the policies and by what does not pass; of pods that were replaced nothing is asked', async () => {
    const { world, undo } = await injected();
    const confirmed = async () => (await partition.confirm?.(undo, world.context()))?.join('; ') ?? '';
    assert.match(await confirmed(), /still no new connection comes about .*taskmanager-2 > jobmanager-1/);
    undo.pods['jobmanager-1'] = 'the pod before';
    assert.match(await confirmed(), /\(taskmanager-2 > jobmanager-2, .*jobmanager-1: other pods by now/);
    undo.pods['taskmanager-2'] = 'the pod before';
    await assert.rejects(confirmed(), hasCode('FAULT_NOT_EFFECTIVE', /have other pods/));
  });

  it('is not confirmed where policies are gone before their time, or packets pass', async () => {
    const { world, undo } = await injected();
    world.policies.enforced = false;
    await assert.rejects(
      partition.confirm?.(undo, world.context()) ?? Promise.resolve(),
      hasCode('FAULT_NOT_EFFECTIVE', /packets pass before the time/),
    );
    world.policies.made.clear();
    await assert.rejects(
      partition.confirm?.(undo, world.context()) ?? Promise.resolve(),
      hasCode('FAULT_NOT_EFFECTIVE', /taken away before their time/),
    );
  });

  it('is healed by taking the policies back, and by connections that come about again; once more as well', async () => {
    const { world, undo } = await injected();
    for (const _ of [1, 2]) {
      const { evidence } = await partition.heal(undo, world.context());
      assert.match(
        evidence.join('; '),
        /policies are gone.*reach each other again: taskmanager-2 > jobmanager-1:8081/i,
      );
      assert.equal(world.policies.made.size, 0);
    }
  });

  it('is healed where pods are gone, of whom nothing is asked', async () => {
    const { world, undo } = await injected();
    world.running.delete('taskmanager-2');
    const { evidence } = await partition.heal(undo, world.context());
    assert.match(evidence.join('; '), /policies are gone.*taskmanager-2 has no pod that runs/i);
  });

  it('is healed where pods are others, which are waited for', async () => {
    const { world, undo } = await injected();
    world.running.delete('taskmanager-2');
    world.clock.plan(world.clock.passed() + 5_000, () => void world.cluster.processes.start('taskmanager-2'));
    const { evidence } = await partition.heal(undo, world.context());
    assert.match(
      evidence.join('; '),
      /reach each other again: taskmanager-2 > jobmanager-1:8081 [^;]*; [^;]*; jobmanager-1 > taskmanager-2/,
    );
  });

  it('is not healed while policies stay, or while nothing passes', async () => {
    const world = onPods();
    const { undo } = await injected(world);
    world.policies.holds = true;
    await assert.rejects(
      partition.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /the end of its NetworkPolicies.*NetworkPolicy cut-.*-between/),
    );
    world.policies.holds = false;
    const others = { ...undo.apart, id: 'somebody-elses' };
    world.policies.made.set(others.id, others);
    world.policies.refuses = true;
    await assert.rejects(
      partition.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /connections between each two pods/),
    );
  });
});
