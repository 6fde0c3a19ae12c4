import type { EventOf } from '../../journal/events.js';
import type { LogEntry } from './log-entries.js';

type Reset = Omit<EventOf<'offset.reset'>, 'type' | 'node' | 'seq' | 'mono' | 'wall'>;

/** What Kafka's consumer says of a position that its partition does not hold, and of where it goes on. */
export const OFFSET_RESET = / is out of range for partition | Resetting offset for partition /;

const OUT_OF_RANGE =
  / Fetch position FetchPosition\{offset=(\d+),.*\} is out of range for partition (\S+)-(\d+), resetting/;
const RESET = / Resetting offset for partition (\S+)-(\d+) to position FetchPosition\{offset=(\d+),/;

/** The resets that a log tells of. A consumer that begins is reset as well: only one that was out of range counts. */
export class OffsetResets {
  readonly #open = new Map<string, Reset>();
  readonly found: Reset[] = [];

  add({ at, text }: LogEntry): void {
    const [out, from, topic, partition] = OUT_OF_RANGE.exec(text) ?? [];
    if (out !== undefined) {
      const reset = { at, topic: String(topic), partition: Number(partition), from: Number(from) };
      this.found.push(reset);
      this.#open.set(`${topic}-${partition}`, reset);
      return;
    }
    const [, name, number, to] = RESET.exec(text) ?? [];
    const key = `${name}-${number}`;
    const open = this.#open.get(key);
    if (!open) return;
    open.to = Number(to);
    this.#open.delete(key);
  }
}
