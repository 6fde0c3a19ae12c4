import type { IsolationLevel } from '../client/kafka/apis/api.js';
import type { LogReader } from '../client/kafka/log/log-reader.js';
import type { PartitionOutcome, ReadOptions } from '../client/kafka/log/read-log.js';
import type { RecordView } from '../client/kafka/records/record-batch.js';
import { messageOf } from '../core/error.js';
import { ownModule } from '../core/own-module.js';
import type { Range } from '../core/ranges.js';
import { LaneRecord } from './record/lane-record.js';
import { DataReading } from './tally/data-reading.js';
import { type DataTally, examplesOf, type Place, type SeenLane, seenLanes } from './tally/data-tally.js';
import type { Held } from './tally/held-tally.js';
import { LaneOrder, type LaneOrders } from './tally/lane-order.js';
import type { LaneTimes } from './tally/lane-times.js';
import { lateOf } from './tally/late.js';
import { type StateExample, StateTally } from './tally/state-tally.js';

export interface ReadPartition {
  partition: number;
  from: number;
  /** The offset up to which it was read. */
  to: number;
  lastStableOffset: number;
  highWatermark: number;
}

/** A lane of the committed view. */
export interface OrderedLane extends SeenLane {
  /** Sequences that first lie behind a higher one; null where the lane has no order or too much disorder to tell. */
  late?: Range[] | null;
}

/** For other threads, in long topics. */
const LANE_SCAN = ownModule('./record/lane-scan', import.meta.url).url;

/** What one view of a topic holds. */
export interface DataRead {
  topic: string;
  isolation: IsolationLevel;
  /** False when a partition could not be read to its end; `reason` says why. */
  complete: boolean;
  reason?: string;
  records: number;
  partitions: ReadPartition[];
  lanes: OrderedLane[];
  unreadable: number;
  /** Records of the workload's shape that were not written so. */
  altered: number;
  examples: Place[];
  /** In the uncommitted view: what is not committed, by who wrote it. */
  held?: Held[];
}

export interface StateRead {
  topic: string;
  complete: boolean;
  reason?: string;
  updates: number;
  wrong: number;
  examples: StateExample[];
  lanes: { lane: number; count: number; max: number }[];
}

/** Both views of a topic from one pass; of its committed records also order and times by lane. */
export interface BothViews {
  committed: DataRead;
  uncommitted: DataRead;
  order: LaneOrders;
  times: LaneTimes;
}

/**
 * Reads a topic of lane records to the ends it has now: committed records to the last stable offset, all of them to
 * the high watermark. Trouble with a broker makes the result incomplete; only an abort throws.
 * @param attempted highest sequence ever produced by lane, to tell unexpected records
 */
export async function readData(
  reader: LogReader,
  topic: string,
  attempted?: ReadonlyMap<number, number>,
): Promise<BothViews> {
  const reading = new DataReading(attempted);
  const { committed, held, times } = reading;
  const { partitions, reason } = await readAll(reader, topic, {
    isolation: 'read_uncommitted',
    scanner: LANE_SCAN,
    onRecord: (record) => reading.addRecord(record),
    onBatch: (batch) => reading.addBatch(batch),
  });
  const runs = new Map(committed.laneNumbers.map((lane) => [lane, committed.inOrder(lane)]));
  const view = (isolation: IsolationLevel, tallies: readonly DataTally[]): DataRead => {
    const lanes = seenLanes(tallies);
    // The committed view is whole when everything below the last stable offset was read.
    const end = (p: PartitionOutcome) => (isolation === 'read_committed' ? p.lastStableOffset : p.highWatermark);
    const short = partitions.find((p) => p.to < end(p));
    const why = reason ?? (short && (short.error?.message ?? `partition ${short.partition} was not read to its end`));
    const sum = (of: (tally: DataTally) => number) => tallies.reduce((n, tally) => n + of(tally), 0);
    return {
      topic,
      isolation,
      complete: why === undefined,
      ...(why === undefined ? {} : { reason: why }),
      records: sum((tally) => tally.records),
      partitions: partitions.map((p) => ({ ...plain(p), to: Math.max(p.from, Math.min(p.to, end(p))) })),
      lanes,
      unreadable: sum((tally) => tally.unreadable),
      altered: sum((tally) => tally.altered),
      examples: examplesOf(tallies, lanes),
    };
  };
  const late = (lane: number): Range[] | null => {
    const inOrder = runs.get(lane);
    return inOrder ? lateOf(inOrder) : null;
  };
  const stable = view('read_committed', [committed]);
  return {
    committed: { ...stable, lanes: stable.lanes.map((lane) => ({ ...lane, late: late(lane.lane) })) },
    uncommitted: { ...view('read_uncommitted', [committed, ...held.tallies]), held: held.held() },
    order: new Map([...runs].map(([lane, inOrder]) => [lane, inOrder && new LaneOrder(inOrder)])),
    times,
  };
}

/**
 * Reads and checks every committed update of the `count` job, up to the last stable offset.
 * @param order of the input's lanes (from `readData`): needed where an input lane has a gap or a late record
 */
export async function readState(reader: LogReader, topic: string, order?: LaneOrders): Promise<StateRead> {
  const tally = new StateTally(order);
  const { partitions, reason } = await readAll(reader, topic, {
    isolation: 'read_committed',
    onRecord: (record) => tally.add(record),
  });
  const why = reason ?? partitions.find(({ error }) => error)?.error?.message ?? tally.unjudged;
  return {
    topic,
    complete: why === undefined,
    ...(why === undefined ? {} : { reason: why }),
    updates: tally.updates,
    wrong: tally.wrong,
    examples: tally.examples,
    lanes: tally.lanes(),
  };
}

/** The places of the wanted records among the topic's committed ones; those not found are left out. */
export async function locate(
  reader: LogReader,
  topic: string,
  wanted: readonly { lane: number; sequence: number }[],
): Promise<Place[]> {
  const missing = new Map<number, Set<number>>();
  for (const { lane, sequence } of wanted) missing.set(lane, (missing.get(lane) ?? new Set()).add(sequence));
  const places: Place[] = [];
  const enough = new AbortController();
  const fields = new LaneRecord();
  const onRecord = (record: RecordView) => {
    if (record.valueStart < 0) return;
    if (fields.read(record.buffer, record.valueStart, record.valueEnd) !== 'intact') return;
    const { lane, sequence } = fields;
    if (!missing.get(lane)?.delete(sequence)) return;
    const { partition, offset, timestamp: time } = record;
    places.push({ lane, sequence, partition, offset, time });
    if (places.length === wanted.length) enough.abort();
  };
  await readAll(reader, topic, { isolation: 'read_committed', onRecord, enough: enough.signal });
  return places.sort((a, b) => a.lane - b.lane || a.sequence - b.sequence);
}

async function readAll(
  reader: LogReader,
  topic: string,
  { onRecord, ...options }: ReadOptions & { onRecord: (record: RecordView) => void },
): Promise<{ partitions: PartitionOutcome[]; reason?: string }> {
  try {
    return { partitions: await reader.read(topic, options, onRecord) };
  } catch (error) {
    if (reader.aborted) throw error;
    return { partitions: [], reason: messageOf(error) };
  }
}

const plain = ({ partition, from, to, lastStableOffset, highWatermark }: PartitionOutcome): ReadPartition => ({
  partition,
  from,
  to,
  lastStableOffset,
  highWatermark,
});
