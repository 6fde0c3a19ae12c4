import { ENDED } from '../../client/flink/job-state.js';
import type { Clock } from '../../core/clock.js';
import type { Recorder } from '../recorder.js';

/** Milliseconds from one look at what was observed to the next. */
const EVERY = 200;

/**
 * Follows a job that its operator starts under another id, until the signal aborts: where nothing is carried over it is another job to
 * Flink, of the same name. Only where one cluster is one job: elsewhere another one of its name is somebody else's.
 * @param first its id by now @param onId told of each other one
 */
export async function followId(
  { name, id: first }: { name: string; id: string },
  { recorder, clock, signal }: { recorder: Recorder; clock: Clock; signal: AbortSignal },
  onId: (id: string) => void,
): Promise<void> {
  // A JobManager that ends may tell of an earlier one yet.
  const known = new Set([first]);
  let [id, seen] = [first, recorder.events.length];
  while (!signal.aborted) {
    for (; seen < recorder.events.length; seen++) {
      const event = recorder.events[seen];
      if (event?.type !== 'observed.jobs' || event.status !== 200) continue;
      const alive = (event.jobs ?? []).filter((job) => job.name === name && !ENDED.has(job.state));
      const other = alive.find((job) => !known.has(job.id));
      if (!other || alive.some((job) => job.id === id)) continue;
      known.add(other.id);
      recorder.emit({ type: 'job.followed', jobId: other.id, name, before: id });
      id = other.id;
      onId(id);
    }
    await clock.sleep(EVERY, signal).catch(() => {});
  }
}
