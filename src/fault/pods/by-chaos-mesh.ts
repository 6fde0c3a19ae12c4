import { randomBytes } from 'node:crypto';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { PodChaosControl } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';
import type { Victim } from '../process/victims.js';

/** Milliseconds. Chaos Mesh holds an order back until it has undone it; where it does not run nobody does. */
const GONE_WITHIN = 30_000;

/** @throws FlinchError CAPABILITY_MISSING */
export async function chaosMeshOf({ cluster: { podChaos } }: FaultContext): Promise<PodChaosControl> {
  if (podChaos && (await podChaos.known())) return podChaos;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'Chaos Mesh is not installed: the API server knows no PodChaos',
    todo: 'install it, or leave via out',
  });
}

/** Names the orders of one fault, which nobody else has. */
export const orderName = (): string => `flinch-${randomBytes(6).toString('hex')}`;

const orderOf = (order: string, uid: string): string => `${order}-${uid.slice(0, 8)}`;

/** Asks for the deletion of a pod; that the order is taken says nothing of its effect. */
export async function orderDeletion(
  order: string,
  pod: { name: string; uid: string },
  grace: number | undefined,
  context: FaultContext,
): Promise<void> {
  const chaos = await chaosMeshOf(context);
  await chaos.kill({ name: orderOf(order, pod.uid), pod: pod.name, ...(grace !== undefined && { grace }) });
}

/** Takes the orders of a fault back, and sees them gone. @throws FlinchError HEAL_FAILED; the signal's reason */
export async function takeBack(order: string, victims: readonly Victim[], context: FaultContext): Promise<string[]> {
  const { cluster, clock, signal } = context;
  const { podChaos } = cluster;
  if (!podChaos) return [];
  const evidence: string[] = [];
  for (const { identity } of victims) {
    const name = orderOf(order, identity.bootId);
    try {
      await podChaos.remove(name);
      const gone = async () => ((await podChaos.exists(name)) ? undefined : true);
      await pollUntil(`the end of PodChaos ${name}`, gone, { every: 500, within: GONE_WITHIN, clock, signal });
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `it is still there: ${messageOf(cause)}`,
        on: `PodChaos ${name}`,
        todo: 'see that the controller of Chaos Mesh runs, or take its finalizers away',
        cause,
      });
    }
    evidence.push(`PodChaos ${name} is gone`);
  }
  return evidence;
}
