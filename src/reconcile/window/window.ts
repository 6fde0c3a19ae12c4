import type { PartitionOffsets } from '../../client/kafka/log/offsets.js';
import { beginOf, decidedOf, type Mark, partitionsOf } from './marks.js';

/**
 * What part of two topics is weighed, while records go on flowing through them. Due at the sink is what the source got
 * from `begun` to `ended`. What surrounds it is read too, because a record comes out later than it goes in: before it
 * from `attached` on, behind it up to `drained`.
 */
export interface Window {
  attached: Mark;
  begun: Mark;
  ended: Mark;
  drained: Mark;
  /** Why records that were due may still have been on their way at `drained`. */
  undrained?: string | undefined;
}

/** Where a record of the source lies. */
export type Zone = 'due' | 'around';

/** A partition's part of the window: due, or weighed, is [from, to); [before, behind) was read. */
export interface WindowPart {
  partition: number;
  before: number;
  from: number;
  to: number;
  behind: number;
}

export const sourceParts = ({ attached, begun, ended, drained }: Window): WindowPart[] =>
  partitionsOf(attached.source, drained.source).map((partition) => {
    const from = beginOf(begun.source, partition);
    return {
      partition,
      before: beginOf(attached.source, partition),
      from,
      to: Math.max(from, decidedOf(ended.source, partition)),
      behind: beginOf(drained.source, partition),
    };
  });

export const sinkParts = ({ attached, begun, drained, undrained }: Window): WindowPart[] =>
  partitionsOf(attached.sink, drained.sink).map((partition) => {
    const from = beginOf(begun.sink, partition);
    const to = Math.max(from, decidedOf(drained.sink, partition));
    // What is not decided yet only matters where something is missing.
    const behind = undrained === undefined ? to : Math.max(to, beginOf(drained.sink, partition));
    return { partition, before: beginOf(attached.sink, partition), from, to, behind };
  });

/** What a reader has to read of it, from its ends as they were at last. */
export function boundsOf(parts: readonly WindowPart[], ends: readonly PartitionOffsets[]): PartitionOffsets[] {
  return ends.map((end) => {
    const part = parts.find(({ partition }) => partition === end.partition);
    const { before = 0, behind = end.highWatermark } = part ?? {};
    return {
      ...end,
      earliest: before,
      lastStableOffset: Math.min(end.lastStableOffset, behind),
      highWatermark: Math.max(before, behind),
    };
  });
}

/** Logs that end before where they ended once: made anew, or cut off. */
export function shrunken(topic: string, parts: readonly WindowPart[], ends: readonly PartitionOffsets[]): string[] {
  return parts.flatMap(({ partition, before, from }) => {
    const end = ends.find((it) => it.partition === partition)?.highWatermark;
    const was = Math.max(before, from);
    if (end !== undefined && end >= was) return [];
    return [
      `partition ${partition} of topic ${topic} ends at ${end ?? 'nothing'}, and had ${was} records: it was cut off or made anew`,
    ];
  });
}
