import assert from 'node:assert/strict';
import { type MemoryLimitUndo, memoryLimit } from '../../../../src/fault/process/memory-limit.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { HAD } from '../../../support/hand-made-memory.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(before?: number) {
  const world = handMadeCluster();
  const pid = world.running.get('taskmanager-1')?.pid ?? 0;
  if (before !== undefined) world.limits.set(pid, before);
  const options = { node: 'taskmanager.all', headroom: 24, duration: 5000 } as const;
  const { undo } = await memoryLimit.resolve(options, world.context());
  const plain = JSON.parse(JSON.stringify(undo)) as MemoryLimitUndo;
  const confirm = async () => (await memoryLimit.confirm?.(plain, world.context()))?.join('; ') ?? '';
  const beats = () => {
    for (const node of ['taskmanager-1', 'taskmanager-2']) world.heartbeats[node] = world.clock.wall() + 1;
  };
  return { world, undo: plain, confirm, pid, beats };
}

describe('memoryLimit', () => {
  it('leaves them what they have and a little more, and gives them back what they might have before', async () => {
    const { world, undo, confirm, pid, beats } = await chosen(5000);
    const { evidence } = await memoryLimit.inject(undo, world.context());
    assert.match(
      evidence.join('; '),
      /^taskmanager-1 has 1000B of its own, and gets 1024 bytes at most; taskmanager-2 /,
    );
    assert.equal(world.limits.get(pid), HAD + 24);
    assert.match(await confirm(), /taskmanager-2 has 1000 bytes and gets 1024 at most, after 5\.00 s$/);
    beats();
    const healed = await memoryLimit.heal(undo, world.context());
    assert.match(healed.evidence.join('; '), /taskmanager-1 may have 5000 bytes again; .*any number of bytes again/);
    assert.deepEqual([...world.limits], [[pid, 5000]]);
  });

  it('is effective where a process ends of it, which is started again', async () => {
    const { world, undo, confirm } = await chosen();
    await memoryLimit.inject(undo, world.context());
    world.end('taskmanager-1');
    assert.match(await confirm(), /^process \d+ of taskmanager-1 has ended of it; taskmanager-2 has/);
    world.onStart = (node) => {
      world.heartbeats[node] = world.clock.wall() + 1;
    };
    world.heartbeats['taskmanager-2'] = world.clock.wall() + 1;
    const { evidence } = await memoryLimit.heal(undo, world.context());
    assert.match(evidence.join('; '), /of taskmanager-1 ended; taskmanager-1 runs as process \d+.*registered/);
    const other = world.running.get('taskmanager-2')?.pid ?? 0;
    assert.equal(world.limits.get(other), undefined);
  });

  it('replaces one that lives and does not find its way back', async () => {
    const { world, undo } = await chosen();
    await memoryLimit.inject(undo, world.context());
    world.heartbeats['taskmanager-1'] = world.clock.wall() - 1;
    world.heartbeats['taskmanager-2'] = world.clock.wall() + 1;
    world.onStart = (node) => {
      world.heartbeats[node] = world.clock.wall() + 1;
    };
    const { evidence } = await memoryLimit.heal(undo, world.context());
    assert.match(
      evidence.join('; '),
      /taskmanager-1 may have any .* again; .*taking its part.*; taskmanager-1 runs as/,
    );
    assert.deepEqual(
      world.log.filter((line) => /SIGKILL|start/.test(line)),
      ['SIGKILL taskmanager-1', 'start taskmanager-1'],
    );
  });

  it('is not confirmed where somebody has taken the limit away', async () => {
    const { world, undo, confirm, pid } = await chosen(5000);
    await memoryLimit.inject(undo, world.context());
    world.limits.set(pid, 5000);
    await assert.rejects(confirm(), hasCode('FAULT_NOT_EFFECTIVE', /gone before its time/));
  });

  it('says what is left and how to end it where it cannot be', async () => {
    const { world, undo, pid } = await chosen();
    await memoryLimit.inject(undo, world.context());
    world.memory.limit = async () => {};
    await assert.rejects(
      memoryLimit.heal(undo, world.context()),
      hasCode(
        'HEAL_FAILED',
        new RegExp(`may still have no more than 1024 bytes.*prlimit --pid ${pid} --data=unlimited:`),
      ),
    );
  });
});
