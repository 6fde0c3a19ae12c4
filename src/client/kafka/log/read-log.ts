import { availableParallelism } from 'node:os';
import type { IsolationLevel } from '../apis/api.js';
import type { KafkaCluster } from '../protocol/cluster.js';
import { batchNumbers, openBatch, RecordView, walkBatch } from '../records/record-batch.js';
import type { BatchNumbers, WholeBatch } from '../records/whole-batch.js';
import type { PartitionOutcome } from './cursor.js';
import { type FetchLogOptions, fetchLog } from './fetch-log.js';
import { type LogBatch, type LogConsumer, loadCodecs, Thrown } from './log-consumer.js';
import type { PartitionOffsets } from './offsets.js';
import { ScanPool } from './scan/scan-pool.js';

export type { PartitionOutcome } from './cursor.js';

export interface ReadOptions extends FetchLogOptions {
  /**
   * `read_committed`: committed records up to the last stable offset. `read_uncommitted`: every data record up to the
   * high watermark; each carries `committed`, so that one pass gives both views.
   */
  isolation: IsolationLevel;
  /**
   * Asked for each batch that is wanted whole, before its records are handed over one by one; true when it was taken
   * and they need not be.
   */
  onBatch?: (batch: ReadBatch) => boolean;
  /**
   * A module as in scan/scanner.ts: in long topics it looks at the batches in threads of their own, and `onBatch` gets
   * what it found.
   */
  scanner?: URL;
  /** Offsets to read from which on a topic counts as long; 500,000 unless told. */
  scanFrom?: number;
}

/** A batch all of whose records are wanted, and alike in being committed or not. */
export interface ReadBatch extends BatchNumbers {
  partition: number;
  /** As of a RecordView. */
  committed: boolean;
  stable: boolean;
  /** What the scanner found, where it was asked and took the batch; good until the callback returns. */
  words?: Int32Array | undefined;
  /** Unpacks the records. */
  open(): WholeBatch;
}

/** It takes some 130 ms until the first thread is ready: so many offsets are read without them in that time. */
const LONG = 500_000;
/** Beyond these the one thread that fetches is what all wait for. */
const MOST_THREADS = 4;
/** Answers that threads have while another comes in. */
const AHEAD = 2;

/**
 * Reads the records of partitions between fixed offsets, fetching ahead while decoding. Trouble with one partition ends
 * as its `error`, not as a throw. @throws what the callbacks throw; the cluster signal's reason.
 */
export async function readLog(
  cluster: KafkaCluster,
  topic: string,
  bounds: readonly PartitionOffsets[],
  options: ReadOptions,
  onRecord: (record: RecordView) => void,
): Promise<PartitionOutcome[]> {
  const take = taker(options, onRecord);
  const pool = poolFor(cluster, bounds, options);
  if (!pool) return fetchLog(cluster, topic, bounds, options, { prepare: loadCodecs, take });
  try {
    return await fetchLog(cluster, topic, bounds, options, {
      ahead: AHEAD,
      prepare: async (parts) => {
        await loadCodecs(parts);
        if (pool.ready) await pool.scan(parts);
      },
      done: (parts) => pool.release(parts),
      take,
    });
  } finally {
    pool.close();
  }
}

function poolFor(
  { deadlineMs, signal }: KafkaCluster,
  bounds: readonly PartitionOffsets[],
  { scanner, scanFrom = LONG, from }: ReadOptions,
): ScanPool | undefined {
  const threads = Math.min(availableParallelism(), MOST_THREADS);
  const offsets = bounds.reduce((n, it) => n + it.highWatermark - (from?.get(it.partition) ?? it.earliest), 0);
  if (!scanner || threads < 2 || offsets < scanFrom) return undefined;
  return new ScanPool({ scanner, threads, ms: deadlineMs, signal });
}

/** Hands each batch over as a whole where it can, or else its records. */
function taker({ isolation, onBatch }: ReadOptions, onRecord: (record: RecordView) => void): LogConsumer['take'] {
  const view = new RecordView();
  let callback = false;
  return (batch) => {
    const { header, bytes, origin, committed, from, end, lastStableOffset, scan } = batch;
    if (header.control || (!committed && isolation === 'read_committed')) return;
    const { partition } = origin;
    view.partition = partition;
    let whole: WholeBatch | undefined;
    const open = () => {
      const inCallback = callback;
      callback = false;
      whole ??= openBatch(bytes, header, origin);
      callback = inCallback;
      return whole;
    };
    try {
      const stable = header.lastOffset < lastStableOffset;
      if (onBatch && isWanted(batch, isolation)) {
        const numbers = scan?.words ? batchNumbers(bytes, header) : open();
        const state = { partition, committed: committed && stable, stable, words: scan?.words };
        callback = true;
        const taken = onBatch({ ...numbers, ...state, open });
        callback = false;
        if (taken) return;
      }
      walkBatch(open(), origin, view, () => {
        if (view.offset < from || view.offset >= end) return;
        view.stable = view.offset < lastStableOffset;
        view.committed = committed && view.stable;
        if (!view.committed && isolation === 'read_committed') return;
        callback = true;
        onRecord(view);
        callback = false;
      });
    } catch (error) {
      throw callback ? new Thrown(error) : error;
    }
  };
}

/** Whether every record of the batch is wanted, and all are alike; otherwise each is looked at. */
function isWanted({ header, from, end, lastStableOffset }: LogBatch, isolation: IsolationLevel): boolean {
  const stable = header.lastOffset < lastStableOffset;
  if (header.baseOffset < from || header.lastOffset >= end) return false;
  return stable || (isolation === 'read_uncommitted' && header.baseOffset >= lastStableOffset);
}
