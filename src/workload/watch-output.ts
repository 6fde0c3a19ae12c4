import type { LogReader } from '../client/kafka/log/log-reader.js';
import type { FlinchError } from '../core/error.js';
import type { JobKind } from '../core/scenario.js';
import { CountUpdate } from './record/count-update.js';
import { LaneRecord } from './record/lane-record.js';

/** One look at the committed output. Times are monotonic milliseconds. */
export interface OutputLook {
  start: number;
  end: number;
  /** Committed records that this look found. */
  records: number;
  error?: FlinchError;
  /** Nobody listened at any broker that had to be asked. */
  refused?: true;
}

export interface OutputWatch {
  /** Committed records found so far. */
  readonly total: number;
  /** Highest sequence that the committed output shows, by lane; 0 when it shows none. */
  highest(lane: number): number;
  /** Ends with the signal. */
  readonly ended: Promise<void>;
}

/** Follows the committed output of a job: a sign of life and of lag, not the count that decides. */
export function watchOutput(
  reader: LogReader,
  topic: string,
  job: JobKind,
  signal: AbortSignal,
  onLook: (look: OutputLook, watch: OutputWatch) => void,
): OutputWatch {
  const highest = new Map<number, number>();
  const [record, update] = [new LaneRecord(), new CountUpdate()];
  let total = 0;
  const note = (lane: number, sequence: number) => {
    if (sequence > (highest.get(lane) ?? 0)) highest.set(lane, sequence);
  };
  const ended = reader.tailCommitted(
    topic,
    {
      signal,
      onRecord: ({ buffer, valueStart, valueEnd }) => {
        if (valueStart < 0) return;
        if (job === 'count') {
          if (update.read(buffer, valueStart, valueEnd)) note(update.lane, update.max);
        } else if (record.read(buffer, valueStart, valueEnd) === 'intact') note(record.lane, record.sequence);
      },
    },
    (look) => {
      total += look.records;
      onLook(look, watch);
    },
  );
  const watch: OutputWatch = {
    get total() {
      return total;
    },
    highest: (lane) => highest.get(lane) ?? 0,
    ended,
  };
  return watch;
}
