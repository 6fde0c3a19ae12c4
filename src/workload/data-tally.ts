import type { RecordView } from '../client/kafka/records/record-batch.js';
import type { Range } from '../core/ranges.js';
import { HIGHEST_SEQUENCE, SequenceCounts } from './sequence-counts.js';

/** Where a record lies. `time` is milliseconds since the epoch. -1 for lane and sequence of an unreadable record. */
export interface Place {
  lane: number;
  sequence: number;
  partition: number;
  offset: number;
  time: number;
}

export interface SeenLane {
  lane: number;
  seen: Range[];
  /** [from, to, times each]. */
  repeated: [from: number, to: number, times: number][];
}

/** Places kept of each kind. */
export const EXAMPLES = 20;
/** Lanes beyond this are not lanes of ours. */
export const HIGHEST_LANE = 65_535;

/** Counts the records of one view of a topic by lane and sequence. */
export class DataTally {
  records = 0;
  unreadable = 0;
  readonly #lanes: (SequenceCounts | undefined)[] = [];
  readonly #attempted: ReadonlyMap<number, number> | undefined;
  readonly #examples = { repeated: [] as Place[], unreadable: [] as Place[], unexpected: [] as Place[] };

  /** @param attempted highest sequence ever produced by lane; records beyond it become examples too. */
  constructor(attempted?: ReadonlyMap<number, number>) {
    this.#attempted = attempted;
  }

  add(lane: number, sequence: number, record: RecordView): void {
    if (lane > HIGHEST_LANE || sequence > HIGHEST_SEQUENCE) {
      this.addUnreadable(record);
      return;
    }
    this.records++;
    let counts = this.#lanes[lane];
    if (!counts) {
      counts = new SequenceCounts();
      this.#lanes[lane] = counts;
    }
    if (counts.add(sequence) > 1) keep(this.#examples.repeated, lane, sequence, record);
    if (this.#attempted && (sequence < 1 || sequence > (this.#attempted.get(lane) ?? 0))) {
      keep(this.#examples.unexpected, lane, sequence, record);
    }
  }

  addUnreadable(record: RecordView): void {
    this.records++;
    this.unreadable++;
    keep(this.#examples.unreadable, -1, -1, record);
  }

  lanes(): SeenLane[] {
    const lanes: SeenLane[] = [];
    this.#lanes.forEach((counts, lane) => {
      if (counts) lanes.push({ lane, ...counts.ranges() });
    });
    return lanes;
  }

  /** The first places of repeated, then of unreadable, then of unexpected records. */
  examples(): Place[] {
    const { repeated, unreadable, unexpected } = this.#examples;
    return [...repeated, ...unreadable, ...unexpected];
  }
}

function keep(list: Place[], lane: number, sequence: number, { partition, offset, timestamp }: RecordView): void {
  if (list.length < EXAMPLES) list.push({ lane, sequence, partition, offset, time: timestamp });
}
