import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { writeDuration } from '../../core/units.js';
import type { NetworkCut } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import type { LatencyOptions } from '../schema/network.js';
import { networkOf } from './cut.js';
import { type LinksUndo, linksFault } from './links.js';

/** So many round trips of each link must all be late: one may be slow by itself. */
const TRIPS = 3;
/** Milliseconds for a round trip beyond what makes it late. */
const ANSWER_TIME = 2_000;
/** Milliseconds for a round trip that is not late any more. */
const PROMPT_WITHIN = 20_000;

const late = linksFault<LatencyOptions>('latency', ({ by, jitter }) => ({ late: by, jitter }));

/**
 * The packets between two sets of nodes are late. Proven by the packets that were held back and by how long a packet
 * takes there and back, between each two nodes; its end by one that takes less.
 */
export const latency: Fault<LatencyOptions, LinksUndo> = {
  ...late,
  requires: ['network', 'latency'],

  async inject(undo, context) {
    const met = await late.inject(undo, context);
    const trips = await lateTrips(undo.cut, TRIPS, context);
    return { ...met, evidence: [...met.evidence, trips] };
  },

  async confirm(undo, context) {
    const still = (await late.confirm?.(undo, context)) ?? [];
    return [...still, await lateTrips(undo.cut, 1, context)];
  },

  async heal(undo, context) {
    const { after, evidence } = await late.heal(undo, context);
    const prompt = await promptTrips(undo.cut, context);
    return { after, by: context.clock.mono(), evidence: [...evidence, prompt] };
  },
};

/** Milliseconds that a packet and its answer take at least while they are late. */
function leastTrip({ only, direction }: NetworkCut): { least: number; most: number } {
  if (only === undefined || !('late' in only)) return { least: 0, most: 0 };
  const ways = direction === undefined ? 2 : 1;
  return { least: ways * (only.late - only.jitter), most: ways * (only.late + only.jitter) };
}

/** @returns the evidence @throws FlinchError FAULT_NOT_EFFECTIVE */
async function lateTrips(cut: NetworkCut, times: number, { cluster }: FaultContext): Promise<string> {
  const { least, most } = leastTrip(cut);
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    await eachPair(cut, async (from, to) => {
      const trip = await networkOf(cluster).roundTrip(from, to, most + ANSWER_TIME);
      if (trip !== undefined && trip >= least) return void took.push(trip);
      // No answer at all is no late one.
      const seen = trip === undefined ? 'had no answer' : `and its answer took ${writeDuration(Math.round(trip))}`;
      const what = `a packet to ${to} ${seen}, not one after ${writeDuration(least)} or more`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: from });
    });
  }
  const [shortest, longest] = [Math.min(...took), Math.max(...took)].map((ms) => writeDuration(Math.round(ms)));
  return `a packet and its answer take ${shortest} to ${longest}`;
}

/** @returns the evidence @throws FlinchError HEAL_FAILED; the signal's reason */
async function promptTrips(cut: NetworkCut, { cluster, clock, signal }: FaultContext): Promise<string> {
  const { least } = leastTrip(cut);
  const took: number[] = [];
  await eachPair(cut, async (from, to) => {
    const prompt = async () => {
      const trip = await networkOf(cluster).roundTrip(from, to);
      return trip !== undefined && trip < least ? trip : undefined;
    };
    try {
      took.push(await pollUntil('a prompt answer', prompt, { every: 200, within: PROMPT_WITHIN, clock, signal }));
    } catch (cause) {
      signal.throwIfAborted();
      const what = `packets to ${to} and their answers still take ${writeDuration(least)} or more`;
      throw new FlinchError('HEAL_FAILED', { what, on: from, todo: 'end the cluster with: flinch down', cause });
    }
  });
  return `a packet and its answer take ${writeDuration(Math.ceil(Math.max(...took)))} at most`;
}

const eachPair = async (
  { between, and }: NetworkCut,
  look: (from: string, to: string) => Promise<void>,
): Promise<unknown> => Promise.all(between.flatMap((from) => and.map((to) => look(from, to))));
