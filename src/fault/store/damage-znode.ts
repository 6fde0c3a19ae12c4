import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { StoredZnode } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { replaceProcess, startEnded } from '../process/take-part.js';
import { chooseVictims, namesOf, type Victim, type Victims } from '../process/victims.js';
import type { DamageZnodeOptions } from '../schema/store.js';
import { runningJobManagers } from './job-managers.js';
import { taskManagersBack } from './task-managers-back.js';
import { isSuperseded, stateOf, UNREADABLE } from './znodes.js';

/** Flink writes its own records anew within this time of noticing, or never. Milliseconds. */
const ANEW_WITHIN = 10_000;

/** What Flink keeps and somebody else can put back. */
const ARE_POINTERS: ReadonlySet<DamageZnodeOptions['znode']> = new Set(['checkpoint', 'job']);

/** What healing damaged nodes needs to know. The victims are the JobManagers: one that cannot restore a job ends itself. */
export interface ZnodeUndo extends Victims {
  kind: DamageZnodeOptions['znode'];
  by: DamageZnodeOptions['by'];
  znodes: StoredZnode[];
  /** The one that leads, where it is what it has written itself. */
  leading?: string;
  /** Milliseconds. */
  duration: number;
}

/**
 * Nodes of the high-availability store are deleted, or hold what nobody can read. Proven by reading them. Pointers are put
 * back where Flink has recorded nothing newer; what a JobManager has to write itself it writes anew, or is started again.
 */
export const damageZnode: Fault<DamageZnodeOptions, ZnodeUndo> = {
  name: 'damageZnode',
  requires: ['process', 'highAvailabilityStore'],

  async resolve({ znode, by, duration }, context) {
    const { leadership, store, signal } = context;
    // A pointer is best damaged while nobody leads, who could write another one.
    const leader = ARE_POINTERS.has(znode) ? undefined : await chooseVictims('jobmanager.leader', context);
    const found = await store.find(znode, signal);
    const owner = (await leadership.leader(signal))?.owner;
    const znodes = znode === 'latch' ? found.filter((node) => node.owner === owner) : found;
    if (znodes.length === 0) {
      const todo = znode === 'checkpoint' ? 'see that checkpoints complete' : 'see that the job runs';
      const on = context.cluster.endpoints.haPath;
      throw new FlinchError('FAULT_INJECT', { what: `there is no znode of a ${znode}`, on, todo });
    }
    return {
      // Of what the leader itself has written, the leader is the victim: healing may have to end it.
      nodes: leader?.nodes ?? [{ node: 'high-availability store' }],
      selector: znode,
      evidence: [
        ...(leader?.evidence ?? []),
        ...znodes.map(({ path, data }) => `${path} holds ${bytesOf(data)} bytes`),
      ],
      undo: {
        victims: await runningJobManagers(context),
        contenders: await leadership.contenders(signal),
        kind: znode,
        by,
        znodes,
        ...(leader ? { leading: namesOf(leader.undo.victims) } : {}),
        duration,
      },
    };
  },

  async inject(undo, context) {
    const { store, clock, signal } = context;
    const after = clock.mono();
    for (const { path } of undo.znodes) {
      if (undo.by === 'delete') await store.remove(path, signal);
      // Writing would make one that stays where there is none.
      else if (await store.read(path, signal)) await store.write(path, UNREADABLE, signal);
    }
    const evidence = await damaged(undo, context);
    // One that came meanwhile makes the others worthless.
    const newer = undo.kind === 'checkpoint' ? await undamaged(undo, context) : undefined;
    if (newer !== undefined) throw notEffective(`${newer} was written meanwhile`);
    return { after, by: clock.mono(), evidence };
  },

  hold: ({ duration }) => duration,

  confirm: async (undo, context) =>
    (await damaged(undo, context)).map((line) => `${line}, after ${formatDuration(undo.duration)}`),

  async heal(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    try {
      const pointers = ARE_POINTERS.has(undo.kind);
      const evidence = pointers ? await putBack(undo, context) : [];
      for (const victim of undo.victims) evidence.push(...(await startEnded(victim, undo, context)));
      if (!pointers) {
        evidence.push(...(await writtenAnew(undo, context)));
        evidence.push(...(await taskManagersBack(undo, context)));
      }
      return { after, by: clock.mono(), evidence };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: messageOf(cause),
        on: undo.znodes.map(({ path }) => path).join(', '),
        todo: `what they held is in the ledger of the run, in base64; or start ${undo.leading ?? 'the cluster'} again`,
        cause,
      });
    }
  },
};

