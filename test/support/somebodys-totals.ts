import assert from 'node:assert/strict';
import { createFlinkRest } from '../../src/client/flink/rest.js';
import { type LogReader, openLog } from '../../src/client/kafka/log/log-reader.js';
import type { EventBody, EventOf, JournalEvent } from '../../src/journal/events.js';
import { compileFilter } from '../../src/reconcile/filter.js';
import { compileIdentity } from '../../src/reconcile/identity/compile.js';
import { type Mark, mark } from '../../src/reconcile/window/marks.js';
import { aggregated } from '../../src/run/steps/attach-aggregate.js';
import { fill } from './kafka/fill.js';
import type { Theirs } from './somebody.js';

const CUSTOMERS = 199;

/** Orders of customers, some of them refunds, some without an amount; and heartbeats. */
export function customerOrder(n: number): string {
  const amount = n % 11 === 5 ? 'null' : (((n * 7919) % 20_000) - 4_000) / 100;
  const type = n % 10 === 9 ? 'heartbeat' : 'order';
  return `{"type":"${type}","customer":"c-${(n * 31) % CUSTOMERS}","amount":${amount},"at":${1_700_000_000_000 + n}}`;
}

/** The tables of somebody's totals. @param kafka options of both connectors, @param more of the sink */
export const totalsTables = ({ source, sink, guarantee, job }: Theirs, kafka: string, more: string): string[] => [
  `CREATE TEMPORARY TABLE orders_in (\`type\` STRING, customer STRING, amount DECIMAL(12, 2), \`at\` BIGINT) WITH (${kafka},
   'topic' = '${source}', 'scan.startup.mode' = 'earliest-offset', 'properties.group.id' = '${job}')`,
  `CREATE TEMPORARY TABLE totals (customer STRING, orders BIGINT, total DECIMAL(38, 2), latest BIGINT,
   PRIMARY KEY (customer) NOT ENFORCED) WITH (${kafka.replace("'kafka'", "'upsert-kafka'").replace("'format'", "'value.format'")},
   'key.format' = 'json', 'topic' = '${sink}', 'sink.delivery-guarantee' = '${guarantee}'${more})`,
];
export const TOTALS =
  "INSERT INTO totals SELECT customer, COUNT(*), SUM(amount), MAX(`at`) FROM orders_in WHERE `type` = 'order' GROUP BY customer";

export interface Tampered {
  /** By a naive count, before the total was spoilt: orders at the source, customers, and those whose totals are wrong. */
  orders: number;
  customers: number;
  wrong: number;
  /** Whose total was spoilt, where, and what Flinch then made of the same window. */
  customer: string;
  partition: number;
  offset: number;
  event: Extract<EventBody, { type: 'data.aggregated' }>;
}
interface Total {
  customer: string;
  orders: number;
  total: number | null;
  latest: number;
}

/**
 * Ends the job of a run, adds a wrong total for a customer to its sink, and weighs the run's window again, up to now.
 * @param rest URLs of the JobManagers
 */
export async function tamper(
  events: readonly JournalEvent[],
  { brokers, rest }: { brokers: readonly string[]; rest: Readonly<Record<string, string>> },
): Promise<Tampered> {
  const job = events.find((e) => e.type === 'job.attached');
  // Its slots are needed by others.
  await Promise.any(Object.values(rest).map((url) => createFlinkRest(url).cancel(job?.jobId ?? '')));
  const workload = events.find((e) => e.type === 'run.started')?.scenario.workload;
  assert.ok(workload?.job === 'attached' && workload.attach.relation.kind === 'aggregate');
  const { source, sink, relation, filter } = workload.attach;
  const reader = openLog({ brokers, clientId: 'somebody', deadlineMs: 20_000 });
  try {
    const naive = await naiveTotals(reader, source.topic, sink.topic);
    const [customer, { said, partition }] = [...naive.said][0] ?? assert.fail('no totals');
    const partitions = (await reader.partitions(sink.topic)).length;
    const spoilt = JSON.stringify({ ...said, total: (said.total ?? 0) + 0.01 });
    await fill({ brokers, topic: sink.topic, partitions }, (p, n) => (p === partition && n === 0 ? spoilt : undefined));
    const marked = (of: EventOf<'window.marked'>['mark']): Mark => {
      const found = events.find((e): e is EventOf<'window.marked'> => e.type === 'window.marked' && e.mark === of);
      assert.ok(found);
      return found;
    };
    const identities = { registry: () => assert.fail('no registry') };
    const sides = async () => ({
      source: {
        reader,
        topic: source.topic,
        extractor: await compileIdentity(source.identity, identities),
        ...(filter ? { filter: compileFilter(filter) } : {}),
      },
      sink: { reader, topic: sink.topic, extractor: await compileIdentity(sink.identity, identities) },
    });
    const drained = await mark(
      { source: { reader, topic: source.topic }, sink: { reader, topic: sink.topic } },
      Date.now,
    );
    const window = { attached: marked('attached'), begun: marked('begun'), ended: marked('ended'), drained };
    const event = await aggregated({ sides }, window, relation);
    const offset = (drained.sink[partition]?.lastStableOffset ?? 0) - 1;
    return { ...naive.counts, customer, partition, offset, event };
  } finally {
    reader.close();
  }
}

/** By the plainest means: cents as integers, the last record of each customer. */
async function naiveTotals(reader: LogReader, source: string, sink: string) {
  const said = new Map<string, { said: Total; partition: number }>();
  await reader.read(sink, { isolation: 'read_committed' }, ({ buffer, valueStart, valueEnd, partition }) => {
    const total = JSON.parse(buffer.toString('utf8', valueStart, valueEnd)) as Total;
    said.set(total.customer, { said: total, partition });
  });
  const totals = new Map<string, Total>();
  let orders = 0;
  await reader.read(source, { isolation: 'read_committed' }, ({ buffer, valueStart, valueEnd }) => {
    const order = JSON.parse(buffer.toString('utf8', valueStart, valueEnd)) as {
      type: string;
      customer: string;
      amount: number | null;
      at: number;
    };
    if (order.type !== 'order') return;
    orders++;
    const { customer, amount, at } = order;
    const total = totals.get(customer) ?? { customer, orders: 0, total: null, latest: 0 };
    totals.set(customer, total);
    total.orders++;
    if (amount !== null) total.total = (total.total ?? 0) + Math.round(amount * 100);
    total.latest = Math.max(total.latest, at);
  });
  const wrong = [...totals.values()].filter(({ customer, ...it }) => {
    const other = said.get(customer)?.said;
    const cents = other?.total === null || other === undefined ? null : Math.round(other.total * 100);
    return other?.orders !== it.orders || cents !== it.total || other.latest !== it.latest;
  }).length;
  return { said, counts: { orders, customers: totals.size, wrong } };
}
