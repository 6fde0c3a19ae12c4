import { readFileSync } from 'node:fs';
import { FlinchError, messageOf } from '../core/error.js';
import { type EventOf, JOURNAL_VERSION, type JournalEvent } from './events.js';

export interface Journal {
  /** In their order. Events of a type that this version does not know are kept; readers pass over them. */
  events: JournalEvent[];
  /** True when the last line is cut: the runner died while it wrote. What is left of that line is dropped. */
  truncated: boolean;
}

const unreadable = (what: string, on: string, cause?: unknown): FlinchError =>
  new FlinchError('RUN_UNREADABLE', { what, on, ...(cause === undefined ? {} : { cause }) });

function isStamped(value: unknown): value is JournalEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { type, seq, mono, wall } = value as Record<string, unknown>;
  return typeof type === 'string' && [seq, mono, wall].every((n) => typeof n === 'number');
}

/** A journal's text as events. `name` is what errors call it. @throws FlinchError RUN_UNREADABLE */
export function parseJournal(text: string, name: string): Journal {
  const lines = text.split('\n');
  // Every whole line ends in a newline, so what follows the last one is empty or cut.
  const truncated = lines.pop() !== '';
  const events = lines.map((line, index) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw unreadable(`line ${index + 1} is not JSON`, name, cause);
    }
    if (!isStamped(value)) throw unreadable(`line ${index + 1} is not a journal event`, name);
    if (value.seq !== index) {
      throw unreadable(`line ${index + 1} has sequence ${value.seq}, not ${index}: lines were lost or added`, name);
    }
    return value;
  });
  const first = events[0];
  if (first === undefined) throw unreadable('the journal has no whole line', name);
  if (first.type !== 'run.started') throw unreadable('line 1 is not the start of a run', name);
  checkVersion(first, name);
  return { events, truncated };
}

function checkVersion(first: EventOf<'run.started'>, name: string): void {
  if (Number.isInteger(first.journal) && first.journal >= 1 && first.journal <= JOURNAL_VERSION) return;
  throw new FlinchError('RUN_UNREADABLE', {
    what: `the journal has format ${first.journal}, this Flinch reads up to ${JOURNAL_VERSION}`,
    on: name,
    todo: 'use the Flinch that wrote it, or a newer one',
  });
}

/** Reads a journal from its file. @throws FlinchError RUN_UNREADABLE */
export function readJournal(file: string): Journal {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FlinchError('RUN_UNREADABLE', {
      what: `the journal cannot be read: ${messageOf(cause)}`,
      on: file,
      todo: 'give the folder of a run, as in reports/<run>',
      cause,
    });
  }
  return parseJournal(text, file);
}
