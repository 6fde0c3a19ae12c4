import type { LogReader } from '../../client/kafka/log/log-reader.js';
import type { TailLook } from '../../client/kafka/log/tail-log.js';
import type { RecordView } from '../../client/kafka/records/record-batch.js';
import { messageOf } from '../../core/error.js';
import type { Filter } from '../filter.js';
import type { Extractor } from '../identity/extractor.js';
import { WaitingRoom } from '../identity/waiting-room.js';
import { beginOf, type Mark } from './marks.js';
import { Progress } from './progress.js';

/** Records of one partition on their way at once, of which the furthest is known exactly. */
export const MOST_ON_THE_WAY = 200_000;

export interface Followed {
  reader: LogReader;
  topic: string;
  extractor: Extractor;
  filter?: Filter | undefined;
}

/** One look at a topic's committed end. `total`: since following began. Times are monotonic milliseconds. */
export interface FollowLook {
  of: 'source' | 'sink';
  start: number;
  end: number;
  records: number;
  total: number;
  error?: string;
}

export interface Following {
  /** Undefined where a record of the sink does not tell which one of the source brought it. */
  readonly progress: Progress | undefined;
  /** Ends with the signal. */
  readonly ended: Promise<void>;
}

/** Follows both topics from a mark on: a sign of life, of lag and of progress, not the count that decides. */
export function follow(
  source: Followed,
  sink: Omit<Followed, 'filter'>,
  from: Mark,
  signal: AbortSignal,
  onLook: (look: FollowLook, progress: Progress) => void,
): Following & { progress: Progress } {
  const progress = new Progress(MOST_ON_THE_WAY);
  const tail = (
    of: FollowLook['of'],
    side: Followed,
    ends: Mark['source'],
    take: Take,
    after: (look: TailLook) => void,
  ) => {
    const reading = new InOrder(side, take, signal);
    let total = 0;
    return side.reader.tailCommitted(
      side.topic,
      { signal, from: behind(ends), onRecord: (record) => reading.add(record) },
      (look) => {
        const { start, end, records } = look;
        total += records;
        const waits = reading.settle();
        if (!waits) after(look);
        const error = look.error ? messageOf(look.error) : reading.trouble;
        onLook({ of, start, end, records, total, ...(error === undefined ? {} : { error }) }, progress);
      },
    );
  };
  const ended = Promise.all([
    tail(
      'source',
      source,
      from.source,
      (id, { partition, offset }) => progress.source(id, partition, offset),
      ({ positions }) => {
        for (const [partition, position] of positions) progress.reached(partition, position);
      },
    ),
    tail(
      'sink',
      sink,
      from.sink,
      (id) => progress.sink(id),
      () => progress.looked(),
    ),
  ]).then(() => {});
  return { progress, ended };
}

/** Follows the ends of both topics without a look at identities: records of totals do not tell what brought them. */
export function followEnds(
  source: Omit<Followed, 'extractor' | 'filter'>,
  sink: Omit<Followed, 'extractor' | 'filter'>,
  from: Mark,
  signal: AbortSignal,
  onLook: (look: FollowLook) => void,
): Following {
  const tail = (of: FollowLook['of'], { reader, topic }: typeof source, ends: Mark['source']) => {
    let total = 0;
    return reader.tailCommitted(topic, { signal, from: behind(ends) }, ({ start, end, records, error }) => {
      total += records;
      onLook({ of, start, end, records, total, ...(error === undefined ? {} : { error: messageOf(error) }) });
    });
  };
  const ended = Promise.all([tail('source', source, from.source), tail('sink', sink, from.sink)]).then(() => {});
  return { progress: undefined, ended };
}

/** By partition, where something begins that is not before a mark. */
const behind = (ends: Mark['source']): Map<number, number> =>
  new Map(ends.map(({ partition }) => [partition, beginOf(ends, partition)]));

type Take = (id: string, record: RecordView) => void;

/** Takes the identities of records in their order, also where some have to wait for a schema. */
class InOrder {
  readonly #side: Followed;
  readonly #take: Take;
  readonly #signal: AbortSignal;
  #room = new WaitingRoom();
  #waiting = false;
  #settling = false;
  /** A record had to be left out: from then on nothing is known to be complete. */
  #full = false;
  /** Why identities are not to be had at the moment. */
  trouble: string | undefined;

  constructor(side: Followed, take: Take, signal: AbortSignal) {
    this.#side = side;
    this.#take = take;
    this.#signal = signal;
  }

  add(record: RecordView): void {
    if (this.#waiting || !this.#taken(record)) {
      this.#waiting = true;
      if (!this.#room.keep(record)) this.#full = true;
    }
  }

  /** Has what waits go on in the background. @returns whether anything waits. */
  settle(): boolean {
    if (!this.#waiting || this.#settling) return this.#waiting || this.#full;
    this.#settling = true;
    this.#release().then(
      () => {
        this.trouble = undefined;
        this.#settling = false;
      },
      (error) => {
        this.trouble = messageOf(error);
        this.#settling = false;
      },
    );
    return true;
  }

  async #release(): Promise<void> {
    const { extractor } = this.#side;
    await this.#room.release(extractor, (record) => void this.#taken(record), this.#signal);
    this.#waiting = false;
  }

  #taken(record: RecordView): boolean {
    const { extractor, filter } = this.#side;
    if (filter && filter(record) !== 'yes') return true;
    const identity = extractor.extract(record);
    if (identity === 'later') return false;
    if (typeof identity === 'string') return true;
    this.#take(identity.bytes.toString('latin1', identity.start, identity.end), record);
    return true;
  }
}
