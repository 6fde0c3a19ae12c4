import assert from 'node:assert/strict';
import type { FlinkRest } from '../../../src/client/flink/rest.js';
import { cancelJob } from '../../../src/run/steps/clear-away.js';
import { handClock } from '../../support/hand-clock.js';

/** A JobManager that says these of the job, one after the other, the last one for good; undefined: it lists no such job. */
function saying(...states: (string | undefined)[]) {
  const cancelled: string[] = [];
  let at = 0;
  const rest = {
    async jobsOverview() {
      const state = states[Math.min(at++, states.length - 1)];
      return state === undefined ? [] : [{ id: 'j', state }];
    },
    cancel: async (id: string) => void cancelled.push(id),
  } as unknown as FlinkRest;
  const clock = handClock();
  return { cancelled, clock, cancel: () => cancelJob({ rest: { 'jobmanager-1': rest } }, 'j', clock) };
}

describe('cancelling a job', () => {
  it('asks until it has ended, and says that it went on', async () => {
    const { cancel, cancelled } = saying('RUNNING', 'CANCELLING', 'CANCELLING', 'CANCELED');
    assert.equal(await cancel(), true);
    assert.deepEqual(cancelled, ['j']);
  });

  it('finds nothing to do where it is gone, or has ended', async () => {
    for (const state of [undefined, 'FINISHED']) {
      const { cancel, cancelled } = saying(state);
      assert.equal(await cancel(), false);
      assert.deepEqual(cancelled, []);
    }
  });

  it('leaves one alone that stays suspended: what a leader had before it lost the leadership, and nobody runs', async () => {
    const { cancel, cancelled, clock } = saying('SUSPENDED');
    assert.equal(await cancel(), false);
    assert.deepEqual(cancelled, []);
    assert.ok(clock.passed() >= 5_000);
  });

  it('waits for one that is suspended while its next leader makes it again', async () => {
    const { cancel, cancelled } = saying('SUSPENDED', 'SUSPENDED', 'INITIALIZING', 'CANCELED');
    assert.equal(await cancel(), true);
    assert.deepEqual(cancelled, ['j']);
  });
});
