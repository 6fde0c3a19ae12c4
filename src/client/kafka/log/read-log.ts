import type { IsolationLevel } from '../apis/api.js';
import type { KafkaCluster } from '../protocol/cluster.js';
import { prepareCodecs } from '../records/codecs/codecs.js';
import { openBatch, RecordView, walkBatch } from '../records/record-batch.js';
import type { WholeBatch } from '../records/whole-batch.js';
import { type FetchLogOptions, fetchLog, type PartitionOutcome } from './fetch-log.js';
import { type LogBatch, Thrown } from './log-consumer.js';
import type { PartitionOffsets } from './offsets.js';

export type { PartitionOutcome } from './fetch-log.js';

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
}

/** A batch all of whose records are wanted, and alike in being committed or not. */
export interface ReadBatch extends WholeBatch {
  partition: number;
  /** As of a RecordView. */
  committed: boolean;
  stable: boolean;
}

/**
 * Reads the records of partitions between fixed offsets, fetching ahead while decoding. Trouble with one partition ends
 * as its `error`, not as a throw. @throws what the callbacks throw; the cluster signal's reason.
 */
export function readLog(
  cluster: KafkaCluster,
  topic: string,
  bounds: readonly PartitionOffsets[],
  options: ReadOptions,
  onRecord: (record: RecordView) => void,
): Promise<PartitionOutcome[]> {
  const { isolation, onBatch } = options;
  const view = new RecordView();
  let callback = false;
  return fetchLog(cluster, topic, bounds, options, {
    prepare: prepareCodecs,
    take: (batch) => {
      const { header, bytes, origin, committed, from, end, lastStableOffset } = batch;
      if (header.control || (!committed && isolation === 'read_committed')) return;
      const { partition } = origin;
      view.partition = partition;
      try {
        const opened = openBatch(bytes, header, origin);
        const stable = header.lastOffset < lastStableOffset;
        if (onBatch && isWanted(batch, isolation)) {
          callback = true;
          const taken = onBatch({ ...opened, partition, committed: committed && stable, stable });
          callback = false;
          if (taken) return;
        }
        walkBatch(opened, origin, view, () => {
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
    },
  });
}

/** Whether every record of the batch is wanted, and all are alike; otherwise each is looked at. */
function isWanted({ header, from, end, lastStableOffset }: LogBatch, isolation: IsolationLevel): boolean {
  const stable = header.lastOffset < lastStableOffset;
  if (header.baseOffset < from || header.lastOffset >= end) return false;
  return stable || (isolation === 'read_uncommitted' && header.baseOffset >= lastStableOffset);
}
