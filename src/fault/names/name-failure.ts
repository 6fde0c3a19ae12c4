import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { NameControl } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import type { NameFailureOptions } from '../schema/names.js';

/** Milliseconds. */
const KNOWN_WITHIN = 30_000;

/** What healing needs to know: who asks, and for which names. */
export interface NameFailureUndo {
  askers: string[];
  names: string[];
  /** Milliseconds. */
  duration: number;
}

/**
 * No node finds the address of another by its name. Connections stay, and so does what a JVM has looked up in the last
 * 30 s (networkaddress.cache.ttl). Proven by asking from the nodes; healed by making the names known again.
 */
export const nameFailure: Fault<NameFailureOptions, NameFailureUndo> = {
  name: 'nameFailure',
  requires: ['names'],

  async resolve({ duration }, context) {
    namesOf(context);
    const of = (...roles: string[]) =>
      context.cluster.nodes.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
    const askers = of('jobmanager', 'taskmanager');
    const names = of('jobmanager', 'taskmanager', 'zookeeper');
    const evidence = [`${askers.join(', ')} look for ${names.join(', ')}`];
    return { nodes: askers.map((node) => ({ node })), selector: 'names', evidence, undo: { askers, names, duration } };
  },

  async inject(undo, context) {
    const { clock } = context;
    const after = clock.mono();
    await namesOf(context).forget();
    return { after, by: clock.mono(), evidence: await unknown(undo, context) };
  },

  hold: ({ duration }) => duration,

  confirm: async (undo, context) =>
    (await unknown(undo, context)).map((line) => `${line}, after ${formatDuration(undo.duration)}`),

  async heal(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    try {
      await namesOf(context).recall();
      await pollUntil('the names', async () => (await found(undo, context)) === most(undo) || undefined, {
        every: 200,
        within: KNOWN_WITHIN,
        clock,
        signal,
      });
      const evidence = `${undo.askers.join(', ')} find the address of ${undo.names.join(', ')}`;
      return { after, by: clock.mono(), evidence: [evidence] };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: messageOf(cause),
        on: undo.askers.join(', '),
        todo: 'end the cluster with: flinch down',
        cause,
      });
    }
  },
};

function namesOf({ cluster: { names } }: FaultContext): NameControl {
  if (names) return names;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'the nodes of this cluster do not know each other by name',
    todo: 'set cluster.names to true',
  });
}

/** Many machines know their own name by other means. */
const others = (node: string, { names }: NameFailureUndo): string[] => names.filter((name) => name !== node);

const most = (undo: NameFailureUndo): number => undo.askers.flatMap((node) => others(node, undo)).length;

/** How many names all askers together find. */
async function found(undo: NameFailureUndo, context: FaultContext): Promise<number> {
  const control = namesOf(context);
  const known = await Promise.all(undo.askers.map((node) => control.known(node, others(node, undo))));
  return known.flat().length;
}

/** @throws FlinchError FAULT_NOT_EFFECTIVE */
async function unknown(undo: NameFailureUndo, context: FaultContext): Promise<string[]> {
  const left = await found(undo, context);
  const who = undo.askers.join(', ');
  if (left === 0) return [`${who} find no address of ${undo.names.join(', ')}`];
  throw new FlinchError('FAULT_NOT_EFFECTIVE', {
    what: `${left} of ${most(undo)} look-ups still find an address`,
    on: who,
  });
}
