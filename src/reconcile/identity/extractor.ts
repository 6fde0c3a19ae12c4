import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { IdentityWriter } from './identity-writer.js';

/** Where the identity of a record stands: [start, end) of `bytes`. Overwritten by the next record: copy what is kept. */
export interface Identity {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Why a record has no identity. `missing`: it can be read, and has none. `unreadable`: whether it has one cannot be
 * told. `later`: the schema that it names is on its way; hand it over again after `settle`.
 */
export type NoIdentity = 'missing' | 'unreadable' | 'later';

/** Finds the identity of one record after another. Not to be shared by two readers at work at the same time. */
export interface Extractor {
  /** Never throws for what a record holds. Two records are the same one exactly when these bytes are. */
  extract(record: RecordView): Identity | NoIdentity;
  /** Why the last record had none; ends a sentence that names the record. */
  readonly reason: string;
  /** Whether a schema is on its way. */
  readonly waiting: boolean;
  /**
   * Waits for the schemas that are on their way.
   * @throws FlinchError SCHEMA_REGISTRY when the registry is away; the signal's reason.
   */
  settle(signal?: AbortSignal): Promise<void>;
}

/** What one kind of identity does: appends it to `out`. */
export interface Part {
  write(record: RecordView, out: IdentityWriter): 'found' | NoIdentity;
  readonly waiting?: boolean;
  settle?(signal?: AbortSignal): Promise<void>;
}
