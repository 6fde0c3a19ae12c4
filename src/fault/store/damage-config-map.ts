import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { StoredMap, StoredMaps } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { startEnded } from '../process/take-part.js';
import type { Victims } from '../process/victims.js';
import type { DamageConfigMapOptions } from '../schema/store.js';
import { led, replaceLeader, runningJobManagers } from './job-managers.js';
import { checkpointsIn, damageTo, isAsSeen, isBehind, jobIn, recordsOf, restoring, statesOf } from './records.js';

/** Milliseconds. A JobManager that runs makes the ConfigMap of the cluster within a retry period; one that has ended is started first. */
const MADE_WITHIN = 180_000;
/** For a leader to know the jobs that it has recovered, from when it leads. */
const TAKEN_UP_WITHIN = 10_000;
/** Just after a checkpoint was recorded it is longest until Flink writes of one again. */
const [RECORDED_WITHIN, LOOK_EVERY] = [10_000, 100];
const TRIES = 20;

/** What healing damaged ConfigMaps needs to know. The victims are the JobManagers, which may end of it. */
export interface MapUndo extends Victims {
  of: DamageConfigMapOptions['configMap'];
  by: DamageConfigMapOptions['by'];
  maps: StoredMap[];
  /** Ids of the jobs that had a ConfigMap: Flink takes it away when they end. */
  jobs: string[];
  /** Milliseconds. */
  duration: number;
}

/**
 * ConfigMaps of the high availability are deleted, emptied, or hold what nobody can read. Proven by reading them. What Flink
 * has recorded nothing newer for is put back, and a leader that would not see it is replaced.
 */
export const damageConfigMap: Fault<DamageConfigMapOptions, MapUndo> = {
  name: 'damageConfigMap',
  requires: ['pods', 'configMaps'],

  async resolve({ configMap: of, by, duration }, context) {
    const { leadership, signal } = context;
    const store = storeOf(context);
    const victims = await runningJobManagers(context);
    const contenders = await leadership.contenders(signal);
    const maps = await justRecorded(of, context);
    const jobs = of === 'job' ? maps : await store.find('job', signal);
    return {
      nodes: [{ node: 'high-availability store' }],
      selector: of,
      evidence: maps.map((map) => `${map.name} holds ${Object.keys(recordsOf(map)).join(', ')}`),
      undo: { victims, contenders, of, by, maps, jobs: jobs.flatMap((map) => map.job ?? []), duration },
    };
  },

  async inject(undo, context) {
    const { clock, signal } = context;
    const store = storeOf(context);
    const after = clock.mono();
    for (const was of undo.maps) {
      const { by } = undo;
      if (by === 'delete') await removeAsSeen(was, store, signal);
      else {
        await store.edit(was.name, (now) => damageTo(asSeen(was, now), by), signal);
      }
    }
    return { after, evidence: await damaged(undo, context), by: clock.mono() };
  },

  hold: ({ duration }) => duration,

  confirm: async (undo, context) =>
    (await damaged(undo, context)).map((line) => `${line}, after ${formatDuration(undo.duration)}`),

  async heal(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    try {
      const evidence: string[] = [];
      for (const was of undo.maps) evidence.push(await putBack(was, undo, context));
      for (const victim of undo.victims) evidence.push(...(await startEnded(victim, undo, context)));
      evidence.push(await led(context));
      for (const was of undo.maps) evidence.push(...(await takenUp(was, undo, context)));
      return { after, evidence, by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: messageOf(cause),
        on: undo.maps.map(({ name }) => name).join(', '),
        todo: 'what they held is in the ledger of the run; put it back, and delete the pod of the leader',
        cause,
      });
    }
  },
};

/** @throws FlinchError CAPABILITY_MISSING */
export function storeOf({ cluster: { configMaps, endpoints } }: FaultContext): StoredMaps {
  if (configMaps) return configMaps;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'the high availability of this cluster is in ZooKeeper, not in ConfigMaps',
    on: endpoints.haPath,
  });
}

