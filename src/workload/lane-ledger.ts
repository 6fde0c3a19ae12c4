import type { SendOutcome } from '../client/kafka/write/partition-producer.js';
import type { Range } from '../core/ranges.js';
import { appendRange } from './ranges.js';

/** What became of one lane's records. Ranges are ascending and do not touch. */
export interface ProducedLane {
  lane: number;
  /** Highest sequence ever handed to the client; sequences start at 1. */
  attempted: number;
  acknowledged: Range[];
  failed: Range[];
  /** Neither acknowledged nor proven not written. What is in flight counts here too. */
  unknown: Range[];
}

/** Counts now. In-flight records are attempted and nothing else yet. */
export interface ProducedCounts {
  attempted: number;
  acknowledged: number;
  failed: number;
  unknown: number;
  /** By lane: how many were acknowledged, and the highest sequence that was; 0 when none was. */
  lanes: { lane: number; attempted: number; acknowledged: number; highest: number }[];
}

/** The ledger of one lane: a sequence is handed out once, and settled once. */
export class LaneLedger {
  readonly lane: number;
  #attempted = 0;
  #settled = 0;
  readonly #ranges = { acknowledged: [], failed: [], unknown: [] } as Record<SendOutcome['state'], Range[]>;
  readonly #counts = { acknowledged: 0, failed: 0, unknown: 0 };

  constructor(lane: number) {
    this.lane = lane;
  }

  next(): number {
    return ++this.#attempted;
  }

  /** Settles everything handed out and not settled before: one send at a time holds a lane. */
  settle(state: SendOutcome['state']): void {
    if (this.#attempted === this.#settled) return;
    appendRange(this.#ranges[state], this.#settled + 1, this.#attempted);
    this.#counts[state] += this.#attempted - this.#settled;
    this.#settled = this.#attempted;
  }

  counts() {
    const highest = this.#ranges.acknowledged.at(-1)?.[1] ?? 0;
    return { lane: this.lane, attempted: this.#attempted, ...this.#counts, highest };
  }

  produced(): ProducedLane {
    const copy = (ranges: Range[]) => ranges.map(([from, to]): Range => [from, to]);
    const unknown = copy(this.#ranges.unknown);
    if (this.#settled < this.#attempted) appendRange(unknown, this.#settled + 1, this.#attempted);
    const [acknowledged, failed] = [copy(this.#ranges.acknowledged), copy(this.#ranges.failed)];
    return { lane: this.lane, attempted: this.#attempted, acknowledged, failed, unknown };
  }
}

/** Sums over lanes. */
export function sumCounts(ledgers: readonly LaneLedger[]): ProducedCounts {
  const sum: ProducedCounts = { attempted: 0, acknowledged: 0, failed: 0, unknown: 0, lanes: [] };
  for (const ledger of ledgers) {
    const { lane, attempted, acknowledged, failed, unknown, highest } = ledger.counts();
    sum.attempted += attempted;
    sum.acknowledged += acknowledged;
    sum.failed += failed;
    sum.unknown += unknown;
    sum.lanes.push({ lane, attempted, acknowledged, highest });
  }
  return sum;
}
