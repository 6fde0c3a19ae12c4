import assert from 'node:assert/strict';
import { type CpuLimitUndo, cpuLimit } from '../../../../src/fault/process/cpu-limit.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(to = 20) {
  const world = handMadeCluster();
  const { undo } = await cpuLimit.resolve({ node: 'taskmanager.all', to, duration: 5000 }, world.context());
  const plain = JSON.parse(JSON.stringify(undo)) as CpuLimitUndo;
  const act = async () => cpuLimit.meanwhile?.act(plain, world.context());
  const confirm = async () => (await cpuLimit.confirm?.(plain, world.context()))?.join('; ') ?? '';
  return { world, undo: plain, act, confirm };
}

describe('cpuLimit', () => {
  it('lets them run in a part of the time only, and says in which', async () => {
    const { world, undo, act, confirm } = await chosen();
    const { evidence } = await cpuLimit.inject(undo, world.context());
    assert.match(evidence.join('; '), /taskmanager-1 is stopped \(state T\); .*still for 160 ms of each 200 ms/);
    const began = world.clock.passed();
    for (let i = 0; i < 10; i++) await act();
    assert.equal(world.clock.passed() - began, 2000);
    assert.deepEqual([...world.stopped], []);
    assert.match(await confirm(), /^taskmanager-1, taskmanager-2 stood still for 1\.76 s of 2\.16 s$/);
    const stops = world.log.filter((line) => line === 'SIGSTOP taskmanager-2').length;
    assert.deepEqual([stops, world.log.filter((line) => line === 'SIGCONT taskmanager-2').length], [11, 11]);
  });

  it('is not confirmed where they ran for most of the time', async () => {
    const { world, undo, confirm } = await chosen();
    await cpuLimit.inject(undo, world.context());
    await world.clock.sleep(5000);
    await assert.rejects(confirm(), hasCode('FAULT_NOT_EFFECTIVE', /only stood still for 160 ms of 5\.16 s/));
  });

  it('leaves nobody stopped when it is interrupted', async () => {
    const { world, undo } = await chosen();
    const controller = new AbortController();
    world.onSignal = (signal) => {
      if (signal === 'SIGSTOP') controller.abort(new Error('enough'));
    };
    await assert.rejects(cpuLimit.inject(undo, world.context(controller.signal)), /enough/);
    await cpuLimit.heal(undo, world.context());
    assert.deepEqual([...world.stopped], []);
  });

  it('goes on where one of them has ended of it, and starts that one when it is over', async () => {
    const { world, undo, act } = await chosen();
    await cpuLimit.inject(undo, world.context());
    world.end('taskmanager-1');
    await act();
    world.onStart = (node) => {
      world.heartbeats[node as 'taskmanager-1'] = world.clock.wall() + 1;
    };
    world.heartbeats['taskmanager-2'] = world.clock.wall() + 1;
    const { evidence } = await cpuLimit.heal(undo, world.context());
    assert.match(evidence.join('; '), /of taskmanager-1 ended; taskmanager-1 runs as process \d+/);
  });
});
