import type { Api } from './api.js';

export interface ListTransactionsRequest {
  /** Names of transaction states; every state when empty. */
  states?: readonly string[];
  /** Every producer when empty. */
  producerIds?: readonly number[];
  /** Only transactions that run for longer, in milliseconds. Brokers before 3.8 cannot filter by it and list more. */
  longerThanMs?: number;
}

export interface ListedTransaction {
  transactionalId: string;
  producerId: number;
  state: string;
}

/**
 * Kafka 3.0: the transactional ids whose coordinator this broker is, whatever their state. Ids that the caller may not
 * describe are left out without a word.
 */
export const listTransactions: Api<
  ListTransactionsRequest,
  { error: number; unknownStates: string[]; transactions: ListedTransaction[] }
> = {
  name: 'ListTransactions',
  key: 66,
  min: 0,
  max: 1,
  flexibleFrom: 0,
  encode: (writer, version, { states = [], producerIds = [], longerThanMs = -1 }) => {
    writer.compactArray(states, (w, state) => w.compactString(state));
    writer.compactArray(producerIds, (w, id) => w.int64(id));
    if (version >= 1) writer.int64(longerThanMs);
    writer.tags();
  },
  decode: (reader) => {
    reader.int32(); // throttle time
    const error = reader.int16();
    const unknownStates = reader.compactArray((r) => r.compactString() ?? '');
    const transactions = reader.compactArray((r): ListedTransaction => {
      const listed = {
        transactionalId: r.compactString() ?? '',
        producerId: r.int64(),
        state: r.compactString() ?? '',
      };
      r.tags();
      return listed;
    });
    reader.tags();
    return { error, unknownStates, transactions };
  },
};
