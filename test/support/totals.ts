import assert from 'node:assert/strict';
import type { LogReader } from '../../src/client/kafka/log/log-reader.js';
import type { PartitionOffsets } from '../../src/client/kafka/log/offsets.js';
import { RecordView } from '../../src/client/kafka/records/record-batch.js';
import { FlinchError } from '../../src/core/error.js';
import type { InvariantSpec } from '../../src/core/record-spec.js';
import { aggregateWindow } from '../../src/reconcile/aggregate/aggregate-window.js';
import { compileFilter } from '../../src/reconcile/filter.js';
import { parseFilter } from '../../src/reconcile/filter-text.js';
import { compileIdentity } from '../../src/reconcile/identity/compile.js';
import { parseIdentity } from '../../src/reconcile/identity/short-form.js';
import type { Random } from './kafka/random.js';

/** A record of a topic of totals or of what goes into them; without a value it deletes its group. */
export interface Entry {
  key: string;
  value: string | null;
  aborted?: boolean;
}
/** Records by partition. */
export type Topic = Entry[][];
/** The ends of both topics, by partition. */
export type Cut = { source: number[]; sink: number[] };

/** What somebody's job makes of orders, with the marks of a run around it. */
export interface TotalsStory {
  source: Topic;
  sink: Topic;
  attached: Cut;
  begun: Cut;
}

const endsOf = (lengths: readonly number[], earliest = 0): PartitionOffsets[] =>
  lengths.map((at, partition) => ({
    partition,
    leaderEpoch: 0,
    earliest: Math.min(earliest, at),
    lastStableOffset: at,
    highWatermark: at,
  }));

/** A topic as a reader sees it. */
function readerOf(topic: Topic, changed: readonly string[] = []): LogReader & { reads: number } {
  const reader: Partial<LogReader> & { reads: number } = {
    reads: 0,
    aborted: false,
    changedSince: async () => changed.map((what) => new FlinchError('KAFKA_LOG_CHANGED', { what })),
    async read(_topic, { bounds, isolation }, onRecord) {
      assert.ok(bounds);
      reader.reads++;
      for (const { partition, earliest, highWatermark } of bounds) {
        const records = topic[partition] as Entry[];
        for (let offset = earliest; offset < highWatermark; offset++) {
          const { key, value, aborted = false } = records[offset] as Entry;
          if (aborted && isolation === 'read_committed') continue;
          const view = new RecordView();
          view.buffer = Buffer.from(key + (value ?? ''));
          Object.assign(view, { partition, offset, timestamp: 1000 + offset, committed: !aborted });
          [view.keyStart, view.keyEnd] = [0, key.length];
          if (value !== null) [view.valueStart, view.valueEnd] = [key.length, view.buffer.length];
          view.headersStart = view.headersEnd = view.buffer.length;
          onRecord(view);
        }
      }
      return bounds.map((bound) => ({ ...bound, from: bound.earliest, to: bound.highWatermark }));
    },
  };
  return reader as LogReader & { reads: number };
}

export interface Weighing {
  invariants?: readonly InvariantSpec[];
  identity?: string;
  budgetBytes?: number;
  /** First offsets that there still are. */
  earliest?: { source?: number; sink?: number };
  changed?: string[];
  undrained?: string;
  unfiltered?: boolean;
}

export const ALL_INVARIANTS: readonly InvariantSpec[] = [
  { kind: 'count', sink: '/orders' },
  { kind: 'sum', source: '/amount', sink: '/total', tolerance: 0 },
  { kind: 'max', source: '/at', sink: '/latest' },
  { kind: 'min', source: '/at', sink: '/first' },
];

/** Holds the sink of a story against its source. */
export async function weighTotals(story: TotalsStory, how: Weighing = {}) {
  const { invariants = ALL_INVARIANTS, identity = 'json:/customer', budgetBytes = 1024 * 1024, earliest } = how;
  const extractor = () => compileIdentity(parseIdentity(identity), { registry: () => assert.fail('no registry') });
  const lengths = (topic: Topic) => topic.map((partition) => partition.length);
  const mark = (cut: Cut) => ({
    source: endsOf(cut.source, earliest?.source),
    sink: endsOf(cut.sink, earliest?.sink),
    wall: 0,
  });
  const drained = mark({ source: lengths(story.source), sink: lengths(story.sink) });
  return aggregateWindow({
    source: {
      reader: readerOf(story.source, how.changed),
      topic: 'in',
      extractor: await extractor(),
      ...(how.unfiltered ? {} : { filter: compileFilter(parseFilter('{json: /type, equals: order}')) }),
    },
    sink: { reader: readerOf(story.sink), topic: 'out', extractor: await extractor() },
    window: {
      attached: mark(story.attached),
      begun: mark(story.begun),
      ended: drained,
      drained,
      undrained: how.undrained,
    },
    relation: { kind: 'aggregate', invariants },
    budgetBytes,
    examples: 5,
  });
}

