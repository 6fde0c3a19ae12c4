import type { HeldTransaction, JournalEvent } from '../journal/events.js';
import { lastOf } from './events-of.js';

/** What held back the last stable offset of the output at the end: readers at read_committed get no further. */
export interface HeldBack {
  /** False when not every partition or transaction could be asked for; `reason` says why. */
  complete: boolean;
  reason?: string;
  /** By partition and first offset: the first of a partition is the one that holds it back. */
  transactions: HeldTransaction[];
  /** Of Flink's sinks, by the prefix of their transactional ids. */
  byPrefix: { prefix: string; transactions: number; partitions: number; oldestMs?: number }[];
}

/** Undefined where the run did not find the output held back, or did not ask. */
export function heldBackOf(events: readonly JournalEvent[]): HeldBack | undefined {
  const found = lastOf(events, 'data.open-transactions');
  if (!found) return undefined;
  const { complete, reason, transactions } = found;
  const prefixes = [...new Set(transactions.flatMap(({ prefix }) => prefix ?? []))].sort();
  const byPrefix = prefixes.map((prefix) => {
    const mine = transactions.filter((it) => it.prefix === prefix);
    const ages = mine.flatMap(({ ageMs }) => ageMs ?? []);
    return {
      prefix,
      transactions: new Set(mine.map(({ transactionalId }) => transactionalId)).size,
      partitions: new Set(mine.map(({ partition }) => partition)).size,
      ...(ages.length > 0 && { oldestMs: Math.max(...ages) }),
    };
  });
  return { complete, ...(reason !== undefined && { reason }), transactions, byPrefix };
}

/** One sentence for each partition: who holds it back, for how long, and until when at most. */
export function heldBackNotes({ transactions, complete, reason }: HeldBack): string[] {
  const firsts = transactions.filter((it, i) => transactions.findIndex((t) => t.partition === it.partition) === i);
  const notes = firsts.map((it) => {
    const who = it.transactionalId ?? `producer ${it.producerId}, whose transactional id is not known`;
    const more = transactions.filter(({ partition }) => partition === it.partition).length - 1;
    const others = more > 0 ? ` and ${more} more behind it` : '';
    return `partition ${it.partition} of the output is held back by transaction ${who}${ageText(it)}${others}`;
  });
  if (!complete) notes.push(`what holds the output back is not fully known: ${reason ?? 'no reason given'}`);
  return notes;
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** ", open for 12 s of its 600 s". */
export function ageText({ ageMs, timeoutMs, hanging }: HeldTransaction): string {
  if (hanging) return ', which no coordinator will ever end (a hanging transaction)';
  if (ageMs === undefined) return '';
  return `, open for ${seconds(ageMs)}${timeoutMs === undefined ? '' : ` of its ${seconds(timeoutMs)}`}`;
}
