import { FlinchError } from '../../core/error.js';
import type { FaultContext } from '../fault.js';
import { OTHERS, type Side } from '../schema/network.js';
import type { NodeSelector } from '../schema/nodes.js';
import { resolveSelector } from '../selector.js';

/** Two sets of nodes that have none in common. */
export interface Sides {
  between: string[];
  and: string[];
  evidence: string[];
}

/** Chooses both sides by their roles at this moment. @param doing "loss" @throws FlinchError LEADER_UNKNOWN, FAULT_INJECT */
export async function chooseSides(
  { between, and }: { between: readonly NodeSelector[]; and: readonly Side[] },
  doing: string,
  context: FaultContext,
): Promise<Sides> {
  const one = await nodesOf(between, [], context);
  const other = await nodesOf(and, one.nodes, context);
  const both = other.nodes.filter((node) => one.nodes.includes(node));
  if (both.length > 0) {
    throw new FlinchError('FAULT_INJECT', {
      what: `${both.join(', ')} would be on both sides of the ${doing}`,
      on: `${between.join(', ')} and ${and.join(', ')}`,
      todo: 'name roles that are different nodes at that moment, or write `others`',
    });
  }
  return { between: one.nodes, and: other.nodes, evidence: [...one.evidence, ...other.evidence] };
}

async function nodesOf(
  side: readonly Side[],
  taken: readonly string[],
  context: FaultContext,
): Promise<{ nodes: string[]; evidence: string[] }> {
  const nodes = new Set<string>();
  const evidence: string[] = [];
  for (const selector of side.filter((it): it is NodeSelector => !isOthers(it))) {
    const chosen = await resolveSelector(selector, context);
    for (const node of chosen.nodes) nodes.add(node);
    evidence.push(...chosen.evidence);
  }
  for (const others of side.filter(isOthers)) {
    const of = others.replace(/\.?others$/, '');
    for (const { name, role } of context.cluster.nodes) {
      if (!taken.includes(name) && (of === '' || role === of)) nodes.add(name);
    }
  }
  if (nodes.size > 0) return { nodes: [...nodes], evidence };
  throw new FlinchError('FAULT_INJECT', { what: 'there is no other node to be cut off from', on: taken.join(', ') });
}

const isOthers = (side: Side): side is (typeof OTHERS)[number] => (OTHERS as readonly string[]).includes(side);
