import type { PartitionOffsets } from '../../client/kafka/log/offsets.js';
import type { AggregateRelation } from '../../core/record-spec.js';
import { begunLater, readSide, type SideRead, type TopicSide } from '../topic-side.js';
import { beginOf, decidedOf, undecided } from '../window/marks.js';
import { changed } from '../window/reconcile-window.js';
import { shrunken, sinkParts, sourceParts, type Window, type WindowPart } from '../window/window.js';
import { CountGroups, type GroupCounts } from './count-groups.js';
import { Groups } from './groups.js';
import { compileInvariant } from './invariant.js';
import { judgeGroup } from './judge-group.js';
import { Zone } from './totals.js';

export interface AggregateOptions {
  source: TopicSide;
  sink: Omit<TopicSide, 'filter'>;
  window: Window;
  relation: AggregateRelation;
  /** Bytes of memory for groups; the topics are read once more for what does not fit. */
  budgetBytes: number;
  /** Examples of each state. */
  examples: number;
}

export interface Aggregation extends GroupCounts {
  source: SideRead;
  sink: SideRead;
  /** By partition: all that was read counts. */
  parts: { source: WindowPart[]; sink: WindowPart[] };
  /** Committed records of the source that count, and those that the filter drops. */
  sourceRecords: number;
  filteredRecords: number;
  /** How often both topics were read. */
  passes: number;
}

/**
 * The last record of each group at the sink against the group's records at the source, all of them: a total has no
 * beginning. What the source had gained since the job was looked at may have been in a total at `begun`, or not yet.
 * Without having drained nothing is read.
 * @throws FlinchError SCHEMA_REGISTRY; the reader's signal's reason.
 */
export async function aggregateWindow(options: AggregateOptions): Promise<Aggregation> {
  const { source, sink, window, relation, budgetBytes } = options;
  const { attached, begun, ended, drained } = window;
  const invariants = relation.invariants.map(compileInvariant);
  const groups = new Groups(budgetBytes, invariants);
  const bounds = { source: committed(drained.source), sink: committed(drained.sink) };
  const before = limits(bounds.source, (partition) => decidedOf(attached.source, partition));
  const between = limits(bounds.source, (partition) => beginOf(begun.source, partition));
  const within = limits(bounds.sink, (partition) => beginOf(begun.sink, partition));
  const sinkWhole = bounds.sink.every(({ earliest }) => earliest === 0);
  const count = new CountGroups(relation, options.examples);
  const reasons = new Set<string>([
    ...begunLater(source, bounds.source),
    ...undecided(`topic ${source.topic}`, drained.source),
    ...undecided(`topic ${sink.topic}`, drained.sink),
    ...(window.undrained === undefined ? [] : [window.undrained]),
  ]);
  let [sourceRecords, passes] = [0, 0];
  let reads = { source: unread(source.topic), sink: unread(sink.topic) };
  // What is on its way is missing from totals that are right.
  while (window.undrained === undefined && groups.next()) {
    const first = ++passes === 1;
    const sourceRead = await readSide(
      source,
      bounds.source,
      (identity, record, counts) => {
        if (!counts) return;
        if (first) sourceRecords++;
        const { partition, offset } = record;
        const zone =
          offset < (before.get(partition) ?? 0)
            ? Zone.before
            : offset < (between.get(partition) ?? 0)
              ? Zone.between
              : Zone.behind;
        groups.of(identity)?.source(record, zone, invariants);
      },
      'read_committed',
    );
    const sinkRead = await readSide(
      sink,
      bounds.sink,
      (identity, record) =>
        groups.of(identity)?.sink(record, record.offset >= (within.get(record.partition) ?? 0), invariants),
      'read_committed',
    );
    for (const reason of [...sourceRead.reasons, ...sinkRead.reasons]) reasons.add(reason);
    if (first) reads = { source: sourceRead, sink: sinkRead };
    for (const [id, group] of groups.entries()) {
      count.add(id, judgeGroup(group, invariants, sinkWhole), group.last !== undefined && !group.last.gone);
    }
  }
  for (const reason of [
    ...shrunken(source.topic, sourceParts(window), drained.source),
    ...shrunken(sink.topic, sinkParts(window), drained.sink),
    ...(await changed(source, [attached.source, begun.source, ended.source, drained.source])),
    ...(await changed(sink, [attached.sink, begun.sink, drained.sink])),
  ]) {
    reasons.add(reason);
  }
  return {
    ...reads,
    parts: { source: bounds.source.map(partOf), sink: bounds.sink.map(partOf) },
    sourceRecords,
    filteredRecords: reads.source.records - reads.source.unjudged - sourceRecords,
    passes,
    ...count.result([...reasons]),
  };
}

const unread = (topic: string): SideRead => ({
  ...{ topic, records: 0, uncommitted: 0, partitions: [] },
  ...{ unjudged: 0, examples: [], reasons: [] },
});

/** What was committed by then. */
const committed = (ends: readonly PartitionOffsets[]): PartitionOffsets[] =>
  ends.map((end) => ({ ...end, highWatermark: end.lastStableOffset }));
const partOf = ({ partition, earliest, lastStableOffset }: PartitionOffsets): WindowPart => ({
  partition,
  before: earliest,
  from: earliest,
  to: lastStableOffset,
  behind: lastStableOffset,
});
const limits = (ends: readonly PartitionOffsets[], of: (partition: number) => number): Map<number, number> =>
  new Map(ends.map(({ partition }) => [partition, of(partition)]));
