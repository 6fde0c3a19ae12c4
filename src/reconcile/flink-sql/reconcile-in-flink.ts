import { randomBytes } from 'node:crypto';
import type { PartitionOffsets } from '../../client/kafka/log/offsets.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { conclude } from '../conclude.js';
import type { FilterSpec } from '../filter-spec.js';
import type { IdentitySpec } from '../identity/spec.js';
import { MultisetCounter } from '../multiset-balance.js';
import type { Reconciliation } from '../reconcile.js';
import { multiplicityOf, type Relation } from '../relation.js';
import { begunLater, EXAMPLES, readSide, type SideRead, type TopicSide, withoutIdentity } from '../topic-side.js';
import { type FlinkJob, runBatch } from './job.js';
import { balanceSql } from './query.js';
import { countRows, type Outsider, type SideCount } from './rows.js';
import { type TopicTable, tableSql } from './tables.js';

/** A topic, as this process reads it and as Flink does: `identity` and `filterSpec` are what it was compiled from. */
export interface FlinkSide extends TopicSide {
  identity: IdentitySpec;
  filterSpec?: FilterSpec | undefined;
  /** Options of Kafka's consumer within Flink, `bootstrap.servers` among them. */
  properties: Readonly<Record<string, string>>;
}

export interface FlinkReconcileOptions extends Omit<FlinkJob, 'name' | 'parallelism'> {
  source: FlinkSide;
  sink: Omit<FlinkSide, 'filter' | 'filterSpec'>;
  relation: Relation;
  /** Examples of each problem. */
  examples: number;
  /** As many as the larger topic has partitions unless told. */
  parallelism?: number | undefined;
  onProgress?: (text: string) => void;
}

/**
 * The balance of two topics, counted by a batch job in Flink SQL over the very window that `reconcile` would read, and
 * the same balance. This process looks up the ends before, and what became of the topics after.
 * @throws FlinchError USAGE for what SQL cannot express exactly; SQL_INEXACT for a record that it cannot judge exactly;
 * SQL_GATEWAY; KAFKA_WIRE, KAFKA_AUTH; the signal's reason.
 */
export async function reconcileInFlink(options: FlinkReconcileOptions): Promise<Reconciliation> {
  const { source, sink, relation, examples, onProgress = () => {} } = options;
  const counter = new MultisetCounter(relation, examples);
  const query = balanceSql({
    source: { ...namesOf('source'), identity: source.identity, filter: source.filterSpec },
    sink: { ...namesOf('sink'), identity: sink.identity },
    each: multiplicityOf(relation),
    examples: Math.max(EXAMPLES, examples),
  });
  const sinkEnds = await sink.reader.offsets(sink.topic);
  const sourceEnds = await source.reader.offsets(source.topic);
  const name = `flinch reconcile ${source.topic} ${sink.topic} ${randomBytes(6).toString('hex')}`;
  const parallelism = options.parallelism ?? Math.max(sourceEnds.length, sinkEnds.length);
  const tables = [...tablesOf('source', source, sourceEnds), ...tablesOf('sink', sink, sinkEnds)].map(tableSql);
  onProgress(`counting in Flink, as the job ${name}`);
  const rows = await runBatch({ ...options, name, parallelism }, tables, query);
  const counts = countRows(rows, counter);
  for (const [side, count] of [
    [source, counts.source],
    [sink, counts.sink],
  ] as const) {
    refuseOdd(side.topic, count);
  }
  onProgress('looking at the topics once more');
  const sinkRead = await sideRead(sink, sinkEnds, counts.sink);
  const sourceRead = await sideRead(source, sourceEnds, counts.source);
  return conclude({ source, sink, sourceEnds, sinkEnds, sourceRead, sinkRead, counter });
}

const namesOf = (side: 'source' | 'sink') => ({ committed: `${side}_committed`, uncommitted: `${side}_uncommitted` });

