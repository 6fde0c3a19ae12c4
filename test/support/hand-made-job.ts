import { FlinchError } from '../../src/core/error.js';
import type { JobControl, JobStart, ResourceBounds, SavepointAnswer } from '../../src/target/ports.js';

/** A job without a Flink behind it; a test moves it by hand. */
export function handMadeJob() {
  const job = {
    current: 'job-1',
    state: 'RUNNING' as string | undefined,
    live: ['job-1'],
    /** What Flink says of each request; undefined once nobody knows it. */
    answer: { location: 'file:/savepoint-1' } as SavepointAnswer | undefined,
    snapshots: { checkpoint: 'file:/chk-7' } as { checkpoint?: string; savepoint?: string },
    /** How the job was started again, and where from. */
    starts: [] as JobStart[],
    /** Takes every request, and nothing comes of it. */
    deaf: false,
    /** No JobManager answers. */
    leaderless: false,
    /** What starting it again does; throws where the gateway would. */
    onStart: (id: string): void => job.runs(id),
    /** What starting the changed one does. */
    onChanged: (): string => 'changed-1',
    bounds: { v1: { least: 1, most: 2 }, v2: { least: 1, most: 2 } } as ResourceBounds | undefined,
    /** Subtasks of each vertex. */
    parallelism: [2, 2],
    failures: [] as string[],
    checkpointed: false,
    ended: [] as string[],
    runs(id: string) {
      job.current = id;
      job.state = 'RUNNING';
      job.live = [id];
    },
    ends(state: string) {
      job.state = state;
      job.live = [];
    },
  };
  const asked = <T>(answer: T): T => {
    if (job.leaderless) throw new FlinchError('FLINK_REST', { what: 'there is no leader' });
    return answer;
  };
  const control: JobControl = {
    name: 'flinch-pass-through',
    id: () => job.current,
    notes: new Map(),
    look: async () => asked({ live: job.live, ...(job.state === undefined ? {} : { state: job.state }) }),
    async request(what) {
      asked(0);
      if (what === 'stop' && !job.deaf && job.answer?.location) job.ends('FINISHED');
      return 'request-1';
    },
    async cancel() {
      asked(0);
      if (!job.deaf) job.ends('CANCELED');
    },
    answer: async () => asked(job.deaf ? {} : job.answer),
    async bounds() {
      if (job.bounds) return asked(job.bounds);
      throw new FlinchError('FLINK_REST', { what: 'GET answered 500' });
    },
    async setBounds(bounds) {
      asked(0);
      if (!job.deaf) job.bounds = bounds;
    },
    running: async () => asked({ state: job.state ?? 'FAILED', parallelism: job.parallelism }),
    snapshots: async () => asked(job.snapshots),
    directories: async () => asked({ checkpoints: 'file:/checkpoints', savepoints: 'file:/savepoints' }),
    async start(how) {
      job.starts.push(how);
      job.onStart(`job-${job.starts.length + 1}`);
    },
    adopt: (id) => job.runs(id),
    async startChanged() {
      const id = job.onChanged();
      job.live.push(id);
      return id;
    },
    failures: async () => job.failures,
    checkpointed: async () => job.checkpointed,
    async end(id) {
      job.ended.push(id);
      job.live = job.live.filter((it) => it !== id);
    },
  };
  return Object.assign(job, { control });
}
