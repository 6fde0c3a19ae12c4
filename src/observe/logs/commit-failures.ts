import type { CommitFailure, EventOf } from '../../journal/events.js';
import type { LogEntry } from './log-entries.js';

type Failed = Omit<EventOf<'commit.failed'>, 'type' | 'node' | 'omitted' | 'seq' | 'mono' | 'wall'>;

/** What the committer of Flink's Kafka sink says when it gives a transaction up (connector 3.4 and 5.0). */
export const COMMIT_FAILURE = /\bUnable to commit transaction \(|encountered error and data has been potentially lost/;

const REASONS: [RegExp, CommitFailure][] = [
  [/because its producer is already fenced/, 'fenced'],
  [/because it's in an invalid state/, 'invalid-state'],
  [/because of a bug in the Kafka broker/, 'unknown-producer'],
];
const COMMITTABLE = /KafkaCommittable\{producerId=(-?\d+), epoch=(-?\d+), transactionalId=([^}]*)\}/;
const LONGEST_CAUSE = 300;

/** A log entry as the commit that it tells of; undefined when it tells of something else. */
export function commitFailureOf({ at, text, next }: LogEntry): Failed | undefined {
  if (!COMMIT_FAILURE.test(text)) return undefined;
  const known = REASONS.find(([pattern]) => pattern.test(text))?.[1];
  const [, producerId, epoch, transactionalId] = COMMITTABLE.exec(text) ?? [];
  return {
    at,
    reason: known ?? 'other',
    // With a reason that it knows, the committer drops the transaction and goes on.
    silent: /\bUnable to commit transaction \(/.test(text),
    ...(/it is expected in some cases/.test(text) && { maybeHarmless: true as const }),
    ...(transactionalId !== undefined && {
      transactionalId,
      producerId: Number(producerId),
      producerEpoch: Number(epoch),
    }),
    ...(next !== undefined && /\w(Exception|Error)\b/.test(next) && { cause: next.trim().slice(0, LONGEST_CAUSE) }),
  };
}
