import assert from 'node:assert/strict';
import type { EventBody, JobRecord } from '../../../src/journal/events.js';
import { followId } from '../../../src/run/steps/attach-follow.js';
import { handClock } from '../../support/hand-clock.js';
import { memoryRecorder } from '../../support/hand-made-run.js';

const job = (id: string, state = 'RUNNING', name = 'orders'): JobRecord => ({
  ...{ id, name, state },
  ...{ startTime: 0, total: 1, running: 1, finished: 0 },
});
const look = (status: number, ...jobs: JobRecord[]): EventBody => ({
  type: 'observed.jobs',
  node: 'jobmanager-1',
  ...{ start: 0, end: 1, status, jobs },
});

describe('following the id of an attached job', () => {
  /** The ids that are told after these looks, a look a second. */
  async function told(...looks: EventBody[]): Promise<{ ids: string[]; followed: number }> {
    const clock = handClock();
    const recorder = memoryRecorder(clock);
    const over = new AbortController();
    for (const [i, event] of looks.entries()) clock.plan((i + 1) * 1_000, () => recorder.emit(event));
    clock.plan((looks.length + 1) * 1_000, () => over.abort());
    const ids: string[] = [];
    const signal = over.signal;
    await followId({ name: 'orders', id: 'a' }, { recorder, clock, signal }, (id) => ids.push(id));
    return { ids, followed: recorder.events.filter(({ type }) => type === 'job.followed').length };
  }

  it('takes the next one of its name once nothing of the first is left, each time', async () => {
    const looks = ['a', 'b', 'a', 'b', 'c'].flatMap((id) => [look(200, job(id)), look(200)]);
    assert.deepEqual(await told(...looks), { ids: ['b', 'c'], followed: 2 });
    assert.deepEqual((await told(look(200, job('a', 'CANCELED'), job('b', 'CREATED')))).ids, ['b']);
  });

  it('takes nothing else: beside the first, of another name, ended, or not told by Flink', async () => {
    const looks = [
      look(200, job('a'), job('b')),
      look(200, job('b', 'RUNNING', 'payments')),
      look(200, job('b', 'FAILED')),
      look(503, job('b')),
      look(200, job('a', 'RESTARTING'), job('b')),
    ];
    assert.deepEqual(await told(...looks), { ids: [], followed: 0 });
  });
});
