import { withDeadline } from '../../core/deadline.js';
import { FlinchError, messageOf } from '../../core/error.js';
import type { Cluster, NetworkCut } from '../../target/ports.js';
import type { Fault, FaultContext, Proof } from '../fault.js';
import { type Pausable, resume, stopProcess } from '../process/standstill.js';
import type { CutCommitOptions } from '../schema/network.js';
import { awaitCommitWindow, beforeNextCheckpoint, checkpointEnd } from './commit-window.js';
import { cutId, droppedSome, networkOf, reconnect, toldDrops } from './cut.js';

/** How often the window is tried for before it is given up. */
const ATTEMPTS = 8;
/** Milliseconds that a TaskManager is stopped at most; less where even that would be noticed. */
const PAUSE_AT_MOST = 3_000;
/** Milliseconds for the missing acknowledgements once the stopped TaskManager goes on. */
const COMPLETED_WITHIN = 10_000;
/** Milliseconds for the first packet that is dropped; a sink with an open transaction sends all the time. */
const DROPPED_WITHIN = 5_000;

/** What healing a cut commit needs to know. */
export interface CutCommitUndo {
  /** The TaskManager that is cut off from the brokers. */
  node: string;
  cut: NetworkCut;
  /** The TaskManager whose acknowledgement is held back meanwhile. */
  paused: Pausable;
  /** Milliseconds. */
  duration: number;
}

/**
 * A TaskManager loses the brokers after its sink has pre-committed a checkpoint and before it commits: another
 * TaskManager is stopped, so that the checkpoint waits for it; the one that has acknowledged is cut off; the other goes
 * on, and the checkpoint completes without its commit.
 */
export const cutCommit: Fault<CutCommitOptions, CutCommitUndo> = {
  name: 'cutCommit',
  requires: ['process', 'network'],

  async resolve({ duration }, { cluster, placement, signal }) {
    networkOf(cluster);
    const counts = Object.entries(await placement.subtasksByTaskManager(signal)).sort(
      ([a, m], [b, n]) => n - m || a.localeCompare(b),
    );
    const [[node, own] = [], [other, others] = []] = [counts[0], counts.at(-1)];
    if (node === undefined || other === undefined || node === other) {
      throw new FlinchError('FAULT_INJECT', {
        what: 'the job does not run on two TaskManagers, so none can commit what another has not acknowledged',
        on: node ?? 'no TaskManager',
        todo: 'give it a parallelism above the slots of one TaskManager',
      });
    }
    const [identity, paused] = await Promise.all([processOf(node, cluster), processOf(other, cluster)]);
    const brokers = cluster.nodes.filter(({ role }) => role === 'broker').map(({ name }) => name);
    return {
      nodes: [{ node, pid: identity.pid }],
      selector: 'taskmanager',
      evidence: [`${node} runs ${own} subtasks of the job, ${other} runs ${others}`],
      undo: {
        node,
        cut: { id: cutId(), between: [node], and: brokers },
        paused: { node: other, identity: paused },
        duration,
      },
    };
  },

  async inject(undo, context) {
    const missed: string[] = [];
    while (missed.length < ATTEMPTS) {
      const met = await attempt(undo, context);
      if (typeof met !== 'string') return met;
      missed.push(met);
    }
    throw new FlinchError('FAULT_INJECT', {
      what: `the time between pre-commit and commit was missed ${ATTEMPTS} times: ${[...new Set(missed)].join('; ')}`,
      on: undo.node,
      todo: 'see that checkpoints complete, and that every TaskManager of the job runs its sink',
    });
  },

  hold: ({ duration }) => duration,

  async confirm({ node, cut }, { cluster }) {
    const dropped = (await networkOf(cluster).cuts())[cut.id];
    if (dropped) return [`${node} is still cut off from ${cut.and.join(', ')}: ${toldDrops(dropped)}`];
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: `${cut.id} was taken away before its time`, on: node });
  },

  async heal(undo, context) {
    const after = context.clock.mono();
    // One that fails must not keep the other from being undone.
    const undone = await Promise.allSettled([resume(undo.paused, context), reconnect(undo.cut, context)]);
    context.signal.throwIfAborted();
    const failed = undone.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []));
    if (failed.length > 0) {
      throw new FlinchError('HEAL_FAILED', {
        what: failed.map(messageOf).join('; '),
        on: undo.node,
        todo: 'end the cluster with: flinch down',
        cause: failed[0],
      });
    }
    const evidence = undone.flatMap((it) => (it.status === 'fulfilled' ? it.value : []));
    return { after, by: context.clock.mono(), evidence };
  },
};

async function processOf(node: string, { processes }: Cluster): Promise<Pausable['identity']> {
  const identity = await processes.identify(node);
  if (identity) return identity;
  throw new FlinchError('FAULT_INJECT', {
    what: 'the TaskManager has no running process',
    on: node,
    todo: 'see its log in the run folder',
  });
}

/** Goes for the window once. @returns the proof, or in a sentence how it was missed; then nothing of it is left */
async function attempt(undo: CutCommitUndo, context: FaultContext): Promise<Proof | string> {
  const { node, cut, paused } = undo;
  const { clock, signal, cluster, unnoticed } = context;
  const network = networkOf(cluster);
  const due = await orMissed(signal, async () => ({ soon: await beforeNextCheckpoint(context) }));
  if ('missed' in due) return due.missed;
  const after = clock.mono();
  const stopped = await stopProcess(paused, context);
  const most = Math.min(PAUSE_AT_MOST, unnoticed);
  // A slow answer must not prolong the stop.
  const met = await orMissed(signal, () =>
    withDeadline(
      'the look for such a checkpoint',
      most,
      (s) => awaitCommitWindow({ committed: node, open: paused.node }, most, { ...context, signal: s }),
      signal,
    ),
  );
  if ('missed' in met) {
    await resume(paused, context);
    return met.missed;
  }
  await network.cut(cut);
  const resumed = await resume(paused, context);
  const { id, evidence } = met;
  const end = await orMissed(signal, async () => ({ status: await checkpointEnd(id, COMPLETED_WITHIN, context) }));
  if ('missed' in end || end.status !== 'COMPLETED') {
    await network.restore(cut.id);
    return 'missed' in end ? end.missed : `checkpoint ${id} did not complete (${end.status})`;
  }
  const dropped = await droppedSome(undo.cut, DROPPED_WITHIN, context);
  return {
    after,
    by: clock.mono(),
    evidence: [
      stopped,
      evidence,
      `${node} is cut off from ${cut.and.join(', ')}`,
      resumed,
      `checkpoint ${id} completed, and ${toldDrops(dropped)} between them`,
    ],
  };
}

/** Makes an outcome of running out of time; an interrupt stays one. */
async function orMissed<T extends object>(
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | { missed: string }> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FlinchError && error.code === 'DEADLINE') return { missed: error.message };
    throw error;
  }
}
