import type { RecordView } from '../../client/kafka/records/record-batch.js';
import { DataTally, type SeenLane, seenLanes } from './data-tally.js';

/** What one producer wrote in transactions that were not committed. */
export interface Held {
  producerId: number;
  producerEpoch: number;
  /** `open`: above the last stable offset, so not decided when it was read. */
  state: 'aborted' | 'open';
  partitions: number[];
  /** Timestamps of its first and last record, milliseconds since the epoch. */
  firstTime: number;
  lastTime: number;
  lanes: SeenLane[];
}

interface Entry extends Omit<Held, 'partitions' | 'lanes'> {
  partitions: Set<number>;
  tally: DataTally;
}

/** Counts records that are not committed, by who wrote them. Memory goes with producers, lanes and disorder. */
export class HeldTally {
  readonly #attempted: ReadonlyMap<number, number> | undefined;
  readonly #entries = new Map<string, Entry>();
  /** Records of one producer come in batches. */
  #last: Entry | undefined;

  /** @param attempted highest sequence ever produced by lane */
  constructor(attempted?: ReadonlyMap<number, number>) {
    this.#attempted = attempted;
  }

  /** @param open whether the record lies above the last stable offset */
  tallyOf(record: RecordView, open: boolean): DataTally {
    const { producerId, producerEpoch, partition, timestamp } = record;
    const state = open ? 'open' : 'aborted';
    let entry = this.#last;
    if (entry?.producerId !== producerId || entry.producerEpoch !== producerEpoch || entry.state !== state) {
      const key = `${producerId} ${producerEpoch} ${state}`;
      entry = this.#entries.get(key) ?? {
        producerId,
        producerEpoch,
        state,
        partitions: new Set(),
        firstTime: timestamp,
        lastTime: timestamp,
        tally: new DataTally(this.#attempted),
      };
      this.#entries.set(key, entry);
      this.#last = entry;
    }
    entry.partitions.add(partition);
    entry.firstTime = Math.min(entry.firstTime, timestamp);
    entry.lastTime = Math.max(entry.lastTime, timestamp);
    return entry.tally;
  }

  get tallies(): DataTally[] {
    return [...this.#entries.values()].map(({ tally }) => tally);
  }

  held(): Held[] {
    return [...this.#entries.values()].map(({ partitions, tally, ...entry }) => ({
      ...entry,
      partitions: [...partitions].sort((a, b) => a - b),
      lanes: seenLanes([tally]),
    }));
  }
}
