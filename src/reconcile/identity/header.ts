import { HeaderCursor } from '../../client/kafka/records/headers.js';
import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { Part } from './extractor.js';
import type { Form, IdentityWriter } from './identity-writer.js';

/** The bytes of a header; of several with one name the last, as Kafka's `lastHeader` takes it. */
export class HeaderPart implements Part {
  readonly #name: Buffer;
  readonly #form: Form;
  readonly #absent: string;
  readonly #null: string;
  readonly #cursor = new HeaderCursor();

  constructor(name: string, form: Form) {
    this.#name = Buffer.from(name);
    this.#form = form;
    this.#absent = `it has no header ${name}`;
    this.#null = `its header ${name} is null`;
  }

  write(record: RecordView, out: IdentityWriter) {
    const { buffer } = record;
    const cursor = this.#cursor.begin(buffer, record.headersStart, record.headersEnd);
    let start = -2;
    let end = -2;
    while (cursor.next()) {
      if (!same(buffer, cursor.keyStart, cursor.keyEnd, this.#name)) continue;
      start = cursor.valueStart;
      end = cursor.valueEnd;
    }
    if (cursor.damaged) return out.unreadable('its headers are damaged');
    if (start === -2) return out.missing(this.#absent);
    if (start < 0) return out.missing(this.#null);
    out.form = this.#form;
    return out.octets(buffer, start, end);
  }
}

function same(buffer: Buffer, start: number, end: number, name: Buffer): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (buffer[start + i] !== name[i]) return false;
  return true;
}
