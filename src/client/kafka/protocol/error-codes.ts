import { FlinchError } from '../../../core/error.js';

/** Kafka's error codes that a log reader can meet, by Kafka's own names. */
const NAMES: Record<number, string> = {
  [-1]: 'UNKNOWN_SERVER_ERROR',
  1: 'OFFSET_OUT_OF_RANGE',
  2: 'CORRUPT_MESSAGE',
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  8: 'BROKER_NOT_AVAILABLE',
  9: 'REPLICA_NOT_AVAILABLE',
  13: 'NETWORK_EXCEPTION',
  14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR',
  17: 'INVALID_TOPIC_EXCEPTION',
  24: 'INVALID_GROUP_ID',
  29: 'TOPIC_AUTHORIZATION_FAILED',
  30: 'GROUP_AUTHORIZATION_FAILED',
  31: 'CLUSTER_AUTHORIZATION_FAILED',
  35: 'UNSUPPORTED_VERSION',
  43: 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  53: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  54: 'SECURITY_DISABLED',
  56: 'KAFKA_STORAGE_ERROR',
  74: 'FENCED_LEADER_EPOCH',
  75: 'UNKNOWN_LEADER_EPOCH',
  76: 'UNSUPPORTED_COMPRESSION_TYPE',
  78: 'OFFSET_NOT_AVAILABLE',
  105: 'TRANSACTIONAL_ID_NOT_FOUND',
};

/** Errors that pass when the metadata is fresh again or the broker is back. */
const PASSING = new Set([-1, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 56, 74, 75, 78]);

export const OFFSET_OUT_OF_RANGE = 1;
export const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
export const SECURITY_DISABLED = 54;
export const TRANSACTIONAL_ID_NOT_FOUND = 105;
export const errorName = (code: number): string => NAMES[code] ?? `error code ${code}`;
export const isPassing = (code: number): boolean => PASSING.has(code);

/** Whether nobody listened where the broker should be: it is away, and not merely slow to answer. */
export function isRefused(error: unknown): boolean {
  for (let it = error; it instanceof Error; it = it.cause) {
    if ((it as NodeJS.ErrnoException).code === 'ECONNREFUSED') return true;
  }
  return false;
}

/** Of several failures the one to tell: that a broker is away only where all of them say so, else the last other one. */
export const tellingOf = (errors: readonly unknown[]): unknown =>
  errors.findLast((error) => !isRefused(error)) ?? errors.at(-1);

/** A KAFKA_WIRE error; `on` names the broker or the partition. */
export function wireError(what: string, on: string, todo?: string, cause?: unknown): FlinchError {
  return new FlinchError('KAFKA_WIRE', { what, on, todo: todo ?? 'see the broker log', cause });
}
