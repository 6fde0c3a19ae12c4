import { execa } from 'execa';
import { FlinchError, messageOf } from '../../core/error.js';
import { addDropped, checkedCutId, FILTER_TABLE, linkComment, matching, verdict } from '../packet-rules.js';
import type { ClusterNode, NetworkControl, NetworkCut } from '../ports.js';
import { type Link, latePackets } from './late/late-packets.js';
import { roundTrip } from './round-trip.js';
import { connectionsOf, resetConnections } from './sockets.js';
import { TOOL_PATH } from './tool-path.js';

/** Milliseconds for one call of nft, which takes a few. */
const CALL_TIME = 10_000;

/**
 * Cuts nodes off from each other by drop rules on the bridge between them, in the network namespace of the cluster, which
 * is this process's. Each cut is a chain of its own name with a counting rule for each direction, so that taking it away
 * is exact. Packets that are to come late are held back where they arrive.
 * @throws FlinchError FAULT_INJECT when nft fails; INTERNAL for a node or name that cannot be
 */
export function packetFilter(nodes: readonly ClusterNode[]): NetworkControl {
  const named = (name: string): ClusterNode => {
    const node = nodes.find((it) => it.name === name);
    if (!node) throw new FlinchError('INTERNAL', { what: 'no such node', on: name });
    return node;
  };
  const late = latePackets();
  const cuts = async () => ({
    ...addDropped({}, await nft(['-j', 'list', 'ruleset', 'bridge'])),
    ...(await late.held()),
  });
  // Whoever cuts may be gone while its cut is half made: what heals it must come after all of it.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work, work);
    turn = done.catch(() => {});
    return done;
  };
  return {
    cuts,
    cut: (cut) =>
      inTurn(async () => {
        const links = linksOf(cut, named);
        if (cut.only && 'late' in cut.only) return late.hold(checkedCutId(cut.id), links, cut.only);
        const script = cutScript(cut, links);
        if (!Object.hasOwn(await cuts(), cut.id)) await nft(['-f', '-'], script);
      }),
    restore: (id) =>
      inTurn(async () => {
        await late.release(checkedCutId(id));
        await nft(['-f', '-'], restoreScript(id));
      }),
    roundTrip: (from, to, within) => roundTrip(named(from), named(to), within),
    connections: (node, peers) => connectionsOf(named(node), peers.map(named)),
    reset: (node, peers) => resetConnections(named(node), peers.map(named)),
  };
}

function linksOf({ between, and, direction }: NetworkCut, named: (name: string) => ClusterNode): Link[] {
  const pairs = between.flatMap((a) => and.map((b) => [named(a), named(b)] as const));
  return pairs.flatMap(([a, b]): Link[] => {
    if (direction === undefined) {
      return [
        [a, b],
        [b, a],
      ];
    }
    return direction === 'forth' ? [[a, b]] : [[b, a]];
  });
}

/** One transaction: all of it comes about, or nothing. */
function cutScript({ id, only }: NetworkCut, links: readonly Link[]): string {
  return [
    `add table bridge ${FILTER_TABLE}`,
    `add chain bridge ${FILTER_TABLE} ${checkedCutId(id)} { type filter hook forward priority 0; policy accept; }`,
    ...links.map(
      ([from, to]) =>
        `add rule bridge ${FILTER_TABLE} ${id} ip saddr ${from.host} ip daddr ${to.host} ${matching(only)}${verdict(only)} ${linkComment(from.name, to.name)}`,
    ),
  ].join('\n');
}

/** Adding what is there changes nothing, and makes the rest right also where there was nothing. */
const restoreScript = (id: string): string =>
  [
    `add table bridge ${FILTER_TABLE}`,
    `add chain bridge ${FILTER_TABLE} ${id}`,
    `flush chain bridge ${FILTER_TABLE} ${id}`,
    `delete chain bridge ${FILTER_TABLE} ${id}`,
  ].join('\n');

async function nft(args: readonly string[], input = ''): Promise<string> {
  try {
    return (await execa('nft', args, { input, timeout: CALL_TIME, env: { PATH: TOOL_PATH, LC_ALL: 'C' } })).stdout;
  } catch (cause) {
    throw new FlinchError('FAULT_INJECT', {
      what: 'the packet filter of the cluster could not be used',
      on: (cause as { stderr?: string }).stderr?.trim().split('\n')[0] || messageOf(cause),
      todo: 'see that nft is there: apt install nftables | dnf install nftables',
      cause,
    });
  }
}
