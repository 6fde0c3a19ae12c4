import type { OpenTransactions } from '../client/kafka/log/open-transactions.js';
import { conclude } from './conclude.js';
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
  /** Of the reader; absent when Flink has counted. */
  costs?: TallyCosts;
}

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
    const read = { source, sink, sourceEnds, sinkEnds, sourceRead, sinkRead };
    return await conclude({ ...read, counter, costs: tally.costs() });
  } finally {
    tally.close();
  }
}

const placeOf = (record: { partition: number; offset: number; timestamp: number }) =>
  [record.partition, record.offset, record.timestamp] as const;
