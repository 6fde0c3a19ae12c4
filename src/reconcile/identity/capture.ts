import { isAscii } from 'node:buffer';
import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { Part } from './extractor.js';
import type { Form, IdentityWriter } from './identity-writer.js';
import type { Of } from './json.js';

/** The name of the group that holds the identity. */
export const GROUP = 'id';

/** What the group `id` of a regular expression holds at its first match in the value or the key, taken as UTF-8. */
export class CapturePart implements Part {
  readonly #pattern: RegExp;
  readonly #ofKey: boolean;
  readonly #form: Form;
  readonly #none: string;
  readonly #absent: string;

  constructor(pattern: RegExp, of: Of, form: Form) {
    this.#pattern = pattern;
    this.#ofKey = of === 'key';
    this.#form = form;
    this.#none = `it has no ${of}`;
    this.#absent = `its ${of} does not match ${pattern.source}`;
  }

  write(record: RecordView, out: IdentityWriter) {
    const start = this.#ofKey ? record.keyStart : record.valueStart;
    if (start < 0) return out.missing(this.#none);
    const bytes = record.buffer.subarray(start, this.#ofKey ? record.keyEnd : record.valueEnd);
    // Most text is ASCII, which is spelt the same in both and twice as fast to read as Latin-1.
    const ascii = isAscii(bytes);
    const text = ascii ? bytes.toString('latin1') : bytes.toString('utf8');
    const found = this.#pattern.exec(text)?.groups?.[GROUP];
    if (found === undefined) return out.missing(this.#absent);
    // What is not UTF-8 reads as this character: different bytes must not become one identity.
    if (!ascii && found.includes('\ufffd')) return out.unreadable('the text of its identity is not UTF-8');
    out.form = this.#form;
    return out.string(found);
  }
}

/** The expression of a capture. @returns what is wrong with it, as the end of a sentence, when it is none. */
export function capturePattern(source: string): RegExp | string {
  let pattern: RegExp;
  let groups: Record<string, string> | undefined;
  try {
    // By code points: a match must not take half a character.
    pattern = new RegExp(source, 'u');
    groups = new RegExp(`${source}|`, 'u').exec('')?.groups;
  } catch (error) {
    return `is not a regular expression (${(error as Error).message.replace(/^.*\/u?: /, '')})`;
  }
  return groups && GROUP in groups ? pattern : `has no group named ${GROUP}`;
}