/** What a group comes to, by the plainest means: amounts are hundredths. */
interface Naive {
  orders: number;
  total: number | null;
  latest: number | null;
  first: number | null;
}

export const hundredths = (n: number | null): string =>
  n === null
    ? 'null'
    : `${n < 0 ? '-' : ''}${Math.floor(Math.abs(n) / 100)}.${String(Math.abs(n) % 100).padStart(2, '0')}`;
export const totalOf = (customer: string, { orders, total, latest, first }: Naive): Entry => ({
  key: customer,
  value: `{"customer":"${customer}","orders":${orders},"total":${hundredths(total)},"latest":${latest},"first":${first}}`,
});

/**
 * A job that groups orders by customer, without a fault: records in any order of partitions, aborted ones in both topics,
 * negative amounts and nulls, some on their way at each mark.
 */
export function tellTotals(random: Random, { customers = 6, orders = 60 } = {}): TotalsStory {
  const [parts, sinkParts] = [1 + random.upTo(3), 1 + random.upTo(3)];
  const source: Topic = Array.from({ length: parts }, () => []);
  const sink: Topic = Array.from({ length: sinkParts }, () => []);
  const read: number[] = Array.from({ length: parts }, () => 0);
  const state = new Map<string, Naive>();
  const orderOf = new Map<Entry, { customer: string; amount: number | null; at: number | null }>();
  const write = () => {
    const customer = `c${random.upTo(customers)}`;
    const amount = random.upTo(6) === 0 ? null : random.upTo(2001) - 1000;
    const at = random.upTo(6) === 0 ? null : random.upTo(100) - 50;
    const type = random.upTo(8) === 0 ? 'heartbeat' : 'order';
    const value = `{"type":"${type}","customer":"${customer}","amount":${hundredths(amount)},"at":${at}}`;
    const entry: Entry = { key: customer, value, aborted: random.upTo(10) === 0 };
    if (type === 'order' && !entry.aborted) orderOf.set(entry, { customer, amount, at });
    source[random.upTo(parts)]?.push(entry);
  };
  const work = (partition: number) => {
    const entry = source[partition]?.[read[partition] as number];
    if (!entry) return;
    read[partition] = (read[partition] as number) + 1;
    const order = orderOf.get(entry);
    if (!order) return;
    const { customer, amount, at } = order;
    const old = state.get(customer) ?? { orders: 0, total: null, latest: null, first: null };
    const fold = (a: number | null, b: number | null, of: (a: number, b: number) => number) =>
      a === null || b === null ? (a ?? b) : of(a, b);
    const next: Naive = {
      orders: old.orders + 1,
      total: fold(old.total, amount, (a, b) => a + b),
      latest: fold(old.latest, at, Math.max),
      first: fold(old.first, at, Math.min),
    };
    state.set(customer, next);
    const to = sink[[...customer].reduce((sum, it) => sum + it.charCodeAt(0), 0) % sinkParts] as Entry[];
    if (random.upTo(8) === 0) to.push({ ...totalOf(customer, { ...next, orders: 999 }), aborted: true });
    to.push(totalOf(customer, next));
  };
  const lengths = (topic: Topic) => topic.map((partition) => partition.length);
  const cut = (): Cut => ({ sink: lengths(sink), source: lengths(source) });
  const some = () => {
    for (let i = 0; i < orders / 3; i++) {
      write();
      if (random.upTo(3) > 0) work(random.upTo(parts));
    }
  };
  some();
  const attached = cut();
  some();
  for (let p = 0; p < parts; p++) while ((read[p] as number) < (attached.source[p] as number)) work(p);
  // The sink is asked first, and the source goes on meanwhile.
  const { sink: begunSink } = cut();
  write();
  const begun = { sink: begunSink, source: lengths(source) };
  some();
  for (let p = 0; p < parts; p++) while ((read[p] as number) < (source[p] as Entry[]).length) work(p);
  return { source, sink, attached, begun };
}
