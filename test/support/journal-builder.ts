import type { Scenario } from '../../src/core/scenario.js';
import type { EventBody, EventOf, JobRecord, JournalEvent } from '../../src/journal/events.js';

import { MONO, type Story, WALL } from './journal-stories.js';

export * from './journal-stories.js';

export function scenarioOf({ objectives, selector, job_ }: Story): Scenario {
  return {
    name: 'kill-leader-jobmanager',
    title: 'The leading JobManager is killed; a standby takes over',
    cluster: {
      flink: '1.20',
      highAvailability: 'zookeeper',
      jobManagers: 2,
      taskManagers: 2,
      slots: 2,
      zookeepers: 1,
      brokers: 1,
      disk: 256 * 1024 ** 2,
      flinkConfig: { 'high-availability.zookeeper.client.session-timeout': '6s' },
      zookeeperConfig: {},
      kafkaConfig: {},
    },
    workload: {
      job: job_,
      guarantee: 'exactly-once',
      rate: 1000,
      lanes: 2,
      partitions: 2,
      parallelism: 2,
      checkpoints: 2000,
      stateBackend: 'rocksdb',
      transactionTimeout: 600_000,
      recordSize: 0,
      sinkConfig: {},
    },
    steadyState: { hold: 10_000, within: 60_000 },
    faults: [{ kind: 'kill', options: { node: selector } }],
    objectives,
  };
}

const JOB = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

function jobsLook(story: Story, node: string, t: number): EventBody | undefined {
  const answer = story.job(node, t);
  if (answer === 'skip') return undefined;
  const look = { type: 'observed.jobs' as const, node, start: MONO + t, end: MONO + t + 20 };
  if (answer === 'refused') return { ...look, end: look.start + 2, error: 'connect ECONNREFUSED' };
  if (typeof answer === 'number') return { ...look, status: answer };
  const total = answer === 'fewer' ? 2 : 4;
  const running = answer === 'good' || answer === 'fewer' ? total : 0;
  const state = answer === 'down' ? 'RESTARTING' : 'RUNNING';
  const job: JobRecord = {
    id: JOB,
    name: 'flinch',
    state,
    startTime: story.startTime(t),
    total,
    running,
    finished: 0,
  };
  return { ...look, status: 200, jobs: [job] };
}

function leaderLook(story: Story, t: number): EventBody {
  const { lostLeaderAt, newLeaderAt } = story;
  const record = (n: number) => ({
    node: `jobmanager-${n}`,
    address: `http://10.0.0.${n}:8081`,
    session: `${n}${n}${n}${n}0000-0000-4000-8000-000000000000`,
    owner: `0x${n}`,
  });
  const gone = lostLeaderAt !== undefined && t >= lostLeaderAt;
  const next = newLeaderAt !== undefined && t >= newLeaderAt;
  const leader = next ? record(2) : gone ? null : record(1);
  const contenders = leader ? [leader.owner] : [];
  return { type: 'observed.leader', by: 'poll', leader, contenders, start: MONO + t, end: MONO + t + 8 };
}

function checkpointLook(story: Story, t: number): EventBody | undefined {
  const books = story.books ? story.books(t) : {};
  if (!books) return undefined;
  const { restoredAt } = books;
  const done = story.checkpoints.filter((at) => at + 300 <= t);
  const last = done.at(-1);
  const latest =
    last === undefined ? {} : { latest: { id: done.length, triggeredAt: WALL + last, completedAt: WALL + last + 300 } };
  return {
    type: 'observed.checkpoints',
    node: 'jobmanager-2',
    completed: done.length,
    failed: 0,
    ...latest,
    ...(restoredAt === undefined ? {} : { restored: { id: 1, at: WALL + restoredAt } }),
    start: MONO + t,
    end: MONO + t + 15,
  };
}

function outputLook(story: Story, t: number): EventBody {
  const { commits, quiesceAt } = story;
  // A commit brings what was produced up to 400 ms before it.
  const found = (until: number) =>
    Math.max(0, Math.min(commits.filter((at) => at <= until).at(-1) ?? 0, quiesceAt) - 400);
  const lag = Math.max(0, Math.min(t, quiesceAt) - 400 - found(t));
  const records = found(t) - found(t - 500);
  return { type: 'observed.output', records, total: found(t), lag, start: MONO + t, end: MONO + t + 10 };
}

