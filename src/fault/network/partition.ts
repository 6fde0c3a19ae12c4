import { FlinchError, messageOf } from '../../core/error.js';
import type { NetworkCut } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { OTHERS, type PartitionOptions, type Side } from '../schema/network.js';
import type { NodeSelector } from '../schema/nodes.js';
import { resolveSelector } from '../selector.js';
import { cutId, droppedSome, networkOf, reconnect, toldDrops } from './cut.js';

/** What healing a partition needs to know. */
export interface PartitionUndo {
  cut: NetworkCut;
  /** Milliseconds. */
  duration: number;
}

/**
 * Two sets of nodes lose each other, both ways or one way; connections stay open and packets vanish. Proven by the
 * packets that were dropped, and its end by a connection between each two nodes.
 */
export const partition: Fault<PartitionOptions, PartitionUndo> = {
  name: 'partition',
  requires: ['network'],

  async resolve({ between, and, direction, duration }, context) {
    networkOf(context.cluster);
    const one = await nodesOf(between, [], context);
    const other = await nodesOf(and, one.nodes, context);
    const both = other.nodes.filter((node) => one.nodes.includes(node));
    if (both.length > 0) {
      throw new FlinchError('FAULT_INJECT', {
        what: `${both.join(', ')} would be on both sides of the partition`,
        on: `${between.join(', ')} and ${and.join(', ')}`,
        todo: 'name roles that are different nodes at that moment, or write `others`',
      });
    }
    const sides = { between: one.nodes, and: other.nodes };
    return {
      nodes: one.nodes.map((node) => ({ node })),
      selector: `${between.join(', ')} ${{ both: '|', forth: '>', back: '<' }[direction]} ${and.join(', ')}`,
      evidence: [...one.evidence, ...other.evidence],
      undo: { cut: { id: cutId(), ...sides, ...(direction === 'both' ? {} : { direction }) }, duration },
    };
  },

  async inject({ cut, duration }, context) {
    const { clock, cluster, detection } = context;
    const after = clock.mono();
    await networkOf(cluster).cut(cut);
    // Idle connections carry a heartbeat at most, which comes in the time that the cluster takes to notice its loss.
    const dropped = await droppedSome(cut, Math.min(duration, detection), context);
    return { after, by: clock.mono(), evidence: [`${told(cut)}: ${toldDrops(dropped)}`] };
  },

  hold: ({ duration }) => duration,

  async confirm({ cut }, { cluster }) {
    const dropped = (await networkOf(cluster).cuts())[cut.id];
    if (!dropped) {
      throw new FlinchError('FAULT_NOT_EFFECTIVE', {
        what: `${cut.id} was taken away before its time`,
        on: cut.between.join(', '),
      });
    }
    const links = dropped.map(({ from, to, packets }) => `${from} > ${to} ${packets}`);
    return [`${told(cut)} still: ${toldDrops(dropped)} (${links.join(', ')})`];
  },

  async heal({ cut }, context) {
    const after = context.clock.mono();
    try {
      const evidence = await reconnect(cut, context);
      return { after, by: context.clock.mono(), evidence };
    } catch (cause) {
      context.signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: messageOf(cause),
        on: cut.between.join(', '),
        todo: 'end the cluster with: flinch down',
        cause,
      });
    }
  },
};

const told = ({ between, and, direction }: NetworkCut): string => {
  const [one, other] = [between.join(', '), and.join(', ')];
  if (direction === 'forth') return `no packet gets from ${one} to ${other}`;
  if (direction === 'back') return `no packet gets from ${other} to ${one}`;
  return `no packet passes between ${one} and ${other}`;
};

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