const bytesOf = (base64: string): number => Buffer.from(base64, 'base64').length;
const notEffective = (what: string) =>
  new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: 'the high-availability store' });

/** Flink may write its own records anew at any time; nobody but us puts a pointer back. @throws FlinchError FAULT_NOT_EFFECTIVE */
async function damaged({ kind, znodes }: ZnodeUndo, { store, signal }: FaultContext): Promise<string[]> {
  const lines: string[] = [];
  for (const was of znodes) {
    const state = stateOf(was, await store.read(was.path, signal));
    const ours = state === 'gone' || state === 'unreadable' || (state === 'written anew' && kind === 'leader');
    if (!ours) throw notEffective(`${was.path} is ${state}`);
    lines.push(`${was.path} is ${state}`);
  }
  return lines;
}

async function undamaged({ kind, znodes }: ZnodeUndo, { store, signal }: FaultContext): Promise<string | undefined> {
  const now = await store.find(kind, signal);
  const known = new Set(znodes.map(({ path }) => path));
  return now.find(({ path }) => !known.has(path))?.path;
}

async function putBack({ kind, znodes }: ZnodeUndo, { store, signal }: FaultContext): Promise<string[]> {
  const evidence: string[] = [];
  for (const was of znodes) {
    const { path, data } = was;
    if (kind === 'checkpoint' && isSuperseded(was, await store.find(kind, signal))) {
      await store.remove(path, signal);
      if (await store.read(path, signal)) throw new Error(`${path} cannot be removed`);
      evidence.push(`a later checkpoint is recorded; nothing is left of ${path}`);
      continue;
    }
    if (stateOf(was, await store.read(path, signal)) !== 'as it was') await store.write(path, data, signal);
    const now = await store.read(path, signal);
    if (now !== undefined && now.data !== data) throw new Error(`${path} does not hold what it held`);
    evidence.push(now ? `${path} holds what it held` : `what ${path} belongs to is gone`);
  }
  return evidence;
}

/** The JobManager whose records they were writes them anew, or does when it is started again. */
async function writtenAnew(undo: ZnodeUndo, context: FaultContext): Promise<string[]> {
  const { clock, signal } = context;
  const whole = (within: number) =>
    pollUntil('the records of the leader', (s) => recorded(undo, context, s), { every: 100, within, clock, signal });
  const victim = undo.victims.find(({ node }) => node === undo.leading) as Victim;
  try {
    return [await whole(ANEW_WITHIN)];
  } catch {
    signal.throwIfAborted();
  }
  const started = await replaceProcess(victim, { fresh: 1, all: undo }, context);
  const why = `${victim.node} has not put it right within ${formatDuration(ANEW_WITHIN)}`;
  return [why, ...started, await whole(ANEW_WITHIN)];
}

/** "…/leader/job-7f0a/connection_info", where there is no job 7f0a. */
function ofEndedJob(path: string, jobs: readonly StoredZnode[]): boolean {
  const id = /\/job-([0-9a-f]+)\/connection_info$/.exec(path)?.[1];
  return id !== undefined && !jobs.some((job) => job.path.endsWith(`/${id}`));
}

/** Every JobManager that runs contends, one leads, and what can be read of the leader is readable. */
async function recorded(
  { kind, znodes }: ZnodeUndo,
  { cluster, store, leadership }: FaultContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  let running = 0;
  for (const { name, role } of cluster.nodes) {
    if (role === 'jobmanager' && (await cluster.processes.identify(name))) running++;
  }
  const contenders = await leadership.contenders(signal);
  const leader = await leadership.leader(signal);
  if (contenders.length < running || leader === undefined) return undefined;
  if (kind === 'leader') {
    const jobs = await store.find('job', signal);
    for (const { path } of znodes) {
      const now = await store.read(path, signal);
      if (now !== undefined && now.data !== UNREADABLE) continue;
      if (!ofEndedJob(path, jobs)) return undefined;
      // Nobody would ever write it anew.
      if (now) await store.remove(path, signal);
    }
  }
  return `${contenders.length} contenders for leadership, and the record of the leader is that of session ${leader.owner}`;
}
