import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { Range } from '../../core/ranges.js';
import { LaneRuns } from './lane-runs.js';
import { HIGHEST_SEQUENCE } from './sequence-counts.js';
import { type Times, timesOf } from './times.js';

/** Where a record lies. `time` is milliseconds since the epoch. -1 for lane and sequence of an unreadable record. */
export interface Place {
  lane: number;
  sequence: number;
  partition: number;
  offset: number;
  time: number;
  /** It cannot have been written so: lane and sequence are what it claims. */
  altered?: true;
}

export interface SeenLane {
  lane: number;
  seen: Range[];
  /** [from, to, times each]. */
  repeated: Times[];
}

/** Places kept of each kind. */
export const EXAMPLES = 20;
/** Places kept of records that may turn out to be repeats. */
const CANDIDATES = 1000;
/** Lanes beyond this are not lanes of ours. */
export const HIGHEST_LANE = 65_535;

interface Lane {
  runs: LaneRuns;
  /** Sequences that nobody wrote: apart, as they say nothing of the order of the others. */
  strange: LaneRuns | undefined;
  /** Highest sequence ever produced; anything when that is not known. */
  attempted: number;
  /** -1 before the first record that was really written. */
  partition: number;
  /** Whether it lies in several partitions: then it has no order. */
  spread: boolean;
}

/** Counts records of a topic by lane and sequence. Memory goes with lanes and disorder, not with records. */
export class DataTally {
  records = 0;
  unreadable = 0;
  altered = 0;
  readonly #lanes: (Lane | undefined)[] = [];
  readonly #attempted: ReadonlyMap<number, number> | undefined;
  /** Places of records that came after a higher one: late ones, and every repeat. */
  readonly back: Place[] = [];
  readonly unread: Place[] = [];
  readonly changed: Place[] = [];
  readonly unexpected: Place[] = [];

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
    const known = this.#lanes[lane] ?? this.#newLane(lane);
    if (sequence < 1 || sequence > known.attempted) {
      known.strange ??= new LaneRuns();
      known.strange.add(sequence);
      keep(this.unexpected, lane, sequence, record);
      return;
    }
    if (known.runs.add(sequence)) keep(this.back, lane, sequence, record, CANDIDATES);
    if (known.partition < 0) known.partition = record.partition;
    else if (known.partition !== record.partition) known.spread = true;
  }

  /**
   * Whether sequences `from` to `to` of a lane just follow what its partition had: then nothing but their number is to
   * be noted, and `extend` does what `add` would do for each.
   */
  goesOn(lane: number, from: number, to: number, partition: number): boolean {
    const known = this.#lanes[lane];
    if (known === undefined || known.partition !== partition) return false;
    return to <= known.attempted && to <= HIGHEST_SEQUENCE && known.runs.goesOn(from);
  }

  /** Adds the sequences of a lane that `goesOn` up to `to`. */
  extend(lane: number, to: number): void {
    this.records += this.#lanes[lane]!.runs.extend(to);
  }

  addUnreadable(record: RecordView): void {
    this.records++;
    this.unreadable++;
    keep(this.unread, -1, -1, record);
  }

  addAltered(lane: number, sequence: number, record: RecordView): void {
    this.records++;
    this.altered++;
    if (this.changed.length < EXAMPLES) this.changed.push({ ...placeOf(lane, sequence, record), altered: true });
  }

  #newLane(lane: number): Lane {
    const attempted = this.#attempted ? (this.#attempted.get(lane) ?? 0) : Number.POSITIVE_INFINITY;
    const made: Lane = { runs: new LaneRuns(), strange: undefined, attempted, partition: -1, spread: false };
    this.#lanes[lane] = made;
    return made;
  }

  /** Every run of a lane with how often it counts, in no order. */
  times(lane: number): Times[] {
    const known = this.#lanes[lane];
    return [...(known?.runs.times() ?? []), ...(known?.strange?.times() ?? [])];
  }

  /** The runs of what was written of a lane, in their order; undefined when it has none or was too disordered to keep it. */
  inOrder(lane: number): Range[] | undefined {
    const known = this.#lanes[lane];
    return known && !known.spread ? known.runs.inOrder() : undefined;
  }

  get laneNumbers(): number[] {
    return [...this.#lanes.keys()].filter((lane) => this.#lanes[lane]);
  }
}

/** What several tallies of one topic come to together. */
export function seenLanes(tallies: readonly DataTally[]): SeenLane[] {
  const lanes = [...new Set(tallies.flatMap(({ laneNumbers }) => laneNumbers))].sort((a, b) => a - b);
  return lanes.map((lane) => ({ lane, ...timesOf(tallies.flatMap((tally) => tally.times(lane))) }));
}

/** The first places of repeated, then of unreadable, altered and unexpected records. */
export function examplesOf(tallies: readonly DataTally[], lanes: readonly SeenLane[]): Place[] {
  const repeated = (place: Place) =>
    lanes
      .find(({ lane }) => lane === place.lane)
      ?.repeated.some(([from, to]) => from <= place.sequence && place.sequence <= to) === true;
  const of = (kind: 'back' | 'unread' | 'changed' | 'unexpected') => tallies.flatMap((tally) => tally[kind]);
  return [
    ...of('back').filter(repeated).slice(0, EXAMPLES),
    ...of('unread').slice(0, EXAMPLES),
    ...of('changed').slice(0, EXAMPLES),
    ...of('unexpected')
      .filter((place) => !repeated(place))
      .slice(0, EXAMPLES),
  ];
}

function keep(list: Place[], lane: number, sequence: number, record: RecordView, most = EXAMPLES): void {
  if (list.length < most) list.push(placeOf(lane, sequence, record));
}

function placeOf(lane: number, sequence: number, { partition, offset, timestamp: time }: RecordView): Place {
  return { lane, sequence, partition, offset, time };
}
