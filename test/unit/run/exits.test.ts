import assert from 'node:assert/strict';
import { announced, recordExits } from '../../../src/run/steps/bring-up.js';
import type { NodeExit } from '../../../src/target/ports.js';
import { handMadeCluster } from '../../support/hand-made-cluster.js';
import { memoryRecorder } from '../../support/hand-made-run.js';

describe('processes that end in a run', () => {
  function watched() {
    const world = handMadeCluster();
    const recorder = memoryRecorder(world.clock);
    let exit: (exit: NodeExit) => void = () => {};
    const { cluster, asked } = announced(world.cluster, recorder.emit);
    const onExit = (listener: typeof exit) => {
      exit = listener;
      return () => {};
    };
    recordExits({ onExit }, asked, recorder);
    const ends = (node: string, pid: number) => exit({ node, pid, code: 1, signal: null });
    const trouble = () => recorder.events.flatMap((e) => (e.type === 'trouble' ? [e.message] : []));
    return { world, cluster, recorder, ends, trouble };
  }

  it('are trouble where no fault was aimed at them', () => {
    const { recorder, ends, trouble } = watched();
    ends('broker-1', 7);
    assert.deepEqual(trouble(), ['broker-1 (process 7) exited with code 1; no fault was aimed at it']);
    assert.equal(recorder.events[0]?.type, 'node.exited');
  });

  it('are none where one was, nor where a fault or its healing asked them to end', async () => {
    const { cluster, recorder, ends, trouble } = watched();
    const evidence: string[] = [];
    const of = { type: 'fault.resolved', fault: 0, kind: 'pause', selector: 'x', evidence } as const;
    recorder.emit({ ...of, node: 'jobmanager-1', pid: 5, also: [{ node: 'jobmanager-2', pid: 6 }] });
    ends('jobmanager-1', 5);
    ends('jobmanager-2', 6);
    const identity = await cluster.processes.identify('taskmanager-1');
    assert.ok(identity);
    await cluster.processes.signal(identity, 'SIGSTOP');
    await cluster.processes.signal(identity, 'SIGCONT');
    ends('taskmanager-1', identity.pid);
    assert.equal(trouble().length, 1);
    await cluster.processes.signal(identity, 'SIGKILL');
    ends('taskmanager-1', identity.pid);
    assert.equal(trouble().length, 1);
  });
});