/** As they are just after a checkpoint, so that what is known of them is still so when they are damaged. */
async function justRecorded(of: MapUndo['of'], context: FaultContext): Promise<StoredMap[]> {
  const { clock, signal } = context;
  const store = storeOf(context);
  const first = await store.find(of, signal);
  if (first.every((map) => Object.keys(recordsOf(map)).length === 0)) {
    const todo = 'see that the job runs, and that its checkpoints complete';
    throw new FlinchError('FAULT_INJECT', { what: `no ConfigMap of a ${of} holds anything`, on: of, todo });
  }
  if (of === 'cluster') return first;
  const pointers = (maps: readonly StoredMap[]) => JSON.stringify(maps.map(checkpointsIn));
  const versions = (maps: readonly StoredMap[]) => JSON.stringify(maps.map(({ version }) => version));
  const until = clock.mono() + RECORDED_WITHIN;
  for (let last = first; ; ) {
    await clock.sleep(LOOK_EVERY, signal);
    const now = await store.find(of, signal);
    // The one before is taken away in a write of its own. Where nobody writes, nobody comes between.
    const isDone = pointers(now) !== pointers(first) && versions(now) === versions(last);
    if (isDone || clock.mono() >= until) return now;
    last = now;
  }
}

/** @throws FlinchError FAULT_INJECT: what is not known cannot be put back */
function asSeen(was: StoredMap, now: StoredMap): StoredMap {
  if (isAsSeen(was, now)) return now;
  throw new FlinchError('FAULT_INJECT', {
    what: 'Flink wrote it between choosing and damaging it',
    on: was.name,
    todo: 'run the scenario again; checkpoints less often leave more time',
  });
}

async function removeAsSeen(was: StoredMap, store: StoredMaps, signal: AbortSignal): Promise<void> {
  // A renewal of the lease changes its version and nothing else.
  for (let tries = 0; tries < TRIES; tries++) {
    const now = await store.read(was.name, signal);
    if (now === undefined || (await store.remove(asSeen(was, now), signal))) return;
  }
  throw new FlinchError('FAULT_INJECT', { what: `it was written ${TRIES} times in a row meanwhile`, on: was.name });
}

/** @throws FlinchError FAULT_NOT_EFFECTIVE when anything of it holds what it held */
async function damaged({ maps }: MapUndo, context: FaultContext): Promise<string[]> {
  const store = storeOf(context);
  const lines: string[] = [];
  for (const was of maps) {
    const now = await store.read(was.name, context.signal);
    if (now === undefined) {
      lines.push(`${was.name} is gone`);
      continue;
    }
    if (now.uid !== was.uid) lines.push(`${was.name} was made anew by Flink`);
    for (const [key, state] of statesOf(was, now)) {
      if (state === 'as it was') {
        throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: `${key} holds what it held`, on: was.name });
      }
      lines.push(`${key} of ${was.name} is ${state}`);
    }
  }
  return lines;
}

async function putBack(was: StoredMap, undo: MapUndo, context: FaultContext): Promise<string> {
  const { signal } = context;
  const store = storeOf(context);
  const ended = await endedJobs(undo, context);
  const { job: id } = was;
  if (id === undefined) {
    // Whoever leads makes it: one without a lease would keep them all from leading.
    await made(was.name, context);
  } else if (ended(id)) {
    return `job ${id}, of which ${was.name} was, has ended`;
  } else if (await store.create(was, signal)) {
    return `${was.name} holds what it held`;
  }
  let back: string[] = [];
  let isNewer = false;
  await store.edit(
    was.name,
    (now) => {
      const data = restoring(was, now, ended);
      back = Object.keys(data).filter((key) => data[key] !== null);
      isNewer = isBehind(was, now);
      return Object.keys(data).length === 0 ? undefined : { data };
    },
    signal,
  );
  const now = await store.read(was.name, signal);
  for (const [key, state] of statesOf(was, now)) {
    if (state === 'unreadable') throw new Error(`${key} of ${was.name} is still unreadable`);
  }
  const newer = isNewer ? 'Flink has recorded a newer checkpoint' : 'Flink has put the rest right itself';
  return back.length > 0 ? `${was.name} holds again ${back.join(', ')}` : `${was.name}: ${newer}`;
}

