import assert from 'node:assert/strict';
import { type SuspendUndo, suspendDeployment } from '../../../../src/fault/pods/suspend-deployment.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen() {
  const world = Object.assign(handMadeCluster(), { arePods: true });
  const { undo } = await suspendDeployment.resolve({ duration: 20_000 }, world.context());
  return { world, undo: JSON.parse(JSON.stringify(undo)) as SuspendUndo };
}

describe('suspendDeployment', () => {
  it('is there when the operator calls it suspended, and the job does not run', async () => {
    const { world, undo } = await chosen();
    const { evidence } = await suspendDeployment.inject(undo, world.context());
    assert.deepEqual(world.log, ['suspend']);
    assert.deepEqual(evidence, ['the operator calls it SUSPENDED, and the job FINISHED']);
    assert.match((await suspendDeployment.confirm?.(undo, world.context()))?.[0] ?? '', /FINISHED, after 15.00 s$/);
    world.operator.job = 'RUNNING';
    await assert.rejects(
      async () => suspendDeployment.confirm?.(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /somebody has ended the suspension/),
    );
  });

  it('is not, while the job runs', async () => {
    const { world, undo } = await chosen();
    const { deployment } = world.cluster;
    assert.ok(deployment);
    const { suspend } = deployment;
    deployment.suspend = async (by, signal) => {
      await suspend(by, signal);
      world.operator.job = 'RUNNING';
    };
    await assert.rejects(
      suspendDeployment.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /it was asked to suspend the job, and a suspension did not come about/),
    );
  });

  it('ends when the job is to run again, and every node takes its part', async () => {
    const { world, undo } = await chosen();
    await suspendDeployment.inject(undo, world.context());
    // Its cluster was taken away.
    for (const node of undo.victims) world.end(node.node);
    world.contenders = ['0x8', '0x9'];
    const heartbeat = world.clock.wall() + 10_000;
    world.heartbeats = { 'taskmanager-1': heartbeat, 'taskmanager-2': heartbeat };
    const { evidence } = await suspendDeployment.heal(undo, world.context());
    assert.deepEqual([evidence[0], world.operator.suspendedBy], ['the operator calls it STABLE, and the job runs', '']);
    assert.equal(evidence.length, 9);
  });

  it('is ended only when Flink can tell of its savepoint, also where the operator has not come to it yet', async () => {
    const { world, undo } = await chosen();
    await suspendDeployment.inject(undo, world.context());
    assert.equal(suspendDeployment.hold?.(undo), 15_000);
    assert.equal(suspendDeployment.hold?.({ ...undo, duration: 2_000 }), 0);
    Object.assign(world.operator, { lifecycle: 'STABLE', job: 'RUNNING', current: false });
    const began = world.clock.mono();
    world.clock.plan(world.clock.passed() + 10_000, () =>
      Object.assign(world.operator, { lifecycle: 'SUSPENDED', job: 'FINISHED', current: true }),
    );
    let [suspended, resumed] = [true, 0];
    const { deployment } = world.cluster;
    assert.ok(deployment);
    const { resume } = deployment;
    deployment.resume = async (by, signal) => {
      [suspended, resumed] = [world.operator.job !== 'RUNNING', world.clock.mono()];
      await resume(by, signal);
    };
    await suspendDeployment.heal(undo, world.context());
    assert.ok(suspended && resumed - began >= 15_000);
    // Nobody but the operator knows when it comes to it.
    await suspendDeployment.inject(undo, world.context());
    Object.assign(world.operator, { lifecycle: 'STABLE', job: 'RUNNING', current: false });
    const again = world.clock.mono();
    world.clock.plan(world.clock.passed() + 70_000, () => Object.assign(world.operator, { current: true }));
    await suspendDeployment.heal(undo, world.context());
    assert.ok(resumed - again >= 65_000 && world.clock.mono() - again >= 70_000);
  });

  it('is not healed while the operator does not run the job', async () => {
    const { world, undo } = await chosen();
    await suspendDeployment.inject(undo, world.context());
    const { deployment } = world.cluster;
    assert.ok(deployment);
    const { resume } = deployment;
    deployment.resume = async () => {};
    await assert.rejects(
      suspendDeployment.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /its job is still not to run.*set spec.job.state/s),
    );
    deployment.resume = async (by, signal) => {
      await resume(by, signal);
      world.operator.job = 'RECONCILING';
    };
    await assert.rejects(
      suspendDeployment.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /a job that the operator runs did not come about.*set spec.job.state/s),
    );
  });

  it('leaves alone what somebody else has suspended since', async () => {
    const { world, undo } = await chosen();
    await suspendDeployment.inject(undo, world.context());
    world.operator.suspendedBy = 'somebody else';
    const { evidence } = await suspendDeployment.heal(undo, world.context());
    assert.deepEqual([evidence, world.log], [['it is suspended by the will of somebody else'], ['suspend']]);
  });

  it('leaves alone what was never suspended', async () => {
    const { world, undo } = await chosen();
    const { evidence } = await suspendDeployment.heal(undo, world.context());
    assert.deepEqual(world.log, []);
    assert.match(evidence.join('; '), /process \d+ of jobmanager-1 runs on/);
  });

  it('waits for an operator that has something to do, and is refused when it does not end', async () => {
    const world = Object.assign(handMadeCluster(), { arePods: true });
    world.operator.current = false;
    world.clock.plan(world.clock.passed() + 60_000, () => Object.assign(world.operator, { current: true }));
    const began = world.clock.mono();
    await suspendDeployment.resolve({ duration: 20_000 }, world.context());
    assert.ok(world.clock.mono() - began >= 60_000);
    world.operator.lifecycle = 'UPGRADING';
    const refused = suspendDeployment.resolve({ duration: 20_000 }, world.context());
    await assert.rejects(refused, hasCode('FAULT_INJECT', /the operator calls it UPGRADING, and not STABLE/));
    Object.assign(world.operator, { lifecycle: 'STABLE', current: false });
    const deaf = suspendDeployment.resolve({ duration: 20_000 }, world.context());
    await assert.rejects(deaf, hasCode('FAULT_INJECT', /the operator has not come to what is asked for now/));
  });
});
