import type { FlinkRest, SubtaskTimes } from '../client/flink/rest.js';
import type { Clock } from '../core/clock.js';
import { pollForever, type Sample } from '../core/poll.js';
import type { Entered, StartedTasks } from '../journal/events.js';
import type { Pace } from './attention.js';
import type { JobDeps } from './checkpoints.js';
import type { Emit, ObserverOptions } from './look.js';

/** Flink caches the answer (3 s by default); the times in it are exact regardless. */
const PACE: Pace = { every: 500, leader: 10_000, others: 30_000 };

interface Execution {
  /** When the JobManager was asked for `now`, and had answered: what follows takes time of its own. */
  start: number;
  end: number;
  now: number;
  timestamps: Record<string, number>;
  tasks?: StartedTasks;
}

const entered = (times: readonly number[]): Entered | undefined =>
  times.length > 0 ? [Math.min(...times), Math.max(...times)] : undefined;

/** Of a subtask that runs, or has done its work. */
const RUNS: ReadonlySet<string> = new Set(['RUNNING', 'FINISHED']);
function runs({ timestamps }: SubtaskTimes): boolean {
  const latest = Math.max(...Object.values(timestamps));
  return Object.entries(timestamps).some(([state, at]) => at === latest && RUNS.has(state));
}

/**
 * What is known of the tasks that were created at `since` or later, by the JobManager's clock: the last start of the job,
 * or of the region of it that failed.
 */
export function startedTasks(all: readonly SubtaskTimes[], since: number): StartedTasks {
  const started = all.filter(({ timestamps }) => (timestamps.CREATED ?? 0) >= since);
  const into = (state: string) =>
    entered(started.flatMap(({ timestamps }) => ((timestamps[state] ?? 0) > 0 ? [timestamps[state] as number] : [])));
  const [scheduled, deploying, initializing, ran] = ['SCHEDULED', 'DEPLOYING', 'INITIALIZING', 'RUNNING'].map(into);
  return {
    total: all.length,
    started: started.length,
    running: started.filter(runs).length,
    ...(scheduled && { scheduled }),
    ...(deploying && { deploying }),
    ...(initializing && { initializing }),
    ...(ran && { ran }),
  };
}

/** When the job was started last: by its JobManager, or after a failure. */
const lastStart = (timestamps: Readonly<Record<string, number>>): number =>
  Math.max(timestamps.INITIALIZING ?? 0, timestamps.RESTARTING ?? 0);

/** Milliseconds between two questions for the times of tasks that do not run yet: of a large job it is many requests. */
const UNFINISHED_EVERY = 2_000;

/** Asks for the times of the tasks once all run, and not again until the job is started anew; seldom while they do not. */
function looker(api: FlinkRest, jobId: () => string | undefined, clock: Clock) {
  let known: { of: string; tasks: StartedTasks; settled: boolean; at: number } | undefined;
  return async (signal: AbortSignal): Promise<Execution | undefined> => {
    const id = jobId();
    if (id === undefined) return undefined;
    const start = clock.mono();
    const { now, timestamps: all, vertices } = await api.job(id, signal);
    const end = clock.mono();
    const timestamps = Object.fromEntries(Object.entries(all).filter(([, at]) => at > 0));
    const of = `${id} ${JSON.stringify(timestamps)}`;
    const same = known?.of === of ? known : undefined;
    const whole = vertices.length > 0 && vertices.every(({ parallelism, running }) => running === parallelism);
    if (same?.settled || (same && !whole && start - same.at < UNFINISHED_EVERY)) {
      return { start, end, now, timestamps, tasks: same.tasks };
    }
    const times: SubtaskTimes[] = [];
    // One after the other: a job of many vertices is no reason for a burst.
    for (const vertex of vertices) times.push(...(await api.subtaskTimes(id, vertex.id, signal)));
    const tasks = startedTasks(times, lastStart(timestamps));
    known = { of, tasks, settled: tasks.started > 0 && tasks.running === tasks.started, at: start };
    return { start, end, now, timestamps, tasks };
  };
}

/** Flink's own times of the job and of its tasks, as each JobManager's endpoint tells them, when they have changed. */
export async function observeExecution(
  { rest, jobId, attention }: JobDeps,
  emit: Emit,
  { clock, signal }: ObserverOptions,
): Promise<void> {
  await Promise.all(
    Object.entries(rest).map(([node, api]) => {
      let told = '';
      const tell = ({ value }: Sample<Execution | undefined>) => {
        if (!value) return;
        const same = JSON.stringify([value.timestamps, value.tasks]);
        if (same === told) return;
        told = same;
        emit({ type: 'observed.execution', node, ...value });
      };
      return pollForever(looker(api, jobId, clock), tell, {
        every: PACE.every,
        clock: attention.paced(node, PACE),
        signal,
      });
    }),
  );
}
