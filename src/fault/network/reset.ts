import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { Fault, FaultContext } from '../fault.js';
import type { ResetOptions } from '../schema/network.js';
import { networkOf, reachEachOther } from './cut.js';
import { chooseSides } from './sides.js';

/** A socket goes at once when it is reset. Milliseconds. */
const GONE_WITHIN = 5_000;

/** Whose connections were reset. Nothing of it lasts. */
export interface ResetUndo {
  between: string[];
  and: string[];
}

/**
 * Every TCP connection between two sets of nodes is reset, once: what a firewall or a load balancer does that forgets its
 * connections. Proven by the sockets, which are gone; new ones may be made at once.
 */
export const reset: Fault<ResetOptions, ResetUndo> = {
  name: 'reset',
  requires: ['network'],

  async resolve(options, context) {
    networkOf(context.cluster);
    const { between, and, evidence } = await chooseSides(options, 'reset', context);
    return {
      nodes: between.map((node) => ({ node })),
      selector: `${options.between.join(', ')} | ${options.and.join(', ')}`,
      evidence,
      undo: { between, and },
    };
  },

  async inject(undo, context) {
    const { cluster, clock, signal } = context;
    const names = undo.between.join(', ');
    const before = await connections(undo, context);
    if (before.length === 0) {
      const todo = 'name nodes that talk to each other at that moment';
      throw new FlinchError('FAULT_INJECT', {
        what: `it has no connection with ${undo.and.join(', ')}`,
        on: names,
        todo,
      });
    }
    const after = clock.mono();
    for (const node of undo.between) await networkOf(cluster).reset(node, undo.and);
    const left = async () => {
      const now = new Set(await connections(undo, context));
      return before.filter((it) => now.has(it));
    };
    try {
      await pollUntil('the end of the connections', async () => ((await left()).length === 0 ? true : undefined), {
        every: 20,
        within: GONE_WITHIN,
        clock,
        signal,
      });
    } catch (cause) {
      signal.throwIfAborted();
      const what = `connections were reset and are still there: ${(await left()).join(', ')}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: names, cause });
    }
    const evidence = `${before.length} connections between ${names} and ${undo.and.join(', ')} were reset`;
    return { after, by: clock.mono(), evidence: [`${evidence}: ${before.slice(0, TOLD).join(', ')}`] };
  },

  hold: () => 0,

  async heal(undo, context) {
    const after = context.clock.mono();
    try {
      const evidence = await reachEachOther(undo, context);
      return { after, by: context.clock.mono(), evidence: [evidence] };
    } catch (cause) {
      context.signal.throwIfAborted();
      const todo = 'see the logs of both; or end the cluster with: flinch down';
      throw new FlinchError('HEAL_FAILED', { what: messageOf(cause), on: undo.between.join(', '), todo, cause });
    }
  },
};

/** As many are told of. */
const TOLD = 5;

async function connections({ between, and }: ResetUndo, { cluster }: FaultContext): Promise<string[]> {
  const all: string[] = [];
  for (const node of between) all.push(...(await networkOf(cluster).connections(node, and)));
  return all;
}
