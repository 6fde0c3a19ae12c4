import { messageOf } from '../../core/error.js';
import { IdTally, type TallyCosts } from '../ids/id-tally.js';
import { Side } from '../ids/sighting.js';
import { type MultisetBalance, MultisetCounter } from '../multiset-balance.js';
import { multiplicityOf, type Relation } from '../relation.js';
import { readSide, type SideRead, type TopicSide } from '../topic-side.js';
import type { Mark } from './marks.js';
import { lookFurtherBack, Strangers, withOlder } from './older.js';
import { boundsOf, shrunken, sinkParts, sourceParts, type Window, type WindowPart } from './window.js';

export interface WindowOptions {
  source: TopicSide;
  sink: Omit<TopicSide, 'filter'>;
  window: Window;
  relation: Relation;
  /** Bytes of memory for ids; what does not fit goes to `scratch`. */
  budgetBytes: number;
  scratch: string;
  /** Examples of each problem. */
  examples: number;
  signal?: AbortSignal | undefined;
}

export interface WindowReconciliation {
  source: SideRead;
  sink: SideRead;
  parts: { source: WindowPart[]; sink: WindowPart[] };
  balance: MultisetBalance;
  /** Why the balance is not certain; empty when it is. */
  reasons: string[];
  costs: TallyCosts;
}

/**
 * The balance of a window of two topics that records go on flowing through: each record of the source that was due
 * against all that came out, each record that came out against all that could have brought it.
 * @throws FlinchError SPILL, SCHEMA_REGISTRY; the signal's reason.
 */
export async function reconcileWindow(options: WindowOptions): Promise<WindowReconciliation> {
  const { source, sink, window, relation, budgetBytes, scratch, signal } = options;
  const parts = { source: sourceParts(window), sink: sinkParts(window) };
  const counter = new MultisetCounter(relation, options.examples);
  const strangers = new Strangers();
  const tally = new IdTally({ budgetBytes, scratch, signal });
  try {
    const weighed = limitsOf(parts.sink, 'from');
    const sinkRead = await readSide(sink, boundsOf(parts.sink, window.drained.sink), (identity, record) => {
      const { partition, offset, timestamp, committed } = record;
      const within = offset >= (weighed.get(partition) ?? 0);
      const side = committed ? (within ? Side.sink : Side.earlier) : Side.uncommitted;
      if (committed || within) {
        tally.add(side, identity.bytes, identity.start, identity.end, partition, offset, timestamp);
      }
    });
    const [from, to] = [limitsOf(parts.source, 'from'), limitsOf(parts.source, 'to')];
    const bounds = boundsOf(parts.source, window.drained.source);
    const decided = new Map(bounds.map(({ partition, lastStableOffset }) => [partition, lastStableOffset]));
    const sourceRead = await readSide(source, bounds, (identity, record, passes) => {
      const { partition, offset, timestamp, committed } = record;
      // What was aborted brings nothing; what is open behind the window may have.
      if (!committed && offset < (decided.get(partition) ?? 0)) return;
      const due = offset >= (from.get(partition) ?? 0) && offset < (to.get(partition) ?? 0);
      const side = !passes ? Side.filtered : due ? Side.source : Side.around;
      tally.add(side, identity.bytes, identity.start, identity.end, partition, offset, timestamp);
    });
    await tally.finish((tallied) => {
      counter.add(tallied);
      strangers.add(tallied);
    });
    const { attached, begun, ended, drained } = window;
    sinkRead.reasons.push(
      ...shrunken(sink.topic, parts.sink, drained.sink),
      ...(await changed(sink, [attached.sink, begun.sink])),
    );
    sourceRead.reasons.push(
      ...shrunken(source.topic, parts.source, drained.source),
      ...(await changed(source, [attached.source, begun.source, ended.source])),
    );
    const seen = counter.balance({
      source: sourceRead.reasons.length === 0,
      sink: sinkRead.reasons.length === 0 && window.undrained === undefined,
      uncommitted: sinkRead.reasons.length === 0,
      openTransactions: false,
    });
    const { balance, doubts } = await explained(seen, strangers, options, parts);
    const reasons = [
      ...sinkRead.reasons,
      ...sourceRead.reasons,
      ...(window.undrained === undefined ? [] : [window.undrained]),
      ...doubts,
    ];
    return { source: sourceRead, sink: sinkRead, parts, balance, reasons, costs: tally.costs() };
  } finally {
    tally.close();
  }
}

const limitsOf = (parts: readonly WindowPart[], of: 'from' | 'to'): Map<number, number> =>
  new Map(parts.map((part) => [part.partition, part[of]]));

/** What befell a log since it was marked, each thing once. */
export async function changed(
  { reader, topic }: Pick<TopicSide, 'reader' | 'topic'>,
  marks: readonly Mark['source'][],
) {
  const found = new Set<string>();
  for (const ends of marks) for (const error of await reader.changedSince(topic, ends)) found.add(messageOf(error));
  return [...found];
}

/** Finds where records without a source record within the window came from. */
async function explained(
  seen: MultisetBalance,
  strangers: Strangers,
  { source, sink, relation }: WindowOptions,
  parts: { source: WindowPart[]; sink: WindowPart[] },
): Promise<{ balance: MultisetBalance; doubts: string[] }> {
  if (strangers.ids.size === 0) return { balance: seen, doubts: [] };
  let doubts: string[];
  try {
    doubts = await lookFurtherBack(strangers, source, sink, parts);
  } catch (error) {
    if (source.reader.aborted || sink.reader.aborted) throw error;
    doubts = [messageOf(error)];
  }
  const { most } = multiplicityOf(relation);
  return {
    balance: withOlder(seen, strangers, { certain: doubts.length === 0, most }),
    doubts: doubts.map((doubt) => `where records of the sink came from is not known: ${doubt}`),
  };
}
