import { withDeadline } from '../../../core/deadline.js';
import { type FlinchError, toFlinchError } from '../../../core/error.js';
import { fetch } from '../apis/fetch.js';
import type { KafkaCluster, TopicLayout } from '../protocol/cluster.js';
import { errorName, isPassing, isRefused, tellingOf, wireError } from '../protocol/error-codes.js';
import { AbortedFilter } from '../records/aborted-filter.js';
import { controlType, RecordView, readRecords, scanBatches, verifyBatch } from '../records/record-batch.js';
import { topicOffsets } from './offsets.js';

/** Milliseconds for one look, unless told. */
export const LOOK_MS = 2000;

/** One look at the end of a log. Times are monotonic milliseconds. */
export interface TailLook {
  start: number;
  end: number;
  /** Committed records that this look found. Those found before an `error` count too. */
  records: number;
  /** The offset of each partition up to which everything was handed over; before the first answer, none. */
  positions: ReadonlyMap<number, number>;
  error?: FlinchError;
  /** Nobody listened at any broker that had to be asked: nothing could be read by anybody. */
  refused?: true;
}

export interface TailOptions {
  signal: AbortSignal;
  /** Where to begin; `earliest` unless told. As offsets by partition, partitions without one are left out. */
  from?: 'earliest' | 'latest' | ReadonlyMap<number, number>;
  /** Milliseconds from the start of one look to the next; 200 unless told. */
  every?: number;
  /** Milliseconds for one look; 2000 unless told. */
  lookMs?: number;
  onRecord?: (record: RecordView) => void;
}

/**
 * Looks for newly committed records again and again until the signal is aborted. A look that fails is reported and
 * the next one begins with fresh metadata where the last record was found: nothing is skipped, nothing counted twice.
 */
export async function tailLog(
  cluster: KafkaCluster,
  topic: string,
  { signal, from = 'earliest', every = 200, lookMs = LOOK_MS, onRecord }: TailOptions,
  onLook: (look: TailLook) => void,
): Promise<void> {
  const { clock } = cluster;
  const positions = new Map<number, number>(typeof from === 'string' ? [] : from);
  let layout: TopicLayout | undefined;
  while (!signal.aborted) {
    const look: TailLook = { start: clock.mono(), end: 0, records: 0, positions };
    try {
      await withDeadline(`a look at topic ${topic}`, lookMs, (deadline) => lookOnce(look, deadline), signal);
    } catch (error) {
      if (signal.aborted) return;
      look.error = toFlinchError(error, 'KAFKA_WIRE');
      if (isRefused(error)) look.refused = true;
      layout = undefined;
    }
    if (signal.aborted) return;
    look.end = clock.mono();
    onLook({ ...look });
    try {
      await clock.sleep(every - (clock.mono() - look.start), signal);
    } catch {
      return;
    }
  }

  async function lookOnce(look: TailLook, deadline: AbortSignal): Promise<void> {
    if (positions.size === 0) {
      for (const { partition, earliest, lastStableOffset } of await topicOffsets(cluster, topic)) {
        if (!deadline.aborted) positions.set(partition, from === 'latest' ? lastStableOffset : earliest);
      }
      return;
    }
    layout ??= await cluster.layout(topic);
    const { leaders, epochs } = layout;
    const nodes = [...new Set(leaders.values())];
    const results = await Promise.allSettled(nodes.map((node) => fetchFrom(node, { leaders, epochs }, look, deadline)));
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failed.length > 0) throw tellingOf(failed);
  }

  async function fetchFrom(node: number, { leaders, epochs }: TopicLayout, look: TailLook, deadline: AbortSignal) {
    const connection = await cluster.node(node);
    const maxWait = Math.min(every, 200);
    const asked = [...positions].filter(([partition]) => leaders.get(partition) === node);
    const maxBytes = 4 * 1024 * 1024;
    const partitions = asked.map(([partition, offset]) => {
      return { partition, leaderEpoch: epochs.get(partition) ?? -1, offset, maxBytes };
    });
    const body = {
      topic,
      isolation: 'read_committed' as const,
      maxWait,
      maxBytes: maxBytes * asked.length,
      partitions,
    };
    const answer = await connection.call(fetch, body, { ms: lookMs, signal: deadline });
    // An answer that came too late belongs to a look that was already reported: the next one fetches it again.
    if (deadline.aborted) return;
    if (answer.error !== 0) throw wireError(`Fetch answered ${errorName(answer.error)}`, connection.address);
    let trouble: unknown;
    for (const { partition, error, aborted, records } of answer.partitions) {
      const position = positions.get(partition);
      if (position === undefined) continue;
      if (error !== 0) {
        const on = `topic ${topic}, partition ${partition}, offset ${position} (${connection.address})`;
        trouble ??= wireError(
          `Fetch answered ${errorName(error)}`,
          on,
          isPassing(error) ? 'it is tried again' : undefined,
        );
        continue;
      }
      const origin = { broker: connection.address, topic, partition };
      const filter = new AbortedFilter(aborted);
      const view = new RecordView();
      view.partition = partition;
      for (const batch of scanBatches(records, origin)) {
        verifyBatch(records, batch, origin);
        const marker = batch.control ? controlType(records, batch) : undefined;
        const dropped = filter.drops({ ...batch, marker });
        if (!dropped && !batch.control && batch.lastOffset >= position) {
          readRecords(records, batch, origin, view, () => {
            if (view.offset < position) return;
            look.records++;
            onRecord?.(view);
          });
        }
        positions.set(partition, Math.max(positions.get(partition) ?? 0, batch.lastOffset + 1));
      }
    }
    if (trouble) throw trouble;
  }
}
