import type { IsolationLevel } from '../apis/api.js';
import type { KafkaCluster } from '../protocol/cluster.js';
import { prepareCodecs } from '../records/codecs/codecs.js';
import { RecordView, readRecords } from '../records/record-batch.js';
import { type FetchLogOptions, fetchLog, type PartitionOutcome } from './fetch-log.js';
import { Thrown } from './log-consumer.js';
import type { PartitionOffsets } from './offsets.js';

export type { PartitionOutcome } from './fetch-log.js';

export interface ReadOptions extends FetchLogOptions {
  /**
   * `read_committed`: committed records up to the last stable offset. `read_uncommitted`: every data record up to the
   * high watermark; each carries `committed`, so that one pass gives both views.
   */
  isolation: IsolationLevel;
}

/**
 * Reads the records of partitions between fixed offsets, fetching ahead while decoding. Trouble with one partition ends
 * as its `error`, not as a throw. @throws what `onRecord` throws; the cluster signal's reason.
 */
export function readLog(
  cluster: KafkaCluster,
  topic: string,
  bounds: readonly PartitionOffsets[],
  options: ReadOptions,
  onRecord: (record: RecordView) => void,
): Promise<PartitionOutcome[]> {
  const view = new RecordView();
  let callback = false;
  return fetchLog(cluster, topic, bounds, options, {
    prepare: prepareCodecs,
    take: ({ header, bytes, origin, committed, from, end, lastStableOffset }) => {
      if (header.control || (!committed && options.isolation === 'read_committed')) return;
      view.partition = origin.partition;
      try {
        readRecords(bytes, header, origin, view, () => {
          if (view.offset < from || view.offset >= end) return;
          view.stable = view.offset < lastStableOffset;
          view.committed = committed && view.stable;
          if (!view.committed && options.isolation === 'read_committed') return;
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