function tablesOf(
  side: 'source' | 'sink',
  { topic, properties }: Pick<FlinkSide, 'topic' | 'properties'>,
  bounds: readonly PartitionOffsets[],
): TopicTable[] {
  const { committed, uncommitted } = namesOf(side);
  const table = { topic, bounds, properties };
  return [
    { ...table, name: committed, isolation: 'read_committed' },
    { ...table, name: uncommitted, isolation: 'read_uncommitted' },
  ];
}

function refuseOdd(topic: string, { odd, firstOdd }: SideCount): void {
  if (odd === 0) return;
  const first = firstOdd && `, the first at ${firstOdd.partition}:${firstOdd.offset}: ${firstOdd.reason}`;
  throw inexact(`Flink SQL cannot judge ${odd} records exactly${first ?? ''}`, topic);
}

const inexact = (what: string, topic: string): FlinchError =>
  new FlinchError('SQL_INEXACT', {
    what,
    on: `topic ${topic}`,
    todo: 'leave out --engine flink-sql: the reader can do it',
  });

/** What the reader would have said of a topic, from what Flink counted and a few looks of our own. */
async function sideRead(
  side: TopicSide,
  bounds: readonly PartitionOffsets[],
  { records, uncommitted, unjudged, first }: SideCount,
): Promise<SideRead> {
  const read: SideRead = {
    topic: side.topic,
    records,
    uncommitted,
    partitions: bounds.map(({ partition, earliest, lastStableOffset, highWatermark }) => ({
      partition,
      from: earliest,
      to: highWatermark,
      lastStableOffset,
      highWatermark,
    })),
    unjudged,
    examples: [],
    reasons: begunLater(side, bounds),
  };
  for (const record of first.slice(0, EXAMPLES)) read.examples.push(await readAgain(side, bounds, record));
  read.reasons.push(...(await changed(side, bounds)), ...withoutIdentity(read));
  return read;
}

/** Has the reader judge one record that Flink could not: for its reason, and as a proof that the two agree. */
async function readAgain(side: TopicSide, bounds: readonly PartitionOffsets[], { partition, offset }: Outsider) {
  const ends = bounds.find((it) => it.partition === partition);
  if (!ends) throw inexact(`Flink found a record in partition ${partition}, which was not there`, side.topic);
  const only = { ...ends, earliest: offset, highWatermark: offset + 1 };
  const lastStableOffset = Math.min(ends.lastStableOffset, offset + 1);
  const { examples, records, uncommitted } = await readSide(side, [{ ...only, lastStableOffset }], () => {});
  if (examples[0]) return examples[0];
  const found = records + uncommitted > 0 ? 'has an identity to the reader' : 'is not there to the reader';
  throw inexact(`the record at ${partition}:${offset}, which to Flink has no identity, ${found}`, side.topic);
}

/**
 * Whether the job has read the logs whose ends were looked up: that nothing was deleted meanwhile, and, by the last
 * record of each partition and its leader epoch, that nothing was cut off.
 */
async function changed({ reader, topic }: TopicSide, bounds: readonly PartitionOffsets[]): Promise<string[]> {
  const reasons: string[] = [];
  try {
    const now = await reader.offsets(topic);
    for (const { partition, earliest } of bounds) {
      const begins = now.find((it) => it.partition === partition)?.earliest;
      if (begins === undefined || begins > earliest) {
        reasons.push(`records of topic ${topic}, partition ${partition}, were deleted while Flink read it`);
      }
    }
    const filled = bounds.filter((it) => it.highWatermark > it.earliest);
    const from = new Map(filled.map((it) => [it.partition, it.highWatermark - 1]));
    const outcomes = await reader.read(topic, { isolation: 'read_uncommitted', bounds: filled, from }, () => {});
    for (const { error } of outcomes) if (error) reasons.push(error.message);
  } catch (error) {
    if (reader.aborted) throw error;
    reasons.push(`whether topic ${topic} was changed while Flink read it is not known: ${messageOf(error)}`);
  }
  return reasons;
}
