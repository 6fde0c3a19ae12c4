import { isUtf8 } from 'node:buffer';
import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { Part } from './extractor.js';
import { type Form, type IdentityWriter, NOT_UTF8 } from './identity-writer.js';
import { PointerScan } from './json-pointer.js';
import { ESCAPED, NOT_ASCII } from './json-scan.js';

/** Where a record is looked into. */
export type Of = 'key' | 'value';

/** What a JSON pointer points at, in the value or the key. */
export class JsonPart implements Part {
  readonly #scan: PointerScan;
  readonly #ofKey: boolean;
  readonly #form: Form;
  readonly #none: string;
  readonly #absent: string;
  readonly #damaged: string;

  constructor(pointer: string, steps: readonly string[], of: Of, form: Form) {
    this.#scan = new PointerScan(steps);
    this.#ofKey = of === 'key';
    this.#form = form;
    this.#none = `it has no ${of}`;
    this.#absent = `its ${of} has nothing at ${pointer || 'the root'}`;
    this.#damaged = `its ${of} is not JSON`;
  }

  write(record: RecordView, out: IdentityWriter) {
    const start = this.#ofKey ? record.keyStart : record.valueStart;
    if (start < 0) return out.missing(this.#none);
    const { buffer } = record;
    const scan = this.#scan;
    if (!scan.scan(buffer, start, this.#ofKey ? record.keyEnd : record.valueEnd)) return out.unreadable(this.#damaged);
    if (scan.start < 0) return out.missing(this.#absent);
    out.form = this.#form;
    switch (buffer[scan.start]) {
      case 0x22:
        return writeText(buffer, scan, out);
      case 0x74:
        return out.boolean(true);
      case 0x66:
        return out.boolean(false);
      case 0x6e:
        return out.missing('its identity is null');
      case 0x7b:
      case 0x5b:
        return out.unreadable('its identity is an object or a list');
      default:
        return out.number(buffer, scan.start, scan.end);
    }
  }
}

function writeText(buffer: Buffer, { start, end, traits }: PointerScan, out: IdentityWriter) {
  if ((traits & NOT_ASCII) !== 0 && !isUtf8(buffer.subarray(start, end))) return out.unreadable(NOT_UTF8);
  if ((traits & ESCAPED) !== 0) return out.string(JSON.parse(buffer.toString('utf8', start, end)) as string);
  return out.quoted(buffer, start, end - 1);
}
