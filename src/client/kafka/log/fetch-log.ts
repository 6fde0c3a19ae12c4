import { FlinchError, toFlinchError } from '../../../core/error.js';
import type { IsolationLevel } from '../apis/api.js';
import { type FetchedPartition, fetch } from '../apis/fetch.js';
import type { KafkaCluster, TopicLayout } from '../protocol/cluster.js';
import type { BrokerConnection } from '../protocol/connection.js';
import { errorName, isPassing, OFFSET_OUT_OF_RANGE, wireError } from '../protocol/error-codes.js';
import { AbortedFilter } from '../records/aborted-filter.js';
import { controlType, scanBatches, verifyBatch } from '../records/record-batch.js';
import { explainOutOfRange, verifyContinuity } from './continuity.js';
import {
  type Cursor,
  expectPacked,
  expectPlain,
  grow,
  moved,
  newCursor,
  outcomeOf,
  type PartitionOutcome,
  stuck,
} from './cursor.js';
import { type LogConsumer, type LogPart, Thrown } from './log-consumer.js';
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
  /** Bytes of one fetch; 8 MiB unless told, and at most 2 MiB where batches are compressed. */
  fetchBytes?: number;
}

/** Milliseconds a broker may wait for data that should be there already. */
const MAX_WAIT = 100;

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
  const { isolation, enough, fetchBytes = 8 * 1024 * 1024 } = options;
  const { clock } = cluster;
  const cursors = bounds.map((ends): Cursor => {
    const from = options.from?.get(ends.partition) ?? ends.earliest;
    const end = isolation === 'read_committed' ? ends.lastStableOffset : ends.highWatermark;
    return newCursor(ends, { from, end, fetchBytes, now: clock.mono() });
  });
  const open = () => cursors.filter((cursor) => !cursor.error && cursor.to < cursor.end);
  let pause = false;
  while (open().length > 0 && !enough?.aborted) {
    if (pause) await clock.sleep(cluster.pauseMs, cluster.signal);
    pause = true;
    cluster.signal?.throwIfAborted();
    const now = clock.mono();
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
      delete cursor.halted;
      cursor.next = cursor.to;
      const leader = layout.leaders.get(cursor.partition) ?? -1;
      cursor.currentEpoch = layout.epochs.get(cursor.partition) ?? -1;
      groups.set(leader, [...(groups.get(leader) ?? []), cursor]);
    }
    await Promise.all([...groups].map(([leader, group]) => drain(leader, group)));
  }
  if (!enough?.aborted) await findLosses();
  return cursors.map(outcomeOf);

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
      for (const cursor of group) stuck(cursor, error, clock.mono());
      return;
    }
    // Answers that are being prepared, the oldest first.
    const preparing: { parts: LogPart[]; ready: Promise<{ error: unknown } | undefined> | undefined }[] = [];
    for (let request = ask(connection, group); request || preparing.length > 0; ) {
      if (request) {
        const { asked, answer } = request;
        let fetched: FetchedPartition[] = [];
        try {
          fetched = await answer;
        } catch (error) {
          cluster.signal?.throwIfAborted();
          for (const cursor of asked) stuck(cursor, error, clock.mono());
        }
        // Those in trouble get no part; what was fetched before is handed over all the same.
        const healthy = asked.filter(({ error, trouble }) => !error && !trouble);
        const parts = healthy.flatMap((cursor) => take(cursor, fetched, connection) ?? []);
        // One partition in trouble sends all leaders' loops back for fresh metadata: it must not wait for the others.
        const goOn = !enough?.aborted && !cursors.some(({ trouble, error }) => trouble && !error);
        request = goOn ? ask(connection, group) : undefined;
        const ready = consumer.prepare(parts)?.then(
          () => undefined,
          (error: unknown) => ({ error }),
        );
        preparing.push({ parts, ready });
      }
      while (preparing.length > (request ? (consumer.ahead ?? 0) : 0)) {
        const { parts, ready } = preparing.shift() as (typeof preparing)[number];
        const failed = await ready;
        if (failed) {
          cluster.signal?.throwIfAborted();
          for (const { cursor } of parts) stuck(cursor, failed.error, clock.mono());
          return;
        }
        for (const part of parts) {
          handOver(part);
          const pressure = options.pressure?.();
          if (pressure !== undefined) await pressure;
          if (enough?.aborted) return;
        }
        // Whoever keeps a record copies it: the next answer may be written over this one.
        if (parts[0]) connection.reuse(parts[0].bytes);
        consumer.done?.(parts);
      }
    }
  }

  /** Asks for what follows. Up to the last stable offset as read_committed, which tells what was aborted. */
  function ask(connection: BrokerConnection, group: Cursor[]) {
    const ready = group.filter((it) => !it.error && !it.halted && !it.trouble && it.next < it.end);
    const stable = ready.filter((cursor) => cursor.next < cursor.lastStableOffset);
    const asked = stable.length > 0 ? stable : ready;
    if (asked.length === 0) return undefined;
    // The partition that waited longest comes first: the broker fills the answer in this order.
    asked.sort((a, b) => a.movedAt - b.movedAt);
    const body = {
      topic,
      isolation: stable.length > 0 ? ('read_committed' as const) : ('read_uncommitted' as const),
      maxWait: MAX_WAIT,
      maxBytes: Math.max(...asked.map((cursor) => cursor.fetchBytes)),
      partitions: asked.map((cursor) => ({
        partition: cursor.partition,
        leaderEpoch: cursor.currentEpoch,
        offset: cursor.next,
        maxBytes: cursor.fetchBytes,
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

  /** One partition's part of an answer, with `next` moved behind it; undefined when there is none. */
  function take(cursor: Cursor, fetched: FetchedPartition[], { address }: BrokerConnection): LogPart | undefined {
    const origin = { broker: address, topic, partition: cursor.partition };
    const on = `topic ${topic}, partition ${cursor.partition}, offset ${cursor.next} (${address})`;
    const trouble = (what: string) => stuck(cursor, wireError(what, on), clock.mono());
    const data = fetched.find(({ partition }) => partition === cursor.partition);
    if (!data || isPassing(data.error)) {
      trouble(`Fetch answered ${data ? errorName(data.error) : 'without the partition'}`);
      return undefined;
    }
    const part: LogPart = { cursor, origin, bytes: data.records, batches: [], aborted: data.aborted };
    try {
      if (data.error === OFFSET_OUT_OF_RANGE) part.outOfRange = true;
      if (data.error !== 0) throw wireError(`Fetch answered ${errorName(data.error)}`, on);
      part.batches = scanBatches(data.records, origin);
      if (part.batches.some(({ codec }) => codec !== 0)) expectPacked(cursor);
      else if (part.batches.length > 0) expectPlain(cursor);
      const behind = (part.batches.at(-1)?.lastOffset ?? -1) + 1;
      const silent = fetched.every(({ records }) => records.length === 0);
      if (behind > cursor.next) cursor.next = behind;
      else if (part.batches.length > 0) trouble('Fetch answered with older batches only');
      else if (data.records.length > 0) grow(cursor, on);
      else if (silent) trouble('Fetch answered without the records it promised');
    } catch (error) {
      cursor.halted = true;
      part.error = toFlinchError(error);
    }
    return part;
  }

  function handOver(part: LogPart): void {
    const { cursor, bytes, origin, scans } = part;
    const { end, lastStableOffset } = cursor;
    const filter = new AbortedFilter(part.aborted);
    try {
      for (const [i, header] of part.batches.entries()) {
        if (header.lastOffset < cursor.to && !header.control) {
          // Below what was asked for; the filter must see it all the same.
          filter.drops(header);
          continue;
        }
        if (cursor.error || cursor.to >= end) return;
        const scan = scans?.[i];
        verifyBatch(bytes, header, origin, scan?.crc);
        const marker = header.control ? controlType(bytes, header) : undefined;
        const committed = !filter.drops({ ...header, marker });
        consumer.take({ header, bytes, origin, committed, from: cursor.to, end, lastStableOffset, scan });
        if (enough?.aborted) return;
        moved(cursor, header.lastOffset + 1, clock.mono());
      }
      if (!part.error || cursor.error) return;
      cursor.error = part.error;
      if (part.outOfRange) cursor.outOfRange = true;
    } catch (error) {
      if (error instanceof Thrown) throw error.thrown;
      cursor.error = error instanceof FlinchError ? error : toFlinchError(error, 'KAFKA_WIRE');
    }
  }
}
