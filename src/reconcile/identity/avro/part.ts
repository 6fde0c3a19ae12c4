import type { RecordView } from '../../../client/kafka/records/record-batch.js';
import type { NoIdentity, Part } from '../extractor.js';
import type { Form, IdentityWriter } from '../identity-writer.js';
import type { Of } from '../json.js';
import type { AvroReader } from './reader.js';

/** Confluent's framing: a zero, the schema's id (four bytes), then Avro binary. */
const FRAME = 5;

/** Where readers come from. */
export interface Readers {
  /** The reader for a schema's id, why there is none, or `later` while the schema is on its way. */
  reader(id: number): AvroReader | { readonly why: string } | 'later';
  /** Told of each id that was read well. */
  confirm?(id: number): void;
  readonly waiting: boolean;
  settle(signal?: AbortSignal): Promise<void>;
}

/** A field of an Avro value; `framed` values name their schema, others have the one reader. */
export class AvroPart implements Part {
  readonly #source: Readers | AvroReader;
  readonly #ofKey: boolean;
  readonly #form: Form;
  readonly #none: string;
  readonly #unframed: string;

  constructor(source: Readers | AvroReader, of: Of, form: Form) {
    this.#source = source;
    this.#ofKey = of === 'key';
    this.#form = form;
    this.#none = `it has no ${of}`;
    this.#unframed = `its ${of} does not begin with a zero and a schema id`;
  }

  write(record: RecordView, out: IdentityWriter): 'found' | NoIdentity {
    const { buffer } = record;
    const start = this.#ofKey ? record.keyStart : record.valueStart;
    const end = this.#ofKey ? record.keyEnd : record.valueEnd;
    if (start < 0) return out.missing(this.#none);
    out.form = this.#form;
    if (typeof this.#source === 'function') return this.#source(buffer, start, end, out);
    if (end - start < FRAME || buffer[start] !== 0) return out.unreadable(this.#unframed);
    const id = buffer.readInt32BE(start + 1);
    const reader = this.#source.reader(id);
    if (reader === 'later') {
      out.reason = 'its schema is on its way';
      return 'later';
    }
    if (typeof reader !== 'function') return out.unreadable(reader.why);
    const written = reader(buffer, start + FRAME, end, out);
    if (written !== 'unreadable') this.#source.confirm?.(id);
    return written;
  }

  get waiting(): boolean {
    return typeof this.#source !== 'function' && this.#source.waiting;
  }
  async settle(signal?: AbortSignal): Promise<void> {
    if (typeof this.#source !== 'function') await this.#source.settle(signal);
  }
}
