import { execa } from 'execa';
import { FlinchError, messageOf } from '../../core/error.js';
import type { ClusterNode, Dropped, NetworkControl, NetworkCut } from '../ports.js';
import { type Link, latePackets } from './late/late-packets.js';
import { roundTrip } from './round-trip.js';
import { connectionsOf, resetConnections } from './sockets.js';
import { TOOL_PATH } from './tool-path.js';

/** The one table that is ever written to. It lives in the network namespace of the cluster, on its bridge. */
export const FILTER_TABLE = 'flinch';
/** Milliseconds for one call of nft, which takes a few. */
const CALL_TIME = 10_000;

/** An nft identifier; what else stands in a script is made by us. */
const CUT_ID = /^[A-Za-z][A-Za-z0-9-]{0,40}$/;

/**
 * Cuts nodes off from each other by drop rules on the bridge between them, in this process's network namespace. Each
 * cut is a chain of its own name with a counting rule for each direction, so that taking it away is exact. Packets that
 * are to come late are held back where they arrive.
 * @throws FlinchError FAULT_INJECT when nft fails; INTERNAL for a node or name that cannot be
 */
export function packetFilter(nodes: readonly ClusterNode[]): NetworkControl {
  const named = (name: string): ClusterNode => {
    const node = nodes.find((it) => it.name === name);
    if (!node) throw new FlinchError('INTERNAL', { what: 'no such node', on: name });
    return node;
  };
  const late = latePackets();
  const cuts = async () => ({ ...cutsIn(await nft(['-j', 'list', 'ruleset', 'bridge'])), ...(await late.held()) });
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
        if (cut.only && 'late' in cut.only) return late.hold(checked(cut.id), links, cut.only);
        const script = cutScript(cut, links);
        if (!Object.hasOwn(await cuts(), cut.id)) await nft(['-f', '-'], script);
      }),
    restore: (id) =>
      inTurn(async () => {
        await late.release(checked(id));
        await nft(['-f', '-'], restoreScript(id));
      }),
    roundTrip: (from, to, within) => roundTrip(named(from), named(to), within),
    connections: (node, peers) => connectionsOf(named(node), peers.map(named)),
    reset: (node, peers) => resetConnections(named(node), peers.map(named)),
  };
}

function checked(id: string): string {
  if (!CUT_ID.test(id)) throw new FlinchError('INTERNAL', { what: 'this is no name for a cut', on: id });
  return id;
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
    `add chain bridge ${FILTER_TABLE} ${checked(id)} { type filter hook forward priority 0; policy accept; }`,
    ...links.map(
      ([from, to]) =>
        `add rule bridge ${FILTER_TABLE} ${id} ip saddr ${from.host} ip daddr ${to.host} ${matching(only)}counter drop comment "${from.name} > ${to.name}"`,
    ),
  ].join('\n');
}

/** What of the packets of a link is meant; a number for certain, as it goes into a script. */
function matching(only: NetworkCut['only']): string {
  if (only === undefined || 'late' in only) return '';
  if ('percent' in only) return `numgen random mod 10000 < ${Math.round(Number(only.percent) * 100)} `;
  return `limit rate over ${Math.round(Number(only.over))} bytes/second `;
}

/** Adding what is there changes nothing, and makes the rest right also where there was nothing. */
const restoreScript = (id: string): string =>
  [
    `add table bridge ${FILTER_TABLE}`,
    `add chain bridge ${FILTER_TABLE} ${id}`,
    `flush chain bridge ${FILTER_TABLE} ${id}`,
    `delete chain bridge ${FILTER_TABLE} ${id}`,
  ].join('\n');

/** What of `nft -j list ruleset` is read. */
interface Listing {
  nftables: {
    chain?: { table: string; name: string };
    rule?: {
      table: string;
      chain: string;
      comment?: string;
      expr: { counter?: { packets: number; bytes: number } }[];
    };
  }[];
}

function cutsIn(listing: string): Record<string, Dropped[]> {
  const found: Record<string, Dropped[]> = {};
  for (const { chain, rule } of (JSON.parse(listing) as Listing).nftables) {
    if (chain?.table === FILTER_TABLE) found[chain.name] ??= [];
    if (rule?.table !== FILTER_TABLE) continue;
    const [from = '', to = ''] = (rule.comment ?? '').split(' > ');
    const { packets = 0, bytes = 0 } = rule.expr.find(({ counter }) => counter)?.counter ?? {};
    const links = found[rule.chain] ?? [];
    links.push({ from, to, packets, bytes });
    found[rule.chain] = links;
  }
  return found;
}

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
