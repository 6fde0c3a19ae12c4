import assert from 'node:assert/strict';
import type { AnyFault } from '../../../../src/fault/catalogue.js';
import { cutApiServer } from '../../../../src/fault/pods/cut-api-server.js';
import { deletePod } from '../../../../src/fault/pods/delete-pod.js';
import { evictPod } from '../../../../src/fault/pods/evict-pod.js';
import type { EndingUndo } from '../../../../src/fault/process/ending.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const onPods = () => Object.assign(handMadeCluster(), { arePods: true });

describe('pods that go', () => {
  for (const [fault, options, log] of [
    [deletePod, { node: 'jobmanager.leader', grace: 0 }, 'delete jobmanager-1'],
    [evictPod, { node: 'taskmanager' }, 'evict taskmanager-2'],
  ] as const) {
    it(`are ended by ${fault.name}, which is proven by the end of their process`, async () => {
      const world = onPods();
      const { undo, nodes } = await (fault as AnyFault).resolve(options, world.context());
      assert.equal(nodes.length, 1);
      const { evidence } = await (fault as AnyFault).inject(undo, world.context());
      assert.deepEqual(world.log, [log]);
      assert.match(evidence.join(), /is gone after the (deletion|eviction) of its pod/);
    });
  }

  it('get the grace that is asked for, or their own', async () => {
    const grace = async (options: object) =>
      ((await (deletePod as AnyFault).resolve(options, onPods().context())).undo as EndingUndo).grace;
    assert.deepEqual(
      [await grace({ node: 'taskmanager', grace: 60_000 }), await grace({ node: 'taskmanager' })],
      [60_000, 5_000],
    );
  });

  it('are left alone when they are other ones by then', async () => {
    const world = onPods();
    const { undo } = await (deletePod as AnyFault).resolve({ node: 'taskmanager' }, world.context());
    const chosen = (undo as EndingUndo).victims[0];
    assert.ok(chosen);
    chosen.identity.bootId = 'the pod before';
    await assert.rejects(
      (deletePod as AnyFault).inject(undo, world.context()),
      hasCode('FAULT_INJECT', /was replaced/),
    );
    assert.deepEqual(world.log, []);
  });

  it('stay where a budget of disruptions is against their eviction', async () => {
    const world = Object.assign(onPods(), { budget: 1 });
    const { undo } = await (evictPod as AnyFault).resolve({ node: 'taskmanager' }, world.context());
    await assert.rejects(
      (evictPod as AnyFault).inject(undo, world.context()),
      hasCode('FAULT_INJECT', /a PodDisruptionBudget does not allow/),
    );
  });

  it('are ended by Chaos Mesh where that is asked for, whose order is taken back', async () => {
    const world = onPods();
    const fault = deletePod as AnyFault;
    const { undo } = await fault.resolve({ node: 'taskmanager', via: 'chaos-mesh' }, world.context());
    const { evidence } = await fault.inject(undo, world.context());
    assert.deepEqual([...world.chaos.orders.values()], ['taskmanager-2']);
    assert.match(evidence.join(), /is gone after the deletion of its pod/);
    world.onStart = () => void Object.assign(world.heartbeats, { 'taskmanager-2': world.clock.wall() + 1 });
    const healed = await fault.heal(undo, world.context());
    assert.match(healed.evidence.join('; '), /^PodChaos flinch-[0-9a-f]{12}-boot is gone; taskmanager-2 runs as/);
    assert.equal(world.chaos.orders.size, 0);
  });

  it('stay where nobody acts on the order, which is not effective and taken back', async () => {
    const world = onPods();
    world.chaos.acts = false;
    const fault = deletePod as AnyFault;
    const { undo } = await fault.resolve({ node: 'taskmanager', via: 'chaos-mesh' }, world.context());
    await assert.rejects(fault.inject(undo, world.context()), hasCode('FAULT_NOT_EFFECTIVE', /still runs/));
    const { evidence } = await fault.heal(undo, world.context());
    assert.match(evidence.join('; '), /PodChaos .* is gone; process \d+ of taskmanager-2 was never ended/);
    assert.equal(world.chaos.orders.size, 0);
  });

  it('are not healed while the order cannot be taken back', async () => {
    const world = onPods();
    world.chaos.holds = true;
    const fault = deletePod as AnyFault;
    const { undo } = await fault.resolve({ node: 'taskmanager', via: 'chaos-mesh' }, world.context());
    await fault.inject(undo, world.context());
    await assert.rejects(fault.heal(undo, world.context()), hasCode('HEAL_FAILED', /finalizers/));
  });

  it('are refused where Chaos Mesh is not installed', async () => {
    const world = onPods();
    world.chaos.installed = false;
    await assert.rejects(
      (deletePod as AnyFault).resolve({ node: 'taskmanager', via: 'chaos-mesh' }, world.context()),
      hasCode('CAPABILITY_MISSING', /knows no PodChaos/),
    );
  });

  it('are nowhere but in Kubernetes', async () => {
    const world = handMadeCluster();
    await assert.rejects(
      (deletePod as AnyFault).resolve({ node: 'taskmanager' }, world.context()),
      hasCode('CAPABILITY_MISSING', /no pods/),
    );
  });
});

describe('an API server that JobManagers lose', () => {
  const cutOf = async (options: object) =>
    (await (cutApiServer as AnyFault).resolve({ duration: 5000, ...options }, onPods().context())).undo as {
      cut: object;
    };

  it('hangs: packets are dropped both ways, for all of them', async () => {
    const { cut } = await cutOf({ node: 'jobmanager.all', how: 'hangs' });
    assert.deepEqual({ ...cut, id: '' }, { id: '', between: ['jobmanager-1', 'jobmanager-2'], and: ['apiserver'] });
  });

  it('refuses: connections of the one that leads are reset', async () => {
    const { cut } = await cutOf({ node: 'jobmanager.leader', how: 'refuses' });
    assert.deepEqual(
      { ...cut, id: '' },
      { id: '', between: ['jobmanager-1'], and: ['apiserver'], direction: 'forth', only: { refused: true } },
    );
  });
});
