import assert from 'node:assert/strict';
import type { Pod } from '../../../../src/client/kubernetes/pod.js';
import { seats } from '../../../../src/target/kubernetes/seats.js';
import type { ClusterNode } from '../../../../src/target/ports.js';
import { aPod } from '../../../support/kubernetes/a-pod.js';

const node = (name: string): Pick<ClusterNode, 'name' | 'role'> => ({
  name,
  role: name.replace(/-\d+$/, '') as ClusterNode['role'],
});
const NODES = ['jobmanager-1', 'jobmanager-2', 'taskmanager-1', 'taskmanager-2'].map(node);

const going = (it: Pod, running: boolean): Pod => ({
  ...it,
  leaving: true,
  ...(it.container && { container: { ...it.container, running } }),
});
const WHOLE = [aPod('jm-a', 1), aPod('jm-b', 2), aPod('tm-a', 3), aPod('tm-b', 4)];

function seated(pods: readonly Pod[]) {
  const made = seats(NODES, ({ labels }) => labels.component);
  made.settle(pods);
  return { ...made, who: () => NODES.map(({ name }) => made.podOf(name)?.name) };
}

describe('seats of pods', () => {
  it('are taken by role, the oldest pod first', () => {
    assert.deepEqual(seated(WHOLE).who(), ['jm-a', 'jm-b', 'tm-a', 'tm-b']);
  });

  it('stay as they are while pods come and go elsewhere', () => {
    const { settle, who } = seated(WHOLE);
    settle([...WHOLE.slice(1), aPod('jm-c', 5)]);
    assert.deepEqual(who(), ['jm-c', 'jm-b', 'tm-a', 'tm-b']);
  });

  it('are kept by a pod that was asked to go while its process runs, and then taken by the next one', () => {
    const { settle, who } = seated(WHOLE);
    const [first, ...others] = WHOLE as [Pod, ...Pod[]];
    const next = aPod('jm-c', 5);
    settle([going(first, true), ...others, next]);
    assert.deepEqual(who(), ['jm-a', 'jm-b', 'tm-a', 'tm-b']);
    settle([going(first, false), ...others, next]);
    assert.deepEqual(who(), ['jm-c', 'jm-b', 'tm-a', 'tm-b']);
  });

  it('are those of an earlier run, for pods that were there', () => {
    const before = {
      'jobmanager-1': 'uid-2',
      'jobmanager-2': 'uid-9',
      'taskmanager-1': 'uid-4',
      'taskmanager-2': 'uid-3',
    };
    const made = seats(NODES, ({ labels }) => labels.component, before);
    made.settle(WHOLE);
    assert.deepEqual(
      NODES.map(({ name }) => made.podOf(name)?.name),
      ['jm-b', 'jm-a', 'tm-b', 'tm-a'],
    );
    assert.deepEqual(made.taken(), { ...before, 'jobmanager-2': 'uid-1' });
  });

  it('are empty where nobody comes, and hold no pod of another role', () => {
    const { settle, who } = seated(WHOLE);
    settle([...WHOLE.slice(0, 3), aPod('jm-c', 5)]);
    assert.deepEqual(who(), ['jm-a', 'jm-b', 'tm-a', undefined]);
  });

  it('keep a pod whose container starts again', () => {
    const { settle, podOf } = seated(WHOLE);
    const again = { id: 'container-9', name: 'flink', startedAt: '', running: true };
    settle(WHOLE.map((it) => (it.name === 'tm-a' ? { ...it, container: again } : it)));
    assert.equal(podOf('taskmanager-1')?.container?.id, 'container-9');
  });

  it('are found by all that a pod was ever called, also by the id that Flink makes of its address', () => {
    const { settle, seatOf } = seated(WHOLE);
    settle([...WHOLE.slice(0, 2), aPod('tm-b', 4), aPod('tm-c', 5)]);
    assert.deepEqual(
      ['tm-a', 'uid-3', '10.0.0.3', '10.0.0.3:40123-a1b2c3', 'tm-c', '10.0.0.5:6122-ffffff', 'tm-b', 'nobody'].map(
        seatOf,
      ),
      [...Array(6).fill('taskmanager-1'), 'taskmanager-2', undefined],
    );
  });

  it('give an address to the pod that has it now, where it had another one before', () => {
    const { settle, seatOf } = seated(WHOLE);
    settle([...WHOLE.slice(0, 3), aPod('tm-c', 5, { ip: '10.0.0.3' })]);
    // Both: the later one of the two counts.
    settle([...WHOLE.slice(0, 2), aPod('tm-c', 5, { ip: '10.0.0.3' })]);
    assert.equal(seatOf('10.0.0.3'), 'taskmanager-2');
  });
});
