import { FlinchError } from '../core/error.js';
import type { Dropped, NetworkCut } from './ports.js';

/** The one table that is ever written to. */
export const FILTER_TABLE = 'flinch';

/** An nft identifier; what else stands in a script is made by us. */
const CUT_ID = /^[A-Za-z][A-Za-z0-9-]{0,40}$/;

/** @throws FlinchError INTERNAL */
export function checkedCutId(id: string): string {
  if (!CUT_ID.test(id)) throw new FlinchError('INTERNAL', { what: 'this is no name for a cut', on: id });
  return id;
}

/** What of the packets of a link is meant; a number for certain, as it goes into a script. */
export function matching(only: NetworkCut['only']): string {
  if (only === undefined || 'late' in only) return '';
  if ('refused' in only) return 'meta l4proto tcp ';
  if ('percent' in only) return `numgen random mod 10000 < ${Math.round(Number(only.percent) * 100)} `;
  return `limit rate over ${Math.round(Number(only.over))} bytes/second `;
}

/** What becomes of a packet that is meant. */
export const verdict = (only: NetworkCut['only']): string =>
  only !== undefined && 'refused' in only ? 'counter reject with tcp reset' : 'counter drop';

/** What a rule drops, as it is written beside it. */
export const linkComment = (from: string, to: string): string => `comment "${from} > ${to}"`;

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

/**
 * Adds what a listing tells of cuts.
 * @param cutOf the cut whose chain this is
 */
export function addDropped(
  found: Record<string, Dropped[]>,
  listing: string,
  cutOf: (chain: string) => string = (chain) => chain,
): Record<string, Dropped[]> {
  for (const { chain, rule } of (JSON.parse(listing) as Listing).nftables) {
    if (chain?.table === FILTER_TABLE) found[cutOf(chain.name)] ??= [];
    if (rule?.table !== FILTER_TABLE) continue;
    const [from = '', to = ''] = (rule.comment ?? '').split(' > ');
    const { packets = 0, bytes = 0 } = rule.expr.find(({ counter }) => counter)?.counter ?? {};
    const links = found[cutOf(rule.chain)] ?? [];
    links.push({ from, to, packets, bytes });
    found[cutOf(rule.chain)] = links;
  }
  return found;
}
