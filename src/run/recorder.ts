import type { EventBody, JournalEvent } from '../journal/events.js';
import type { JournalWriter } from '../journal/writer.js';

/** The run's own memory of its journal, for the questions it asks while it runs. */
export interface Recorder {
  readonly events: readonly JournalEvent[];
  /** Aborted with the write error when the journal cannot be written any more: unrecorded runs have no verdict. */
  readonly broken: AbortSignal;
  /** Never throws. */
  emit(event: EventBody): void;
  /** As `emit`, and on disk (fsync) when it returns. */
  emitDurably(event: EventBody): void;
}

export function createRecorder(journal: JournalWriter): Recorder {
  const events: JournalEvent[] = [];
  const broken = new AbortController();
  const write = (event: EventBody, durable: boolean) => {
    if (broken.signal.aborted) return;
    try {
      events.push(journal.write(event, { durable }));
    } catch (error) {
      broken.abort(error);
    }
  };
  return {
    events,
    broken: broken.signal,
    emit: (event) => write(event, false),
    emitDurably: (event) => write(event, true),
  };
}