/** A whole journal of a story: looks at their pace, steps and proofs in between. */
export function journalOf(story: Story): JournalEvent[] {
  const at: [number, EventBody][] = [];
  const add = (t: number, body: EventBody | undefined) => {
    if (body) at.push([t, body]);
  };
  const { faultAt, healedAt, quiesceAt, endAt } = story;
  const source = { file: 'scenarios/kill-leader-jobmanager.yaml', text: 'scenario: kill-leader-jobmanager\n' };
  const host = { platform: 'linux x64', kernel: '6.8.0', cpus: 2, memoryBytes: 8 * 1024 ** 3, node: 'v20.19.0' };
  const scenario = scenarioOf(story);
  const run = '20261120-120000-kill-leader-jobmanager';
  add(0, { type: 'run.started', journal: 1, run, flinch: '0.1.0', scenario, source, host });
  const nodes = ['jobmanager-1', 'jobmanager-2', 'taskmanager-1', 'taskmanager-2', 'zookeeper-1', 'broker-1'].map(
    (name, i) => ({
      name,
      role: name.replace(/-\d$/, ''),
      host: `10.0.0.${i + 1}`,
      ports: { rest: 8081 },
      pid: 100 + i,
    }),
  );
  add(1, {
    type: 'cluster.up',
    target: 'local',
    flinkVersion: '1.20.3',
    isolation: 'user-namespace',
    reused: false,
    tookMs: 7900,
    nodes,
    settings: { 'high-availability.zookeeper.client.session-timeout': '6000 ms', 'heartbeat.timeout': '6000' },
  });
  add(2, {
    type: 'job.submitted',
    jobId: JOB,
    name: 'flinch',
    input: 'in',
    output: 'out',
    statements: ['INSERT INTO'],
  });
  add(3, { type: 'step', step: 'steady-state', state: 'started' });
  for (let t = 10; t < endAt; t += story.every) {
    for (const node of ['jobmanager-1', 'jobmanager-2']) add(t + 20, jobsLook(story, node, t));
    add(t + 8, leaderLook(story, t));
  }
  for (let t = 30; t < endAt; t += 500) {
    add(t + 10, outputLook(story, t));
    add(t + 15, checkpointLook(story, t));
    const n = Math.min(t, quiesceAt);
    add(t, { type: 'observed.load', attempted: n, acknowledged: n, failed: 0, unknown: 0 });
  }
  add(faultAt - 400, { type: 'steady-state', reached: true, since: MONO + 500 });
  add(faultAt - 300, { type: 'step', step: 'fault', state: 'started' });
  const evidence = ['process 100 is gone from /proc'];
  const fault = { fault: 0, kind: 'kill', selector: story.selector, node: story.node, pid: 100 };
  add(faultAt - 100, { type: 'fault.resolved', ...fault, evidence: ['leader record names http://10.0.0.1:8081'] });
  add(faultAt + 12, { type: 'fault.effective', fault: 0, after: MONO + faultAt, by: MONO + faultAt + 10, evidence });
  add(faultAt + 11, { type: 'node.exited', node: story.node, pid: 100, code: null, signal: 'SIGKILL' });
  if (story.newLeaderAt) {
    add(story.newLeaderAt + 50, { type: 'fault.confirmed', fault: 0, evidence: ['session 1111 before, 2222 after'] });
  }
  add(healedAt, {
    type: 'fault.healed',
    fault: 0,
    after: MONO + healedAt - 1500,
    by: MONO + healedAt - 5,
    evidence: [`${story.node} runs as process 222 and contends`],
  });
  add(quiesceAt, { type: 'step', step: 'quiesce', state: 'started' });
  add(endAt - 500, { type: 'step', step: 'quiesce', state: 'ended' });
  add(endAt - 400, { type: 'data.produced', lanes: story.produced });
  const partitions = [0, 1].map((partition) => ({
    partition,
    from: 0,
    to: 15_040,
    lastStableOffset: 15_040,
    highWatermark: 15_040,
  }));
  for (const isolation of ['read_committed', 'read_uncommitted'] as const) {
    if (story.job_ === 'count') continue;
    const records = story.seen.reduce((n, l) => n + l.seen.reduce((m, [a, b]) => m + b - a + 1, 0), 0);
    const base = { topic: 'out', complete: true, records, partitions, lanes: story.seen, unreadable: 0, examples: [] };
    add(endAt - 300, { type: 'data.read', of: 'output', isolation, ...base });
  }
  add(endAt, { type: 'run.ended' });
  at.sort((a, b) => a[0] - b[0]);
  return at.map(([t, body], seq) => ({ seq, mono: MONO + t, wall: WALL + t, ...body }));
}

/** The same journal with some events changed, dropped (undefined) or followed by others, and numbered anew. */
export function edited(
  events: JournalEvent[],
  edit: (event: JournalEvent) => JournalEvent | JournalEvent[] | undefined,
): JournalEvent[] {
  return events.flatMap((event) => edit(event) ?? []).map((event, seq) => ({ ...event, seq }));
}

/** The same journal without the events of some types. */
export const without = (events: JournalEvent[], ...types: string[]): JournalEvent[] =>
  edited(events, (event) => (types.includes(event.type) ? undefined : event));

/** The same journal with one more event, put at its time. */
export function plus(events: JournalEvent[], t: number, body: EventBody): JournalEvent[] {
  const event: JournalEvent = { seq: 0, mono: MONO + t, wall: WALL + t, ...body };
  const all = [...events, event].sort((a, b) => a.mono - b.mono);
  return all.map((e, seq) => ({ ...e, seq }));
}

export type CommittedRead = EventOf<'data.read'>;

/** The same journal with the committed read of the output changed. */
export const withRead = (
  events: JournalEvent[],
  change: Partial<CommittedRead>,
  isolation: CommittedRead['isolation'] = 'read_committed',
): JournalEvent[] =>
  edited(events, (e) => (e.type === 'data.read' && e.isolation === isolation ? { ...e, ...change } : e));

/** The journal's text, as the writer makes it. */
export const textOf = (events: JournalEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');
