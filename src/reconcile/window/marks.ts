import type { LogReader } from '../../client/kafka/log/log-reader.js';
import type { PartitionOffsets } from '../../client/kafka/log/offsets.js';

/** Two topics and who reads them. */
export interface TopicPair {
  source: { reader: LogReader; topic: string };
  sink: { reader: LogReader; topic: string };
}

/**
 * The ends of both topics, the sink's asked for before the source's. So a source record at or behind this mark can only
 * have come out at or behind it: whoever reads it reads it later than the sink was asked.
 */
export interface Mark {
  source: PartitionOffsets[];
  sink: PartitionOffsets[];
  /** Milliseconds since the epoch, once both were had. */
  wall: number;
}

/** Marks where a window begins. @throws FlinchError KAFKA_WIRE; the reader's signal's reason. */
export async function mark({ source, sink }: TopicPair, wall: () => number): Promise<Mark> {
  const sinkEnds = await sink.reader.offsets(sink.topic);
  const sourceEnds = await source.reader.offsets(source.topic);
  return { source: sourceEnds, sink: sinkEnds, wall: wall() };
}

/**
 * The offset at which something begins that is not before a mark: the high watermark, since nobody reads beyond it. A
 * partition that was not there then has all its records behind the mark.
 */
export const beginOf = (ends: readonly PartitionOffsets[], partition: number): number =>
  ends.find((it) => it.partition === partition)?.highWatermark ?? 0;

/** The offset below which everything is decided: the last stable offset. */
export const decidedOf = (ends: readonly PartitionOffsets[], partition: number): number =>
  ends.find((it) => it.partition === partition)?.lastStableOffset ?? 0;

/** What of a topic is neither committed nor aborted yet, a sentence for each partition. @param of what they are of */
export const undecided = (of: string, ends: readonly PartitionOffsets[]): string[] =>
  ends
    .filter(({ lastStableOffset, highWatermark }) => lastStableOffset < highWatermark)
    .map(({ partition }) => `a transaction is open on partition ${partition} of ${of}`);

export const partitionsOf = (...ends: readonly (readonly PartitionOffsets[])[]): number[] =>
  [...new Set(ends.flat().map(({ partition }) => partition))].sort((a, b) => a - b);
