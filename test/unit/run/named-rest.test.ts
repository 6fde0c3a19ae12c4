import assert from 'node:assert/strict';
import type { FlinkRest } from '../../../src/client/flink/rest.js';
import { withNodeNames } from '../../../src/run/cluster/named-rest.js';

describe('a REST API whose TaskManagers are called by their nodes', () => {
  const rest = withNodeNames(
    {
      baseUrl: 'http://here',
      taskManagers: async () => [
        { id: '10.0.0.3:6122-ab', lastHeartbeat: 1 },
        { id: 'another', lastHeartbeat: 2 },
      ],
      exceptions: async () => [
        { at: 1, name: 'E', message: 'm', taskManager: '10.0.0.3:6122-ab' },
        { at: 2, name: 'E', message: 'm' },
      ],
      vertex: async () => [
        { index: 0, status: 'RUNNING', attempt: 0, taskManager: '10.0.0.3:6122-ab' },
        { index: 1, status: 'SCHEDULED', attempt: 0 },
      ],
    } as unknown as FlinkRest,
    (id) => (id.startsWith('10.0.0.3') ? 'taskmanager-1' : undefined),
  );

  it('lists them so, and leaves those that are no node of the cluster as Flink calls them', async () => {
    assert.deepEqual(
      (await rest.taskManagers()).map(({ id }) => id),
      ['taskmanager-1', 'another'],
    );
  });

  it('tells so of subtasks and exceptions, of those that have one', async () => {
    assert.deepEqual(
      (await rest.vertex('job', 'vertex')).map(({ taskManager }) => taskManager),
      ['taskmanager-1', undefined],
    );
    const failures = await rest.exceptions('job');
    assert.deepEqual(
      failures.map((failure) => [failure.taskManager, 'taskManager' in failure]),
      [
        ['taskmanager-1', true],
        [undefined, false],
      ],
    );
    assert.equal(rest.baseUrl, 'http://here');
  });
});
