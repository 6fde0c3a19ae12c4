import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { NoIdentity, Part } from './extractor.js';
import { type IdentityWriter, TAG } from './identity-writer.js';

/** Bytes before each part that tell its length, so that ("a", "bc") and ("ab", "c") differ. */
const LENGTH = 4;

/** Several identities that only together are one. */
export class CompoundPart implements Part {
  readonly #parts: readonly Part[];
  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  write(record: RecordView, out: IdentityWriter): 'found' | NoIdentity {
    out.begin(false);
    out.room(1);
    out.bytes[out.end++] = TAG.compound;
    for (const part of this.#parts) {
      out.room(LENGTH);
      out.end += LENGTH;
      const start = out.end;
      const written = part.write(record, out);
      if (written !== 'found') return written;
      out.bytes.writeUInt32BE(out.end - start, start - LENGTH);
    }
    return 'found';
  }

  get waiting(): boolean {
    return this.#parts.some(({ waiting }) => waiting);
  }
  async settle(signal?: AbortSignal): Promise<void> {
    for (const part of this.#parts) await part.settle?.(signal);
  }
}
