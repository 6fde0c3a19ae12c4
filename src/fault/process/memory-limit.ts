import { FlinchError, messageOf } from '../../core/error.js';
import { formatDuration, writeSize } from '../../core/units.js';
import type { Cluster, Memory, MemoryControl } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import type { MemoryLimitOptions } from '../schema/process.js';
import { replaceProcess, takesPartOrStarts } from './take-part.js';
import { assertStillLeads, chooseVictims, namesOf, onEach, type Victim, type Victims } from './victims.js';

/** What healing a want of memory needs to know. */
export interface MemoryLimitUndo extends Victims {
  /** Bytes beyond what it has when it is limited. */
  headroom: number;
  /** Milliseconds. */
  duration: number;
  /** Bytes that each victim might have before, by node; null where it might have any number. */
  before: Record<string, number | null>;
}

/**
 * A process gets no more memory than it has: what it asks for beyond that is refused, as where a container is too small or
 * others have taken what there was. It may end of it, and so may threads of it; or it needs no more for a while.
 */
export const memoryLimit: Fault<MemoryLimitOptions, MemoryLimitUndo> = {
  name: 'memoryLimit',
  requires: ['process', 'memory'],

  async resolve({ node, headroom, duration }, context) {
    const chosen = await chooseVictims(node, context);
    const before: MemoryLimitUndo['before'] = {};
    for (const victim of chosen.undo.victims) {
      const memory = await memoryOf(victim, context);
      before[victim.node] = memory?.limit ?? null;
    }
    return { ...chosen, undo: { ...chosen.undo, headroom, duration, before } };
  },

  async inject(undo, context) {
    const { clock, cluster } = context;
    await assertStillLeads(undo, 'limiting it', context);
    const after = clock.mono();
    const evidence = await onEach(undo.victims, async (victim) => {
      const had = await memoryOf(victim, context);
      if (!had) throw new FlinchError('FAULT_INJECT', { what: 'its process has ended', on: victim.node });
      const most = had.used + undo.headroom;
      await controlOf(cluster).limit(victim.identity, most);
      const now = await memoryOf(victim, context);
      if (!now) return ended(victim);
      if (now.limit === most)
        return `${victim.node} has ${writeSize(had.used)} of its own, and gets ${most} bytes at most`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', {
        what: `it may have ${mostOf(now)}, not ${most}`,
        on: victim.node,
      });
    });
    return { after, by: clock.mono(), evidence };
  },

  hold: ({ duration }) => duration,

  confirm: ({ victims, before, duration }, context) =>
    onEach(victims, async (victim) => {
      const now = await memoryOf(victim, context);
      if (!now) return ended(victim);
      if (now.limit === undefined || now.limit === before[victim.node]) {
        throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: 'the limit is gone before its time', on: victim.node });
      }
      return `${victim.node} has ${now.used} bytes and gets ${now.limit} at most, after ${formatDuration(duration)}`;
    }),

  async heal(undo, context) {
    const after = context.clock.mono();
    try {
      const evidence = await onEach(undo.victims, (victim) => giveBack(victim, undo, context));
      return { after, by: context.clock.mono(), evidence: evidence.flat() };
    } catch (cause) {
      context.signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `the process that was limited could not be brought back: ${messageOf(cause)}`,
        on: namesOf(undo.victims),
        todo: undo.victims
          .map(({ node, identity: { pid } }) => `prlimit --pid ${pid} --data=${undo.before[node] ?? 'unlimited'}:`)
          .join('; '),
        cause,
      });
    }
  },
};

/** One that lives and does not find its way back has lost more than memory: it is replaced, as an operator would. */
async function giveBack(victim: Victim, undo: MemoryLimitUndo, context: FaultContext): Promise<string[]> {
  const { clock, cluster, signal } = context;
  const before = undo.before[victim.node] ?? undefined;
  const since = clock.wall();
  const evidence: string[] = [];
  if (await memoryOf(victim, context)) {
    await controlOf(cluster).limit(victim.identity, before);
    const now = await memoryOf(victim, context);
    if (now && now.limit !== before) {
      throw new FlinchError('HEAL_FAILED', { what: `it may still have no more than ${mostOf(now)}`, on: victim.node });
    }
    if (now) evidence.push(`${victim.node} may have ${mostOf(now)} again`);
  }
  try {
    return [...evidence, ...(await takesPartOrStarts(victim, { since, all: undo }, context))];
  } catch (error) {
    signal.throwIfAborted();
    if (!(await cluster.processes.alive(victim.identity))) throw error;
    return [...evidence, messageOf(error), ...(await replaceProcess(victim, { fresh: 1, all: undo }, context))];
  }
}

const ended = ({ node, identity }: Victim): string => `process ${identity.pid} of ${node} has ended of it`;

const mostOf = ({ limit }: Memory): string => (limit === undefined ? 'any number of bytes' : `${limit} bytes`);

/** Undefined when its process has ended. */
const memoryOf = ({ identity }: Victim, { cluster }: FaultContext): Promise<Memory | undefined> =>
  controlOf(cluster).of(identity);

/** @throws FlinchError CAPABILITY_MISSING */
function controlOf({ memory }: Cluster): MemoryControl {
  if (memory) return memory;
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the memory of processes cannot be limited here' });
}
