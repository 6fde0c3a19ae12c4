import { randomBytes } from 'node:crypto';
import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { Cluster, Dropped, NetworkControl, NetworkCut } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';

/** Milliseconds for the first packet there and back after a cut. */
const REACHED_WITHIN = 10_000;

/** @throws FlinchError CAPABILITY_MISSING */
export function networkOf({ network }: Cluster): NetworkControl {
  if (network) return network;
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the nodes of this cluster cannot be cut off from each other' });
}

/** A name of its own for each cut, so that healing one leaves another alone. */
export const cutId = (): string => `cut-${randomBytes(6).toString('hex')}`;

/**
 * A rule that drops nothing cuts nothing. @param within milliseconds
 * @returns what was dropped @throws FlinchError FAULT_NOT_EFFECTIVE; the signal's reason
 */
export async function droppedSome(
  { id, between, and, only }: NetworkCut,
  within: number,
  { cluster, clock, signal }: FaultContext,
): Promise<readonly Dropped[]> {
  try {
    return await pollUntil(
      'a packet being dropped',
      async () => {
        const dropped = (await networkOf(cluster).cuts())[id];
        return dropped?.some(({ packets }) => packets > 0) ? dropped : undefined;
      },
      { every: 100, within, clock, signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what: `nothing was ${only && 'late' in only ? 'held back' : 'dropped'} between it and ${and.join(', ')}`,
      on: between.join(', '),
      cause,
    });
  }
}

/**
 * Takes the cut away and proves by a packet there and back, between each two nodes, that it is gone.
 * @throws FlinchError HEAL_FAILED, DEADLINE; the signal's reason
 */
export async function reconnect({ id, between, and, only }: NetworkCut, context: FaultContext): Promise<string[]> {
  const network = networkOf(context.cluster);
  const dropped = (await network.cuts())[id];
  await network.restore(id);
  if (Object.hasOwn(await network.cuts(), id)) {
    throw new FlinchError('HEAL_FAILED', { what: `${id} is still there`, on: between.join(', ') });
  }
  const reached = await reachEachOther({ between, and }, context);
  return dropped ? [`${reached} again, after ${toldDrops(dropped, only)}`] : [reached];
}

/** By a packet there and back, between each two nodes. @returns the evidence @throws FlinchError DEADLINE; the signal's reason */
export async function reachEachOther(
  { between, and }: Pick<NetworkCut, 'between' | 'and'>,
  { cluster, clock, signal }: FaultContext,
): Promise<string> {
  const network = networkOf(cluster);
  for (const node of between) {
    for (const peer of and) {
      await pollUntil(`${node} reaching ${peer}`, async () => network.roundTrip(node, peer), {
        every: 200,
        within: REACHED_WITHIN,
        clock,
        signal,
      });
    }
  }
  return `${between.join(', ')} ${between.length === 1 ? 'reaches' : 'reach'} ${and.join(', ')}`;
}

/** "12 packets (3400 bytes) were dropped" */
export function toldDrops(dropped: readonly Dropped[], only?: NetworkCut['only']): string {
  const sum = (of: 'packets' | 'bytes') => dropped.reduce((n, link) => n + link[of], 0);
  const what = !only
    ? 'were dropped'
    : 'late' in only
      ? 'came late'
      : 'refused' in only
        ? 'were refused'
        : 'were dropped';
  return `${sum('packets')} packets (${sum('bytes')} bytes) ${what}`;
}
