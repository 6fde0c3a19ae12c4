import type { PartitionOffsets } from '../client/kafka/log/offsets.js';
import type { OpenTransactions } from '../client/kafka/log/open-transactions.js';
import { messageOf } from '../core/error.js';
import { IdTally, type TallyCosts } from './ids/id-tally.js';
import { Side } from './ids/sighting.js';
import { type MultisetBalance, MultisetCounter } from './multiset-balance.js';
import type { Relation } from './relation.js';
import { begunLater, readSide, type SideRead, type TopicSide } from './topic-side.js';

export interface ReconcileOptions {
  source: TopicSide;
  sink: Omit<TopicSide, 'filter'>;
  relation: Relation;
  /** Bytes of memory for ids; what does not fit goes to `scratch`. */
  budgetBytes: number;
  scratch: string;
  /** Examples of each problem. */
  examples: number;
  signal?: AbortSignal | undefined;
  /** Told what is being done, as one line of text. */
  onProgress?: (text: string) => void;
}

export interface Reconciliation {
  source: SideRead;
  sink: SideRead;
  balance: MultisetBalance;
  /** Transactions that hold back the committed end of the sink; absent when nothing does. */
  openTransactions?: OpenTransactions;
  /** Why the balance is not certain; empty when it is. */
  reasons: string[];
  costs: TallyCosts;
}

const ends = (bounds: readonly PartitionOffsets[]): string => bounds.map((it) => it.highWatermark).join();

/**
 * Two topics in, a balance out. The sink's ends are taken before the source's, so that everything in the sink has its
 * source record within the source's ends; a sink that moves meanwhile makes losses uncertain.
 * @throws FlinchError KAFKA_WIRE, KAFKA_AUTH when the ends cannot be had; SPILL, SCHEMA_REGISTRY; the signal's reason.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const { source, sink, relation, budgetBytes, scratch, signal, onProgress = () => {} } = options;
  const counter = new MultisetCounter(relation, options.examples);
  const sinkEnds = await sink.reader.offsets(sink.topic);
  const sourceEnds = await source.reader.offsets(source.topic);
  const tally = new IdTally({ budgetBytes, scratch, signal });
  try {
    onProgress(`reading the sink ${sink.topic}`);
    const sinkRead = await readSide(sink, sinkEnds, ({ bytes, start, end }, record) =>
      tally.add(record.committed ? Side.sink : Side.uncommitted, bytes, start, end, ...placeOf(record)),
    );
    onProgress(`reading the source ${source.topic}`);
    const sourceRead = await readSide(source, sourceEnds, ({ bytes, start, end }, record, passes) => {
      // What was never committed at the source is nothing that the sink must hold.
      if (!record.committed) return;
      tally.add(passes ? Side.source : Side.filtered, bytes, start, end, ...placeOf(record));
    });
    sinkRead.reasons.unshift(...begunLater(sink, sinkEnds));
    sourceRead.reasons.unshift(...begunLater(source, sourceEnds));
    onProgress('matching');
    await tally.finish((tallied) => counter.add(tallied));
    const held = sinkEnds.some((it) => it.lastStableOffset < it.highWatermark);
    const openTransactions = held ? await askFor(sink) : undefined;
    const moved = await movedOn(sink, sinkEnds);
    const sourceHeld = sourceEnds.some((it) => it.lastStableOffset < it.highWatermark);
    const reasons = [
      ...sinkRead.reasons,
      ...sourceRead.reasons,
      ...(held ? [`transactions are open in ${sink.topic}: what they hold is not committed yet`] : []),
      ...(moved ? [moved] : []),
      ...(sourceHeld ? [`transactions are open in ${source.topic}: what they hold may yet be due at the sink`] : []),
    ];
    const balance = counter.balance({
      source: sourceRead.reasons.length === 0 && !sourceHeld,
      sink: sinkRead.reasons.length === 0 && moved === undefined,
      uncommitted: sinkRead.reasons.length === 0,
      openTransactions: held,
    });
    return {
      source: sourceRead,
      sink: sinkRead,
      balance,
      ...(openTransactions ? { openTransactions } : {}),
      reasons,
      costs: tally.costs(),
    };
  } finally {
    tally.close();
  }
}

const placeOf = (record: { partition: number; offset: number; timestamp: number }) =>
  [record.partition, record.offset, record.timestamp] as const;

async function askFor({ reader, topic }: Pick<TopicSide, 'reader' | 'topic'>): Promise<OpenTransactions> {
  try {
    return await reader.openTransactions(topic);
  } catch (error) {
    if (reader.aborted) throw error;
    return { transactions: [], complete: false, reason: messageOf(error) };
  }
}

/** Why losses are uncertain: somebody still writes to the sink, or whether anybody does is not known. */
async function movedOn(
  { reader, topic }: Pick<TopicSide, 'reader' | 'topic'>,
  before: readonly PartitionOffsets[],
): Promise<string | undefined> {
  try {
    const now = await reader.offsets(topic);
    return ends(now) === ends(before) ? undefined : `${topic} was still being written to while it was read`;
  } catch (error) {
    if (reader.aborted) throw error;
    return `whether ${topic} was still being written to is not known: ${messageOf(error)}`;
  }
}
