import type { RecordView } from '../../client/kafka/records/record-batch.js';
import { CountUpdate } from '../record/count-update.js';
import { EXAMPLES } from './data-tally.js';
import type { LaneOrders } from './lane-order.js';

export interface StateExample {
  /** -1 when the update names none. */
  lane: number;
  count: number;
  max: number;
  partition: number;
  offset: number;
  time: number;
  problem: string;
}

/**
 * Checks the `count` job's output update by update: after `count` records of a lane, `max` must be the highest of the
 * first `count` in the input. Without the input's order a gapless lane is assumed, where both are equal.
 */
export class StateTally {
  updates = 0;
  wrong = 0;
  readonly examples: StateExample[] = [];
  /** Why some updates could not be judged. */
  unjudged: string | undefined;
  readonly #order: LaneOrders | undefined;
  readonly #last = new Map<number, { count: number; max: number }>();
  readonly #update = new CountUpdate();

  constructor(order?: LaneOrders) {
    this.#order = order;
  }

  add(record: RecordView): void {
    this.updates++;
    const { buffer, valueStart, valueEnd } = record;
    if (valueStart < 0) {
      this.#problem(record, -1, 0, 0, 'a deletion: the job never deletes');
      return;
    }
    if (!this.#update.read(buffer, valueStart, valueEnd)) {
      this.#problem(record, -1, 0, 0, 'not an update of lane, cnt and mx');
      return;
    }
    const { lane, count, max } = this.#update;
    const last = this.#last.get(lane);
    this.#last.set(lane, { count, max });
    if (this.#order?.has(lane) && !this.#order.get(lane)) {
      this.unjudged ??= `the input of lane ${lane} is in too many pieces to check its counts`;
      return;
    }
    const expected = this.#order ? this.#order.get(lane)?.highestOfFirst(count) : count;
    if (last && max < last.max) {
      this.#problem(record, lane, count, max, `went backwards: the update before had max ${last.max}`);
    } else if (expected === undefined) {
      this.#problem(record, lane, count, max, 'counts more records than the input has');
    } else if (max !== expected) {
      this.#problem(record, lane, count, max, `the max of ${count} records should be ${expected}`);
    }
  }

  /** The last update of each lane. */
  lanes(): { lane: number; count: number; max: number }[] {
    return [...this.#last].map(([lane, update]) => ({ lane, ...update })).sort((a, b) => a.lane - b.lane);
  }

  #problem(record: RecordView, lane: number, count: number, max: number, problem: string): void {
    this.wrong++;
    if (this.examples.length >= EXAMPLES) return;
    const { partition, offset, timestamp: time } = record;
    this.examples.push({ lane, count, max, partition, offset, time, problem });
  }
}
