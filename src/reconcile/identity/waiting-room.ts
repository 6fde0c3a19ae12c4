import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { Extractor } from './extractor.js';

/** Copies of records whose schema is on its way, up to a number of bytes. */
export class WaitingRoom {
  readonly #limit: number;
  #bytes = 0;
  #records: RecordView[] = [];

  /** @param limit bytes; 64 MiB unless told, which a registry that answers never comes near */
  constructor(limit = 64 * 1024 * 1024) {
    this.#limit = limit;
  }

  /** Copies the record. @returns false when it is full: the record is not kept and has to count as unreadable. */
  keep(record: RecordView): boolean {
    const copy = record.copy();
    if (this.#bytes + copy.buffer.length > this.#limit) return false;
    this.#bytes += copy.buffer.length;
    this.#records.push(copy);
    return true;
  }

  /**
   * Waits for the schemas and hands the records back in their order, none of which then is `later` again.
   * @throws FlinchError SCHEMA_REGISTRY when the registry is away, the signal's reason; the records are kept then.
   */
  async release(extractor: Extractor, onRecord: (record: RecordView) => void, signal?: AbortSignal): Promise<void> {
    // Another reader of the same topic may have named a schema meanwhile.
    while (extractor.waiting) await extractor.settle(signal);
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    for (const record of records) onRecord(record);
  }
}
