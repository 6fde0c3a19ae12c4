import assert from 'node:assert/strict';
import type { Pod } from '../../../../src/client/kubernetes/pod.js';
import { podDisks } from '../../../../src/target/kubernetes/disks.js';
import type { Hands } from '../../../../src/target/kubernetes/hands.js';
import { seats as seatsOf } from '../../../../src/target/kubernetes/seats.js';
import { handClock } from '../../../support/hand-clock.js';
import { hasCode } from '../../../support/has-code.js';
import { aPod } from '../../../support/kubernetes/a-pod.js';

const NODES = [
  { name: 'jobmanager-1', role: 'jobmanager' },
  { name: 'taskmanager-1', role: 'taskmanager' },
] as const;

/** Two pods, hands that write down what they are told, and settings of Flink. */
function withDisks(configured: Record<string, string> = {}) {
  const clock = handClock();
  const state = {
    pods: [aPod('jm-a', 1), aPod('tm-a', 2)] as readonly Pod[],
    answer: { code: 0, stdout: '65536 4096\n', stderr: '' },
    told: [] as { node: string; args: string[] }[],
    /** The pods as they are after so many milliseconds. */
    later: undefined as { at: number; pods: readonly Pod[] } | undefined,
  };
  const seats = seatsOf(NODES, ({ labels }) => labels.component);
  seats.settle(state.pods);
  const view = {
    now: () => state.pods,
    async fresh() {
      if (state.later && clock.passed() >= state.later.at) state.pods = state.later.pods;
      seats.settle(state.pods);
      return state.pods;
    },
    onChange: () => () => {},
    close: () => {},
  };
  const hands = {
    async run(node: string, _script: string, ...args: string[]) {
      state.told.push({ node, args });
      return state.answer;
    },
  } as unknown as Hands;
  return { clock, state, disks: podDisks({ view, seats, hands, configured, clock }) };
}

describe('disks of pods', () => {
  it('are filled on the machine of whoever has them, and tell what they hold', async () => {
    const { state, disks } = withDisks({ 'io.tmp.dirs': '/scratch/,/more' });
    assert.deepEqual(await disks.fill('taskmanager-1', 'abc'), { bytes: 65_536, free: 4_096 });
    assert.deepEqual(state.told, [{ node: 'machine-2', args: ['00000002abcdef', '/scratch', 'abc'] }]);
    state.answer = { code: 0, stdout: '', stderr: '' };
    assert.equal(await disks.filling('taskmanager-1', 'abc'), undefined);
    // A filling that is not there has filled nothing.
    assert.equal((await disks.fill('taskmanager-1', 'abc')).free, Number.POSITIVE_INFINITY);
  });

  it('are those that Flink is told to use', async () => {
    for (const [disk, configured, path] of [
      ['taskmanager-1', {}, '/tmp'],
      ['taskmanager-1', { 'io.tmp.dirs': '/a', 'state.backend.rocksdb.localdir': 'file:///b:/c' }, '/b'],
      ['storage', { 'high-availability.storageDir': 'file:///ha' }, '/ha'],
      ['storage', { 'state.checkpoints.dir': '/checkpoints/' }, '/checkpoints'],
    ] as const) {
      const { state, disks } = withDisks(configured);
      await disks.filling(disk, 'abc');
      assert.equal(state.told[0]?.args[1], path, JSON.stringify(configured));
      assert.equal(state.told[0]?.node, disk === 'storage' ? 'machine-1' : 'machine-2');
    }
    const elsewhere = withDisks({ 'high-availability.storageDir': 's3://bucket/ha' });
    await assert.rejects(elsewhere.disks.fill('storage', 'abc'), hasCode('CAPABILITY_MISSING', /s3:\/\/bucket/));
    assert.deepEqual(elsewhere.state.told, []);
  });

  it('are left alone where they are a part of what others use', async () => {
    const { state, disks } = withDisks();
    state.answer = { code: 7, stdout: '', stderr: '' };
    await assert.rejects(
      disks.fill('taskmanager-1', 'abc'),
      hasCode('CAPABILITY_MISSING', /\/tmp of tm-a is no file system of its own/),
    );
    state.answer = { code: 4, stdout: '', stderr: 'Read-only file system\n' };
    await assert.rejects(disks.fill('taskmanager-1', 'abc'), hasCode('FAULT_INJECT', /Read-only file system/));
    await assert.rejects(disks.fill('taskmanager-1', 'a/../b'), hasCode('INTERNAL'));
  });

  it('are emptied by the next container, where the one before has ended of it; what nobody can look at is not said to be empty', async () => {
    const { state, disks } = withDisks();
    const ended = aPod('tm-a', 2);
    state.pods = [aPod('jm-a', 1), { ...ended, container: { ...(ended.container ?? assert.fail()), running: false } }];
    const again = { id: '00000009abcdef', name: 'flink', startedAt: '', running: true };
    state.later = { at: 20_000, pods: [aPod('jm-a', 1), aPod('tm-a', 2, { container: again })] };
    await disks.empty('taskmanager-1', 'abc');
    assert.equal(state.told[0]?.args[0], '00000009abcdef');

    // It was seen to run, and has ended since.
    const since = withDisks();
    since.state.answer = { code: 3, stdout: '', stderr: '' };
    since.clock.plan(2_000, () => {
      since.state.answer = { code: 0, stdout: '', stderr: '' };
    });
    await since.disks.empty('taskmanager-1', 'abc');
    assert.ok(since.state.told.length > 1);

    const never = withDisks();
    never.state.pods = [aPod('jm-a', 1)];
    await assert.rejects(never.disks.filling('taskmanager-1', 'abc'), hasCode('DEADLINE', /the disk of taskmanager-1/));
  });
});
