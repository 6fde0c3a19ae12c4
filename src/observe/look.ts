import { httpFailure } from '../client/http.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/error.js';
import type { Sample } from '../core/poll.js';
import type { EventBody, Look } from '../journal/events.js';

/** Takes what was observed, e.g. into the journal. */
export type Emit = (event: EventBody) => void;

/** `start` and `end` of every event are this clock's monotonic milliseconds; the observer runs until the abort. */
export interface ObserverOptions {
  clock: Clock;
  signal: AbortSignal;
}

const LONGEST_ERROR = 300;

/** The times of a sample, and its error in one line. */
export function lookOf({ start, end, error }: Sample<unknown>): Look {
  return { start, end, ...(error !== undefined && { error: messageOf(error).slice(0, LONGEST_ERROR) }) };
}

/** The HTTP status behind a failed look: 503 (no leader known) and 500 (asking a dead one) are different states. */
export function statusOf({ error }: Sample<unknown>): { status?: number } {
  const status = httpFailure(error)?.status;
  return status === undefined ? {} : { status };
}
