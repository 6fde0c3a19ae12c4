import type { AbortedTransaction } from '../apis/fetch.js';

/** What the filter needs to know of a batch; `marker` is set for control batches only. */
export interface FilteredBatch {
  lastOffset: number;
  producerId: number;
  transactional: boolean;
  marker?: 'abort' | 'commit' | undefined;
}

/**
 * Which batches of one fetch answer belong to aborted transactions: the rule of the Java client. The broker lists
 * transactions in the order in which they ended, so the list is sorted by first offset here. A producer is aborted
 * from the first offset of its transaction to its ABORT marker; COMMIT markers change nothing.
 * State never outlives an answer: the next one lists again every transaction that reaches into it.
 */
export class AbortedFilter {
  readonly #queue: AbortedTransaction[];
  #next = 0;
  readonly #aborted = new Set<number>();

  constructor(listed: readonly AbortedTransaction[]) {
    this.#queue = [...listed].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Must see every batch of the answer, in order. True when the batch's records are aborted ones. */
  drops(batch: FilteredBatch): boolean {
    if (batch.producerId < 0) return false;
    for (let head = this.#queue[this.#next]; head && head.firstOffset <= batch.lastOffset; ) {
      this.#aborted.add(head.producerId);
      head = this.#queue[++this.#next];
    }
    if (batch.marker === 'abort') this.#aborted.delete(batch.producerId);
    return batch.transactional && batch.marker === undefined && this.#aborted.has(batch.producerId);
  }
}
