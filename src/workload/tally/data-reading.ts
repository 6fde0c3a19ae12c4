import type { ReadBatch } from '../../client/kafka/log/read-log.js';
import { RecordView } from '../../client/kafka/records/record-batch.js';
import {
  ENTRY_WORDS,
  LANE_WORD,
  type LaneFindings,
  LaneKernel,
  OFFSET_DELTA_WORD,
  RUN_FROM_WORD,
  RUN_LANE_WORD,
  RUN_TIME_WORD,
  RUN_TO_WORD,
  RUN_WORDS,
  SEQUENCE_WORD,
  TIME_WORD,
  TIMESTAMP_DELTA_WORD,
  VALUE_END_WORD,
  VALUE_START_WORD,
} from '../record/lane-kernel.js';
import { LaneRecord } from '../record/lane-record.js';
import { findingsIn } from '../record/lane-scan.js';
import { DataTally } from './data-tally.js';
import { HeldTally } from './held-tally.js';
import { LaneTimes } from './lane-times.js';

/** Where the records of a topic go as they are read: committed ones to one tally, all others by who wrote them. */
export class DataReading {
  readonly committed: DataTally;
  readonly held: HeldTally;
  /** Of the committed ones. */
  readonly times = new LaneTimes();
  readonly #kernel = new LaneKernel();
  readonly #fields = new LaneRecord();
  readonly #view = new RecordView();

  /** @param attempted highest sequence ever produced by lane */
  constructor(attempted?: ReadonlyMap<number, number>) {
    this.committed = new DataTally(attempted);
    this.held = new HeldTally(attempted);
  }

  addRecord(record: RecordView): void {
    const fields = this.#fields;
    const state = record.valueStart < 0 ? 'unreadable' : fields.read(record.buffer, record.valueStart, record.valueEnd);
    if (state === 'intact') this.#addIntact(fields.lane, fields.sequence, fields.time, record);
    else if (state === 'altered') this.#tallyOf(record).addAltered(fields.lane, fields.sequence, record);
    else this.#tallyOf(record).addUnreadable(record);
  }

  /** All records of a batch at once; false, having counted none, where they must be added one by one. */
  addBatch(batch: ReadBatch): boolean {
    const found = this.#findingsOf(batch);
    if (!found) return false;
    if (batch.committed && this.#goesOn(batch, found)) return true;
    const { count, baseOffset, baseTimestamp, timestampFactor } = batch;
    const view = this.#view;
    view.partition = batch.partition;
    view.committed = batch.committed;
    view.stable = batch.stable;
    view.producerId = batch.producerId;
    view.producerEpoch = batch.producerEpoch;
    const { words, doubles, first } = found;
    const end = first + count * ENTRY_WORDS;
    for (let at = first; at < end; at += ENTRY_WORDS) {
      view.offset = baseOffset + words[at + OFFSET_DELTA_WORD]!;
      view.timestamp = baseTimestamp + timestampFactor * words[at + TIMESTAMP_DELTA_WORD]!;
      const lane = words[at + LANE_WORD]!;
      if (lane >= 0) {
        this.#addIntact(lane, words[at + SEQUENCE_WORD]!, doubles[(at + TIME_WORD) >>> 1]!, view);
        continue;
      }
      const { body, start } = batch.open();
      const valueStart = words[at + VALUE_START_WORD]!;
      view.buffer = body;
      view.valueStart = valueStart < 0 ? -1 : start + valueStart;
      view.valueEnd = valueStart < 0 ? -1 : start + words[at + VALUE_END_WORD]!;
      this.addRecord(view);
    }
    return true;
  }

  #findingsOf({ words, open }: ReadBatch): LaneFindings | undefined {
    if (words) return findingsIn(words);
    return this.#kernel.read(open()) ? this.#kernel : undefined;
  }

  /** Adds a batch in which each lane just goes on, as nearly all do; false, having added nothing, where one does not. */
  #goesOn({ partition, count }: ReadBatch, found: LaneFindings): boolean {
    const { committed, times } = this;
    const { words, doubles, firstRun, runs } = found;
    const end = firstRun + runs * RUN_WORDS;
    let timed = false;
    for (let at = firstRun; at < end; at += RUN_WORDS) {
      const lane = words[at + RUN_LANE_WORD]!;
      if (!committed.goesOn(lane, words[at + RUN_FROM_WORD]!, words[at + RUN_TO_WORD]!, partition)) return false;
      timed ||= times.wants(lane, doubles[(at + RUN_TIME_WORD) >>> 1]!);
    }
    for (let at = firstRun; at < end; at += RUN_WORDS) {
      committed.extend(words[at + RUN_LANE_WORD]!, words[at + RUN_TO_WORD]!);
    }
    if (timed) this.#addTimes(found, count);
    return runs > 0;
  }

  /** Of a batch whose records are all intact. */
  #addTimes({ words, doubles, first }: LaneFindings, count: number): void {
    const end = first + count * ENTRY_WORDS;
    for (let at = first; at < end; at += ENTRY_WORDS) {
      this.times.add(words[at + LANE_WORD]!, words[at + SEQUENCE_WORD]!, doubles[(at + TIME_WORD) >>> 1]!);
    }
  }

  #addIntact(lane: number, sequence: number, time: number, record: RecordView): void {
    this.#tallyOf(record).add(lane, sequence, record);
    if (record.committed) this.times.add(lane, sequence, time);
  }

  #tallyOf(record: RecordView): DataTally {
    return record.committed ? this.committed : this.held.tallyOf(record, !record.stable);
  }
}
