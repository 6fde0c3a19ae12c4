import type { EventOf, JournalEvent } from '../journal/events.js';
import { type DeletedInput, deletedInputOf } from './deleted-input.js';
import { eventsOf, lastOf } from './events-of.js';
import { countText } from './extent.js';
import type { Balance } from './findings.js';

/** What a topic holds, by the headers of its batches: how many, not which. */
export interface TopicCount {
  of: 'input' | 'output';
  complete: boolean;
  reason?: string;
  /** Offsets from the log's start to the high watermark. */
  offsets: number;
  committed: number;
  aborted: number;
  undecided: number;
  control: number;
}

/** How far the job said that it had read a partition of its input, when it was last asked. */
export interface SourceProgress {
  partition: number;
  /** The end for a read_committed reader at the end of the run. */
  end?: number;
  /** What the consumer group has committed. */
  committed?: number;
  /** The offset after the last record read, by Flink's metric. */
  read?: number;
}

/** The cheap check beside the balance by identity. It never overrides it. */
export interface OffsetsFinding {
  group?: string;
  source: SourceProgress[];
  counts: TopicCount[];
  /** Committed data records of the output less those of the input; `pass-through` only. */
  difference?: number;
  deleted: DeletedInput[];
  /** Where offsets and identities do not say the same. */
  disagreements: string[];
}

/** What each number is, and is not. */
export const OFFSET_LABELS = {
  group:
    'committed by Flink after a checkpoint completes: lags behind the checkpointed state by up to a checkpoint, says nothing about the sink',
  read: "Flink's metric: what the source has handed on, checkpointed or not; as old as the metrics' update interval",
  counts: 'by the headers of the record batches, net of control records: how many records, not which',
  difference: 'a lost record and a duplicated one cancel out here',
} as const;

type Counted = EventOf<'data.counted'>;

function topicCount({ of, complete, reason, partitions }: Counted): TopicCount {
  const sum = (value: (p: Counted['partitions'][number]) => number) => partitions.reduce((n, p) => n + value(p), 0);
  return {
    ...{ of, complete },
    ...(reason !== undefined && { reason }),
    offsets: sum((p) => p.to - p.from),
    committed: sum((p) => p.committed),
    aborted: sum((p) => p.aborted),
    undecided: sum((p) => p.undecided),
    control: sum((p) => p.control),
  };
}

function progressOf(events: readonly JournalEvent[]): SourceProgress[] {
  const topic = eventsOf(events, 'observed.topic').findLast((look) => look.of === 'input' && look.partitions);
  const group = eventsOf(events, 'observed.group').findLast((look) => look.partitions);
  const metrics = eventsOf(events, 'observed.metrics').findLast((look) => look.source);
  const counted = eventsOf(events, 'data.counted').findLast((event) => event.of === 'input' && event.complete);
  const ends = new Map((counted ?? topic)?.partitions?.map((p) => [p.partition, p.lastStableOffset]));
  const committed = new Map(group?.partitions?.map((p) => [p.partition, p.offset]));
  const read = new Map(metrics?.source?.map((p) => [p.partition, p.current]));
  const partitions = [...new Set([...ends.keys(), ...committed.keys(), ...read.keys()])].sort((a, b) => a - b);
  return partitions.map((partition) => {
    const [end, offset, last] = [ends.get(partition), committed.get(partition), read.get(partition)];
    return {
      partition,
      ...(end !== undefined && { end }),
      ...(offset !== undefined && { committed: offset }),
      ...(last !== undefined && { read: last + 1 }),
    };
  });
}

/** Whether a count and a read were of the same part of a topic; an expiring transaction moves ends in between. */
const sameEnds = (count: Counted, read: EventOf<'data.read'>): boolean =>
  count.partitions.length === read.partitions.length &&
  count.partitions.every((mine) =>
    read.partitions.some(
      (p) => p.partition === mine.partition && p.from === mine.from && p.lastStableOffset === mine.lastStableOffset,
    ),
  );

/** The count of headers against the count of the records that were read one by one. */
function readDisagreements(events: readonly JournalEvent[]): string[] {
  return eventsOf(events, 'data.counted').flatMap((count) => {
    const read = eventsOf(events, 'data.read').findLast(
      (r) => r.of === count.of && r.topic === count.topic && r.isolation === 'read_committed',
    );
    if (!read?.complete || !count.complete || !sameEnds(count, read)) return [];
    const { committed } = topicCount(count);
    if (committed === read.records) return [];
    return [
      `the batches of the ${count.of} claim ${committed} committed records, but ${read.records} were read from it one by one`,
    ];
  });
}

function balanceDisagreements(
  source: readonly SourceProgress[],
  difference: number | undefined,
  balance: Balance | undefined,
): string[] {
  if (!balance) return [];
  const { lost, duplicated, unexpected } = balance;
  const harm = lost.atLeast > 0 || duplicated.atLeast > 0;
  const found: string[] = [];
  const which = `${countText(lost)} lost and ${countText(duplicated)} duplicated`;
  if (difference === 0 && harm) {
    found.push(`input and output hold as many records, yet by identity there are ${which}: the identities decide`);
  }
  if (difference && [lost, duplicated, unexpected].every(({ atMost }) => atMost === 0)) {
    const more = difference > 0 ? `${difference} more` : `${-difference} fewer`;
    found.push(
      `the output holds ${more} committed records than the input, yet by identity there are ${which}: the identities decide`,
    );
  }
  const all = source.length > 0 && source.every(({ end, committed }) => end !== undefined && committed === end);
  if (all && lost.atLeast > 0) {
    found.push(
      `the job's consumer group stands at the end of the input, yet by identity ${countText(lost)} records are lost: group offsets say nothing about the sink`,
    );
  }
  return found;
}

/** Undefined for a journal without any of it, as those of older versions are. */
export function offsetsOf(events: readonly JournalEvent[], balance: Balance | undefined): OffsetsFinding | undefined {
  const counts = (['input', 'output'] as const).flatMap((of) => {
    const counted = eventsOf(events, 'data.counted').findLast((event) => event.of === of);
    return counted ? [topicCount(counted)] : [];
  });
  const source = progressOf(events);
  const deleted = deletedInputOf(events);
  if (counts.length === 0 && source.length === 0 && deleted.length === 0) return undefined;
  const group = lastOf(events, 'observed.group')?.group;
  const [input, output] = [counts.find(({ of }) => of === 'input'), counts.find(({ of }) => of === 'output')];
  const whole = input?.complete && output?.complete && output.undecided === 0;
  // What was deleted from the input cannot be counted any more.
  const comparable =
    whole && deleted.length === 0 && lastOf(events, 'run.started')?.scenario.workload.job === 'pass-through';
  const difference = comparable ? output.committed - input.committed : undefined;
  return {
    ...(group !== undefined && { group }),
    source,
    counts,
    ...(difference !== undefined && { difference }),
    deleted,
    disagreements: [...readDisagreements(events), ...balanceDisagreements(source, difference, balance)],
  };
}