async function made(name: string, context: FaultContext): Promise<void> {
  const { clock, signal } = context;
  const there = async (s: AbortSignal) => ((await storeOf(context).read(name, s)) ? true : undefined);
  await pollUntil(`${name}, which a JobManager makes`, there, { every: 500, within: MADE_WITHIN, clock, signal });
}

/** Which jobs have ended since: their leader says so, or Flink has taken their ConfigMap away, or their pointer. */
async function endedJobs({ of, jobs }: MapUndo, context: FaultContext): Promise<(job: string) => boolean> {
  const { placement, signal } = context;
  const store = storeOf(context);
  const known = await placement.jobs(signal).catch(() => {
    signal.throwIfAborted();
    return {} as Record<string, { ended: boolean }>;
  });
  const other = await store.find(of === 'cluster' ? 'job' : 'cluster', signal);
  const left = new Set(other.flatMap((map) => map.job ?? Object.keys(map.data).flatMap((key) => jobIn(key) ?? [])));
  // Without the ConfigMap of the cluster nobody can tell.
  const isTold = of === 'cluster' || other.length > 0;
  return (job) => known[job]?.ended === true || (isTold && jobs.includes(job) && !left.has(job));
}

/** Sees that whoever leads goes by what was put back; one that does not is replaced. */
async function takenUp(was: StoredMap, undo: MapUndo, context: FaultContext): Promise<string[]> {
  const { clock, signal } = context;
  const { job } = was;
  const name = job === undefined ? 'the jobs that the leader knows' : 'the checkpoints of the job';
  let since: number | undefined;
  /** What it misses, and has missed for a while: one that does not answer has not said so. */
  const look = async (s: AbortSignal): Promise<{ why?: string } | undefined> => {
    const why = await missed(was, job, context, s);
    if (why === undefined) return {};
    since ??= clock.mono();
    return clock.mono() - since < TAKEN_UP_WITHIN ? undefined : { why };
  };
  const poll = { every: 500, within: MADE_WITHIN, clock, signal };
  const { why } = await pollUntil(name, look, poll);
  if (why === undefined) return [];
  const replaced = await replaceLeader(undo, context);
  since = undefined;
  const { why: still } = await pollUntil(name, look, poll);
  if (still !== undefined) throw new Error(`another leader does not go by it either: ${still}`);
  return [`the leader did not go by it: ${why}`, ...replaced];
}

/** What whoever leads does not go by, of what the map holds. */
async function missed(
  was: StoredMap,
  job: string | undefined,
  context: FaultContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { placement, checkpoints } = context;
  const now = await storeOf(context).read(was.name, signal);
  if (now === undefined) return undefined;
  const known = await placement.jobs(signal);
  if (job === undefined) {
    const lost = Object.keys(now.data)
      .flatMap((key) => jobIn(key) ?? [])
      .find((id) => known[id] === undefined);
    return lost === undefined ? undefined : `it does not know job ${lost}`;
  }
  if (known[job] === undefined || known[job].ended) return undefined;
  const recent = await checkpoints.recent(signal, job);
  const done = Math.max(0, ...recent.filter(({ status }) => status === 'COMPLETED').map(({ id }) => id));
  // Numbered from the beginning it never ends: tasks take it for one that is long over.
  const stuck = recent.find(({ id, status }) => status === 'IN_PROGRESS' && id < done);
  return stuck === undefined ? undefined : `it waits for checkpoint ${stuck.id}, after ${done} was completed`;
}
