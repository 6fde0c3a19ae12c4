/** One entry of a node's log. */
export interface LogEntry {
  /** Wall milliseconds of the node's clock. */
  at: number;
  level: string;
  /** The rest of its first line. */
  text: string;
  /** The line after it, where that is no entry of its own: an exception. */
  next?: string;
}

const STAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[,.](\d{3})/;
const LEVEL = /^\s+\[?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b/;

/** When a line was logged, in wall milliseconds; undefined for a line that begins otherwise. */
export function stampOf(line: string): number | undefined {
  const stamp = STAMP.exec(line);
  // The JVMs run in the time zone of this process, and so does a date without a zone.
  return stamp ? Date.parse(`${stamp[1]}T${stamp[2]}.${stamp[3]}`) : undefined;
}

const STAMP_LENGTH = '2026-01-01 00:00:00,000'.length;

/** Takes a log line by line and hands over its entries; `wanted` is asked first, so that the rest costs little. */
export class LogEntries {
  readonly #wanted: (line: string) => boolean;
  readonly #onEntry: (entry: LogEntry) => void;
  #open: LogEntry | undefined;

  constructor(wanted: (line: string) => boolean, onEntry: (entry: LogEntry) => void) {
    this.#wanted = wanted;
    this.#onEntry = onEntry;
  }

  line(line: string): void {
    const at = this.#open || this.#wanted(line) ? stampOf(line) : undefined;
    if (this.#open) {
      if (at === undefined) this.#open.next = line;
      this.end();
    }
    if (at === undefined || !this.#wanted(line)) return;
    const text = line.slice(STAMP_LENGTH);
    this.#open = { at, level: LEVEL.exec(text)?.[1] ?? '', text };
  }

  /** The log ends here. */
  end(): void {
    if (this.#open) this.#onEntry(this.#open);
    this.#open = undefined;
  }
}
