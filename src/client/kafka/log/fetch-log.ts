import { FlinchError, toFlinchError } from '../../../core/error.js';
import type { IsolationLevel } from '../apis/api.js';
import { type FetchedPartition, fetch } from '../apis/fetch.js';
import type { KafkaCluster, TopicLayout } from '../protocol/cluster.js';
import type { BrokerConnection } from '../protocol/connection.js';
import { errorName, isPassing, OFFSET_OUT_OF_RANGE, wireError } from '../protocol/error-codes.js';
import { AbortedFilter } from '../records/aborted-filter.js';
import { type BatchHeader, type BatchOrigin, controlType, scanBatches, verifyBatch } from '../records/record-batch.js';
import { explainOutOfRange, verifyContinuity } from './continuity.js';
import { type LogConsumer, Thrown } from './log-consumer.js';
import type { PartitionOffsets } from './offsets.js';

export interface FetchLogOptions {
  /** `read_committed`: up to the last stable offset. `read_uncommitted`: up to the high watermark. */
  isolation: IsolationLevel;
  /** First offset by partition; the earliest one unless told. */
  from?: ReadonlyMap<number, number>;
  /** Ends the read early, without an error, when aborted. */
  enough?: AbortSignal;
  /** Asked after each part of an answer; a promise is awaited before more is handed over. */
  pressure?: () => Promise<void> | undefined;
  /** Bytes of one fetch; 8 MiB unless told. */
  fetchBytes?: number;
}

export interface PartitionOutcome {
  partition: number;
  from: number;
  /** The offset up to which everything was handed over. */
  to: number;
  lastStableOffset: number;
  highWatermark: number;
  /** Why `to` is short of the end that was asked for. */
  error?: FlinchError;
}

/** Largest answer asked for when one batch does not fit. */
const LARGEST_FETCH = 256 * 1024 * 1024;
/** Milliseconds a broker may wait for data that should be there already. */
const MAX_WAIT = 100;

interface Cursor extends PartitionOutcome {
  leaderEpoch: number;
  /** Epoch of the leadership that is read from now; the ends are of `leaderEpoch`. */
  currentEpoch: number;
  outOfRange?: true;
  /** Where the next fetch begins; runs ahead of `to` by what is fetched but not yet handed over. */
  next: number;
  end: number;
  fetchBytes: number;
  movedAt: number;
  /** Passing trouble of the last try: wait for fresh metadata. */
  trouble?: unknown;
  /** Since when each try ended in trouble. */
  stuckSince?: number | undefined;
}

/**
 * Fetches partitions between fixed offsets, all leaders side by side, ahead of what is being consumed. Every batch is
 * whole by its CRC when it is handed over. Trouble with one partition ends as its `error`, not as a throw.
 * @throws what is wrapped in Thrown; the cluster signal's reason.
 */
