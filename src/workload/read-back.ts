import type { IsolationLevel } from '../client/kafka/apis/api.js';
import type { LogReader } from '../client/kafka/log/log-reader.js';
import type { PartitionOutcome } from '../client/kafka/log/read-log.js';
import type { RecordView } from '../client/kafka/records/record-batch.js';
import { messageOf } from '../core/error.js';
import { DataTally, examplesOf, type Place, type SeenLane, seenLanes } from './data-tally.js';
import { LaneOrder, type LaneOrders } from './lane-order.js';
import { ThreeNumbers } from './record.js';
import { type StateExample, StateTally } from './state-tally.js';

export interface ReadPartition {
  partition: number;
  from: number;
  /** The offset up to which it was read. */
  to: number;
  lastStableOffset: number;
  highWatermark: number;
}

/** What one view of a topic holds. */
export interface DataRead {
  topic: string;
  isolation: IsolationLevel;
  /** False when a partition could not be read to its end; `reason` says why. */
  complete: boolean;
  reason?: string;
  records: number;
  partitions: ReadPartition[];
  lanes: SeenLane[];
  unreadable: number;
  examples: Place[];
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

/** Both views of a topic from one pass, and the order of its committed records by lane. */
export interface BothViews {
  committed: DataRead;
  uncommitted: DataRead;
  order: LaneOrders;
}

const recordFields = () => new ThreeNumbers(['lane', 'seq', 'ts']);

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
  const [committed, uncommitted] = [new DataTally(attempted), new DataTally(attempted)];
  const fields = recordFields();
  const { partitions, reason } = await readAll(reader, topic, 'read_uncommitted', (record) => {
    if (record.valueStart < 0 || !fields.read(record.buffer, record.valueStart, record.valueEnd)) {
      (record.committed ? committed : uncommitted).addUnreadable(record);
      return;
    }
    (record.committed ? committed : uncommitted).add(fields.first, fields.second, record);
  });
  const view = (isolation: IsolationLevel, tallies: readonly DataTally[]): DataRead => {
    const lanes = seenLanes(tallies);
    // The committed view is whole when everything below the last stable offset was read.
    const end = (p: PartitionOutcome) => (isolation === 'read_committed' ? p.lastStableOffset : p.highWatermark);
    const short = partitions.find((p) => p.to < end(p));
    const why = reason ?? (short && (short.error?.message ?? `partition ${short.partition} was not read to its end`));
    return {
      topic,
      isolation,
      complete: why === undefined,
      ...(why === undefined ? {} : { reason: why }),
      records: tallies.reduce((sum, tally) => sum + tally.records, 0),
      partitions: partitions.map((p) => ({ ...plain(p), to: Math.max(p.from, Math.min(p.to, end(p))) })),
      lanes,
      unreadable: tallies.reduce((sum, tally) => sum + tally.unreadable, 0),
      examples: examplesOf(tallies, lanes),
    };
  };
  const order: LaneOrders = new Map(
    committed.laneNumbers.map((lane) => {
      const runs = committed.lane(lane)?.inOrder();
      return [lane, runs && new LaneOrder(runs)];
    }),
  );
  return {
    committed: view('read_committed', [committed]),
    uncommitted: view('read_uncommitted', [committed, uncommitted]),
    order,
  };
}

/**
 * Reads and checks every committed update of the `count` job, up to the last stable offset.
 * @param order of the input's lanes (from `readData`): needed where an input lane has a gap or a late record
 */
export async function readState(reader: LogReader, topic: string, order?: LaneOrders): Promise<StateRead> {
  const tally = new StateTally(order);
  const { partitions, reason } = await readAll(reader, topic, 'read_committed', (record) => tally.add(record));
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
  const fields = recordFields();
  const onRecord = (record: RecordView) => {
    if (record.valueStart < 0 || !fields.read(record.buffer, record.valueStart, record.valueEnd)) return;
    const { first: lane, second: sequence } = fields;
    if (!missing.get(lane)?.delete(sequence)) return;
    const { partition, offset, timestamp: time } = record;
    places.push({ lane, sequence, partition, offset, time });
    if (places.length === wanted.length) enough.abort();
  };
  await readAll(reader, topic, 'read_committed', onRecord, enough.signal);
  return places.sort((a, b) => a.lane - b.lane || a.sequence - b.sequence);
}

async function readAll(
  reader: LogReader,
  topic: string,
  isolation: IsolationLevel,
  onRecord: (record: RecordView) => void,
  enough?: AbortSignal,
): Promise<{ partitions: PartitionOutcome[]; reason?: string }> {
  try {
    return { partitions: await reader.read(topic, { isolation, ...(enough ? { enough } : {}) }, onRecord) };
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
