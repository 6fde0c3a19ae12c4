import { FlinchError, messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { Capability } from '../../target/ports.js';
import type { Fault, FaultContext, Proof, Resolved } from '../fault.js';
import type { NodeSelector } from '../schema/nodes.js';
import { confirmNoticed } from './noticed.js';
import { processEnds } from './process-end.js';
import { startAgain } from './take-part.js';
import { assertStillLeads, chooseVictims, namesOf, onEach, told, type Victim, type Victims } from './victims.js';

/** What healing an ended process needs to know. */
export interface EndingUndo extends Victims {
  /** Milliseconds that it stays away; without it until the recovery has been seen. */
  duration?: number;
  /** Milliseconds that it gets to end in its own way, where it is its pod that goes. */
  grace?: number;
}

interface EndingOptions {
  node: NodeSelector;
  duration?: number | undefined;
}

/** A way to end a process. */
export interface Ending {
  name: string;
  requires: readonly Capability[];
  /** "SIGKILL" */
  means: string;
  /** Returning says nothing of its effect. */
  end(victim: Victim, undo: EndingUndo, context: FaultContext): Promise<void>;
  /** "killing it" */
  doing: string;
  /** "killed" */
  done: string;
  /** A process that is not gone by then was not ended. Milliseconds. */
  goneWithin(undo: EndingUndo): number;
}

/** A fault that ends the processes of nodes; healed by starting the nodes again and seeing them take their part. */
export function endingFault<Options extends EndingOptions>(how: Ending): Fault<Options, EndingUndo> {
  return {
    name: how.name,
    requires: how.requires,

    resolve: ({ node, duration }, context) => resolveEnding(() => chooseVictims(node, context), duration),

    inject: (undo, context) => inject(how, undo, context),

    hold: ({ duration }) => duration,

    async confirm(undo, context) {
      const { duration } = undo;
      // At once is no time in which anybody could have noticed, or meddled.
      if (duration === 0) return [];
      return duration === undefined ? confirmNoticed(undo, context) : confirmAway(undo, duration, context);
    },

    async heal(undo, context) {
      const after = context.clock.mono();
      try {
        const evidence = (await onEach(undo.victims, (victim) => bringBack(how, victim, undo, context))).flat();
        return { after, evidence, by: context.clock.mono() };
      } catch (cause) {
        const names = namesOf(undo.victims);
        throw new FlinchError('HEAL_FAILED', {
          what: `the ${how.done} process could not be brought back: ${messageOf(cause)}`,
          on: names,
          todo: `start ${names} again and see its log`,
          cause,
        });
      }
    },
  };
}

/** Ends a process by a signal. */
export const bySignal = (signal: 'SIGKILL' | 'SIGTERM'): Pick<Ending, 'requires' | 'means' | 'end'> => ({
  requires: ['process'],
  means: signal,
  end: ({ identity }, _, { cluster }) => cluster.processes.signal(identity, signal),
});

/** The victims, and how long they stay away. */
export async function resolveEnding(
  choose: () => Promise<Resolved<Victims>>,
  duration: number | undefined,
): Promise<Resolved<EndingUndo>> {
  const chosen = await choose();
  return { ...chosen, undo: { ...chosen.undo, ...(duration === undefined ? {} : { duration }) } };
}

async function inject(how: Ending, undo: EndingUndo, context: FaultContext): Promise<Proof> {
  const { clock, signal } = context;
  await assertStillLeads(undo, how.doing, context);
  const after = clock.mono();
  // All before the first proof: a cluster that loses them one by one loses less.
  for (const victim of undo.victims) await how.end(victim, undo, context);
  const evidence = await onEach(undo.victims, async (victim) => {
    const { node, identity } = victim;
    try {
      await processEnds(victim, how.goneWithin(undo), context);
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('FAULT_NOT_EFFECTIVE', {
        what: `${how.means} was sent but ${told(identity)} still runs`,
        on: node,
        cause,
      });
    }
    return `${told(identity)} of ${node} is gone after ${how.means}`;
  });
  return { after, by: clock.mono(), evidence };
}

/** Somebody who starts processes again would have ended the fault before its time. */
async function confirmAway({ victims }: EndingUndo, duration: number, { cluster }: FaultContext): Promise<string[]> {
  return onEach(victims, async ({ node }) => {
    const now = await cluster.processes.identify(node);
    if (!now) return `${node} is still away after ${formatDuration(duration)}`;
    const what = `it runs again as ${told(now)}, started by somebody else before ${formatDuration(duration)} had passed`;
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: node });
  });
}

async function bringBack(how: Ending, victim: Victim, undo: EndingUndo, context: FaultContext): Promise<string[]> {
  const { node, identity } = victim;
  const alive = () => context.cluster.processes.alive(identity);
  // One that is slow to die would be gone just after it was called whole.
  if (await alive()) {
    await processEnds(victim, how.goneWithin(undo), context).catch(() => context.signal.throwIfAborted());
  }
  // The ledger entry is older than the injection, which then did not come about.
  if (await alive()) return [`${told(identity)} of ${node} was never ended`];
  return startAgain(victim, { fresh: undo.victims.length, all: undo }, context);
}