export async function fetchLog(
  cluster: KafkaCluster,
  topic: string,
  bounds: readonly PartitionOffsets[],
  options: FetchLogOptions,
  consumer: LogConsumer,
): Promise<PartitionOutcome[]> {
  const { isolation, enough } = options;
  const cursors = bounds.map((ends): Cursor => {
    const { partition, leaderEpoch, earliest, lastStableOffset, highWatermark } = ends;
    const from = options.from?.get(partition) ?? earliest;
    const end = isolation === 'read_committed' ? lastStableOffset : highWatermark;
    const fetchBytes = options.fetchBytes ?? 8 * 1024 * 1024;
    const movedAt = cluster.clock.mono();
    const place = { from, to: from, next: from, end };
    return {
      partition,
      leaderEpoch,
      currentEpoch: leaderEpoch,
      ...place,
      lastStableOffset,
      highWatermark,
      fetchBytes,
      movedAt,
    };
  });
  const open = () => cursors.filter((cursor) => !cursor.error && cursor.to < cursor.end);
  let pause = false;
  while (open().length > 0 && !enough?.aborted) {
    if (pause) await cluster.clock.sleep(cluster.pauseMs, cluster.signal);
    pause = true;
    cluster.signal?.throwIfAborted();
    const now = cluster.clock.mono();
    for (const cursor of open()) {
      if (now - (cursor.stuckSince ?? now) <= cluster.deadlineMs) continue;
      const cause = cursor.trouble;
      const why = cause ? `: ${toFlinchError(cause).message}` : '';
      const on = `topic ${topic}, partition ${cursor.partition}, offset ${cursor.to} of ${cursor.end}`;
      cursor.error = wireError(`no progress within ${cluster.deadlineMs} ms${why}`, on, undefined, cause);
    }
    let layout: TopicLayout;
    try {
      layout = await cluster.layout(topic);
    } catch (error) {
      cluster.signal?.throwIfAborted();
      for (const cursor of open()) cursor.error = toFlinchError(error);
      break;
    }
    const groups = new Map<number, Cursor[]>();
    for (const cursor of open()) {
      delete cursor.trouble;
      cursor.next = cursor.to;
      const leader = layout.leaders.get(cursor.partition) ?? -1;
      cursor.currentEpoch = layout.epochs.get(cursor.partition) ?? -1;
      groups.set(leader, [...(groups.get(leader) ?? []), cursor]);
    }
    await Promise.all([...groups].map(([leader, group]) => drain(leader, group)));
  }
  if (!enough?.aborted) await findLosses();
  return cursors.map(({ partition, from, to, lastStableOffset, highWatermark, error }) => ({
    partition,
    from,
    to,
    lastStableOffset,
    highWatermark,
    ...(error ? { error } : {}),
  }));

  /** What offsets alone do not show: that a log is no longer the one whose ends were asked for. */
  async function findLosses(): Promise<void> {
    for (const cursor of cursors) {
      const { error, outOfRange, partition, next } = cursor;
      if (error && outOfRange) cursor.error = await explainOutOfRange(cluster, topic, partition, next, error);
    }
    const read = cursors.filter(({ error, from, end }) => !error && from < end);
    const wrong = await verifyContinuity(cluster, topic, read);
    for (const cursor of read) {
      const error = wrong.get(cursor.partition);
      if (error) cursor.error = error;
    }
  }

  /** Reads from one leader until its partitions are at their ends or in trouble. */
  async function drain(leader: number, group: Cursor[]): Promise<void> {
    let connection: BrokerConnection;
    try {
      connection = await cluster.node(leader);
    } catch (error) {
      cluster.signal?.throwIfAborted();
      for (const cursor of group) stuck(cursor, error);
      return;
    }
    for (let ahead = request(connection, group); ahead; ) {
      const { asked, answer } = ahead;
      let fetched: FetchedPartition[];
      try {
        fetched = await answer;
      } catch (error) {
        cluster.signal?.throwIfAborted();
        for (const cursor of asked) stuck(cursor, error);
        return;
      }
      const healthy = asked.filter((cursor) => !cursor.error);
      const work = healthy.map((cursor) => ({ cursor, ...take(cursor, fetched, connection) }));
      // One partition in trouble sends all leaders' loops back for fresh metadata: it must not wait for the others.
      const goOn = !enough?.aborted && !cursors.some(({ trouble, error }) => trouble && !error);
      ahead = goOn ? request(connection, group) : undefined;
      const loading = consumer.prepare(work.flatMap(({ batches }) => batches));
      if (loading !== undefined) await loading;
      for (const { cursor, batches, data, origin } of work) {
        if (data) handOver(cursor, data, batches, origin);
        const pressure = options.pressure?.();
        if (pressure !== undefined) await pressure;
        if (enough?.aborted) return;
      }
      // Whoever keeps a record copies it: the next answer may be written over this one.
      if (fetched[0]) connection.reuse(fetched[0].records);
    }
  }

  /** Asks for what follows. Up to the last stable offset as read_committed, which tells what was aborted. */
  function request(connection: BrokerConnection, group: Cursor[]) {
    const ready = group.filter((cursor) => !cursor.error && !cursor.trouble && cursor.next < cursor.end);
    const stable = ready.filter((cursor) => cursor.next < cursor.lastStableOffset);
    const asked = stable.length > 0 ? stable : ready;
    if (asked.length === 0) return undefined;
    // The partition that waited longest comes first: the broker fills the answer in this order.
    asked.sort((a, b) => a.movedAt - b.movedAt);
    const body = {
      topic,
      isolation: stable.length > 0 ? ('read_committed' as const) : ('read_uncommitted' as const),
      maxWait: MAX_WAIT,
      maxBytes: Math.max(...asked.map(({ fetchBytes }) => fetchBytes)),
      partitions: asked.map(({ partition, currentEpoch, next, fetchBytes }) => ({
        partition,
        leaderEpoch: currentEpoch,
        offset: next,
        maxBytes: fetchBytes,
      })),
    };
    const answer = connection
      .call(fetch, body, { ms: cluster.callMs + MAX_WAIT, signal: cluster.signal })
      .then(({ error, partitions }) => {
        if (error !== 0) throw wireError(`Fetch answered ${errorName(error)}`, connection.address);
        return partitions;
      });
    answer.catch(() => {}); // awaited later; must not count as unhandled until then
    return { asked, answer };
  }

  /** Checks one partition's part of an answer and moves `next` behind it. */
  function take(cursor: Cursor, fetched: FetchedPartition[], { address: broker }: BrokerConnection) {
    const origin: BatchOrigin = { broker, topic, partition: cursor.partition };
    const none = { batches: [] as BatchHeader[], data: undefined, origin };
    const on = `topic ${topic}, partition ${cursor.partition}, offset ${cursor.next} (${broker})`;
    const data = fetched.find(({ partition }) => partition === cursor.partition);
    if (!data || isPassing(data.error)) {
      stuck(cursor, wireError(`Fetch answered ${data ? errorName(data.error) : 'without the partition'}`, on));
      return none;
    }
    if (data.error !== 0) {
      cursor.error = wireError(`Fetch answered ${errorName(data.error)}`, on);
      if (data.error === OFFSET_OUT_OF_RANGE) cursor.outOfRange = true;
      return none;
    }
    try {
      const batches = scanBatches(data.records, origin);
      const behind = (batches.at(-1)?.lastOffset ?? -1) + 1;
      const silent = fetched.every(({ records }) => records.length === 0);
      if (behind > cursor.next) cursor.next = behind;
      else if (batches.length > 0) stuck(cursor, wireError('Fetch answered with older batches only', on));
      else if (data.records.length > 0) grow(cursor, on);
      else if (silent) stuck(cursor, wireError('Fetch answered without the records it promised', on));
      return { batches, data, origin };
    } catch (error) {
      cursor.error = toFlinchError(error);
      return none;
    }
  }

  function stuck(cursor: Cursor, trouble: unknown): void {
    cursor.trouble = trouble;
    cursor.stuckSince ??= cluster.clock.mono();
  }

  function grow(cursor: Cursor, on: string): void {
    if (cursor.fetchBytes >= LARGEST_FETCH) cursor.error = wireError('a record batch is larger than 256 MiB', on);
    else cursor.fetchBytes *= 2;
  }

  function handOver(cursor: Cursor, data: FetchedPartition, batches: BatchHeader[], origin: BatchOrigin): void {
    const { end, lastStableOffset } = cursor;
    const bytes = data.records;
    const filter = new AbortedFilter(data.aborted);
    try {
      for (const header of batches) {
        if (header.lastOffset < cursor.to && !header.control) {
          // Below what was asked for; the filter must see it all the same.
          filter.drops(header);
          continue;
        }
        if (cursor.error || cursor.to >= end) return;
        verifyBatch(bytes, header, origin);
        const marker = header.control ? controlType(bytes, header) : undefined;
        const committed = !filter.drops({ ...header, marker });
        consumer.take({ header, bytes, origin, committed, from: cursor.to, end, lastStableOffset });
        if (enough?.aborted) return;
        cursor.to = Math.min(Math.max(cursor.to, header.lastOffset + 1), end);
        cursor.movedAt = cluster.clock.mono();
        cursor.stuckSince = undefined;
      }
    } catch (error) {
      if (error instanceof Thrown) throw error.thrown;
      cursor.error = error instanceof FlinchError ? error : toFlinchError(error, 'KAFKA_WIRE');
    }
  }
}
