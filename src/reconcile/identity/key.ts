import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { Part } from './extractor.js';
import type { Form, IdentityWriter } from './identity-writer.js';

/** The whole key, byte by byte. */
export class KeyPart implements Part {
  readonly #form: Form;
  constructor(form: Form) {
    this.#form = form;
  }

  write(record: RecordView, out: IdentityWriter) {
    if (record.keyStart < 0) return out.missing('it has no key');
    out.form = this.#form;
    return out.octets(record.buffer, record.keyStart, record.keyEnd);
  }
}
