import { FlinchError, messageOf } from '../../core/error.js';
import { writeDuration, writeSize } from '../../core/units.js';
import type { NetworkCut } from '../../target/ports.js';
import type { Fault } from '../fault.js';
import type { Direction, Side } from '../schema/network.js';
import type { NodeSelector } from '../schema/nodes.js';
import { cutId, droppedSome, networkOf, reconnect, toldDrops } from './cut.js';
import { chooseSides } from './sides.js';

/** What healing links needs to know. */
export interface LinksUndo {
  cut: NetworkCut;
  /** Milliseconds. */
  duration: number;
}

/** What each fault of links is asked for. */
interface LinksOptions {
  between: NodeSelector[];
  and: Side[];
  direction: Direction;
  duration: number;
}

/**
 * A fault of the links between two sets of nodes, both ways or one way, that drops packets or holds them back:
 * connections stay open, and packets vanish or are late. Proven by the packets that it met, and its end by a connection
 * between each two nodes.
 * @param only which packets are dropped, or how late they are; every one is dropped unless told
 */
export const linksFault = <Options extends LinksOptions>(
  name: string,
  only: (options: Options) => NetworkCut['only'] = () => undefined,
): Fault<Options, LinksUndo> => ({
  name,
  requires: ['network'],

  async resolve(options, context) {
    const { between, and, direction, duration } = options;
    networkOf(context.cluster);
    const sides = await chooseSides({ between, and }, name, context);
    const which = only(options);
    const cut: NetworkCut = {
      id: cutId(),
      between: sides.between,
      and: sides.and,
      ...(direction === 'both' ? {} : { direction }),
      ...(which ? { only: which } : {}),
    };
    return {
      nodes: sides.between.map((node) => ({ node })),
      selector: `${between.join(', ')} ${{ both: '|', forth: '>', back: '<' }[direction]} ${and.join(', ')}`,
      evidence: sides.evidence,
      undo: { cut, duration },
    };
  },

  async inject({ cut, duration }, context) {
    const { clock, cluster, detection } = context;
    const after = clock.mono();
    await networkOf(cluster).cut(cut);
    // Idle connections carry a heartbeat at most, which comes in the time that the cluster takes to notice its loss.
    const dropped = await droppedSome(cut, Math.min(duration, detection), context);
    return { after, by: clock.mono(), evidence: [`${told(cut)}: ${toldDrops(dropped, cut.only)}`] };
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
    return [`${told(cut)} still: ${toldDrops(dropped, cut.only)} (${links.join(', ')})`];
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
});

/** "no packet gets from a to b" */
function told({ between, and, direction, only }: NetworkCut): string {
  const [one, other] = [between.join(', '), and.join(', ')];
  const way =
    direction === undefined
      ? `between ${one} and ${other}`
      : direction === 'forth'
        ? `from ${one} to ${other}`
        : `from ${other} to ${one}`;
  if (only === undefined) return direction === undefined ? `no packet passes ${way}` : `no packet gets ${way}`;
  if ('late' in only) return `packets ${way} are ${lateness(only)} late`;
  if ('refused' in only) return `every connection ${way} is refused`;
  if ('percent' in only) return `${only.percent} % of the packets ${way} are lost`;
  return `no more than ${writeSize(only.over)}/s get ${direction === undefined ? 'through ' : ''}${way}`;
}

const lateness = ({ late, jitter }: { late: number; jitter: number }): string =>
  jitter === 0 ? writeDuration(late) : `${writeDuration(late - jitter)} to ${writeDuration(late + jitter)}`;
