import type { LogReader } from '../client/kafka/log/log-reader.js';
import type { PartitionOffsets } from '../client/kafka/log/offsets.js';
import type { PartitionOutcome } from '../client/kafka/log/read-log.js';
import type { RecordView } from '../client/kafka/records/record-batch.js';
import { messageOf } from '../core/error.js';
import type { Filter } from './filter.js';
import type { Extractor, Identity } from './identity/extractor.js';
import { WaitingRoom } from './identity/waiting-room.js';
import type { Place } from './ids/sighting.js';

/** One topic of a reconciliation, and how its records are told apart. */
export interface TopicSide {
  reader: LogReader;
  topic: string;
  extractor: Extractor;
  /** Which records count. */
  filter?: Filter | undefined;
}

/** A record that could not take part, and why. */
export interface Unjudged extends Place {
  reason: string;
}

/** What reading one topic came to. */
export interface SideRead {
  topic: string;
  /** Data records handed over: committed ones, and those that only read_uncommitted shows. */
  records: number;
  uncommitted: number;
  partitions: readonly Omit<PartitionOutcome, 'error'>[];
  /** Records without an identity, or that the filter could not judge. */
  unjudged: number;
  /** The first of them. */
  examples: Unjudged[];
  /** Why this side is not known to its end; empty when it is. */
  reasons: string[];
}

/** What becomes of one judged record. */
export type OnRecord = (identity: Identity, record: RecordView, passes: boolean) => void;

/** Records without an identity that are shown. */
export const EXAMPLES = 5;

/**
 * Reads a topic to `bounds` and hands over each record with its identity. Trouble with a broker or a record makes the
 * side incomplete. @throws what `onRecord` throws, FlinchError SCHEMA_REGISTRY, and the reader's signal's reason.
 */
export async function readSide(
  { reader, topic, extractor, filter }: TopicSide,
  bounds: readonly PartitionOffsets[],
  onRecord: OnRecord,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_uncommitted',
): Promise<SideRead> {
  const side: SideRead = { topic, records: 0, uncommitted: 0, partitions: [], unjudged: 0, examples: [], reasons: [] };
  // No more can wait than one answer of a broker holds.
  const later = new WaitingRoom(Number.POSITIVE_INFINITY);
  const unjudged = (record: RecordView, reason: string) => {
    side.unjudged++;
    if (side.examples.length >= EXAMPLES) return;
    const { partition, offset, timestamp } = record;
    side.examples.push({ partition, offset, timestamp, reason });
  };
  const judge = (record: RecordView): boolean => {
    const passes = filter?.(record) ?? 'yes';
    if (passes === 'unreadable') {
      unjudged(record, 'the filter cannot judge it');
      return true;
    }
    const identity = extractor.extract(record);
    if (identity === 'later') return false;
    if (typeof identity === 'string') {
      // A record that the filter drops needs no identity: it is not looked for.
      if (passes === 'yes') unjudged(record, extractor.reason);
      return true;
    }
    onRecord(identity, record, passes === 'yes');
    return true;
  };
  const settle = () =>
    later.release(extractor, (record) => {
      if (!judge(record)) unjudged(record, 'its schema could not be had');
    });
  try {
    const outcomes = await reader.read(
      topic,
      { isolation, bounds, pressure: () => (extractor.waiting ? settle() : undefined) },
      (record) => {
        if (record.committed) side.records++;
        else side.uncommitted++;
        if (!judge(record)) later.keep(record);
      },
    );
    await settle();
    side.partitions = outcomes.map(({ error: _, ...rest }) => rest);
    for (const { error } of outcomes) if (error) side.reasons.push(error.message);
  } catch (error) {
    if (reader.aborted || !isAboutBrokers(error)) throw error;
    side.reasons.push(messageOf(error));
  }
  side.reasons.push(...withoutIdentity(side));
  return side;
}

/** Why the topic, read from its beginning, is not whole: what is gone may have been at the other side. */
export function begunLater({ topic }: Pick<TopicSide, 'topic'>, bounds: readonly PartitionOffsets[]): string[] {
  const begun = bounds.find(({ earliest }) => earliest > 0);
  if (!begun) return [];
  return [`topic ${topic} begins at offset ${begun.earliest} of partition ${begun.partition}: what was before is gone`];
}

export function withoutIdentity({ topic, unjudged, examples }: SideRead): string[] {
  return unjudged === 0 ? [] : [`${unjudged} records of topic ${topic} have no identity: ${examples[0]?.reason}`];
}

/** The log is half read then, which is a result; anything else is not. */
const isAboutBrokers = (error: unknown): boolean =>
  (error as { code?: string }).code === 'KAFKA_WIRE' || (error as { code?: string }).code === 'KAFKA_LOG_CHANGED';
