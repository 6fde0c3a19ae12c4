/**
 * Somebody else, on the kept cluster: has a job of his own, and records that flow whatever Flinch does. Arguments: what
 * to do, and how, as JSON. `run` makes the topics, submits the job and writes orders until SIGTERM; `count` reads both
 * topics by the plainest means and says what is wrong within a window of the source; `tamper` spoils a total and weighs.
 */
import { existsSync } from 'node:fs';
import { createFlinkRest } from '../../src/client/flink/rest.js';
import { openSqlSession } from '../../src/client/flink/sql-gateway.js';
import { openLog } from '../../src/client/kafka/log/log-reader.js';
import { createTopics } from '../../src/client/kafka/write/admin.js';
import { systemClock } from '../../src/core/clock.js';
import { readJournal } from '../../src/journal/reader.js';
import { findJob } from '../../src/run/steps/attach-find.js';
import { findKept, joinKept, type KeptState, takeHandedOver, watchLifeline } from '../../src/target/local/index.js';
import { fill } from './kafka/fill.js';
import { sourceOrder } from './kafka/orders.js';
import { customerOrder, TOTALS, tamper, totalsTables } from './somebodys-totals.js';

/** A job of somebody else: orders in, the same ones enriched out, heartbeats dropped. */
export interface Theirs {
  /** Instead: totals of the orders by customer out. */
  totals?: true;
  job: string;
  source: string;
  sink: string;
  partitions: { source: number; sink: number };
  guarantee: 'exactly-once' | 'at-least-once' | 'none';
  /** More of the query's condition. */
  where?: string;
  /** Records a second. */
  rate: number;
  /** So many more at once, as soon as there is this file. */
  burst?: { records: number; file: string };
}
/** A window of the source, by partition. */
export type SourceWindow = { partition: number; from: number; to: number }[];
export interface Counted {
  written: number;
  /** Orders of the window, those of them that never came out, how much too often others did, and what nobody wrote. */
  due: number;
  lost: number;
  duplicated: number;
  unexpected: number;
  /** The job, which still runs. */
  jobId: string;
}

const CHUNK_MS = 200;

async function work(theirs: Theirs, { endpoints }: KeptState): Promise<void> {
  const { brokers } = endpoints;
  const topic = (name: string, partitions: number) => ({
    name,
    partitions,
    replicationFactor: 1,
    // A million of them has to fit onto the broker's small disk.
    config: { 'retention.ms': '-1', 'compression.type': 'gzip' },
  });
  await createTopics([topic(theirs.source, theirs.partitions.source), topic(theirs.sink, theirs.partitions.sink)], {
    brokers,
    clientId: 'somebody',
    deadlineMs: 20_000,
  });
  const jobId = await submit(theirs, endpoints);
  let stopped = false;
  process.on('SIGTERM', () => {
    stopped = true;
  });
  console.log(JSON.stringify({ jobId }));
  const { source: partitions } = theirs.partitions;
  const record = theirs.totals ? customerOrder : sourceOrder;
  let [written, burst] = [0, 0];
  for (const begun = performance.now(); !stopped; ) {
    if (burst === 0 && theirs.burst && existsSync(theirs.burst.file)) burst = theirs.burst.records;
    const due = Math.floor((burst + ((performance.now() - begun) * theirs.rate) / 1000) / partitions) * partitions;
    const [first, each] = [written / partitions, (due - written) / partitions];
    // The n-th order lies at partition n mod partitions, offset n / partitions.
    await fill({ brokers, topic: theirs.source, partitions }, (partition, n) =>
      n < each ? record((first + n) * partitions + partition) : undefined,
    );
    written = due;
    await systemClock.sleep(CHUNK_MS);
  }
}

async function submit(theirs: Theirs, { gateway, brokers }: KeptState['endpoints']): Promise<string> {
  const kafka = `'connector' = 'kafka', 'properties.bootstrap.servers' = '${brokers.join(',')}', 'format' = 'json'`;
  const exactly = theirs.guarantee === 'exactly-once';
  const more = exactly
    ? `, 'sink.transactional-id-prefix' = '${theirs.job}', 'properties.transaction.timeout.ms' = '600000'`
    : '';
  const limits = { timeoutMs: 60_000 };
  const session = await openSqlSession(gateway, {
    ...limits,
    properties: {
      'execution.runtime-mode': 'streaming',
      'execution.checkpointing.interval': '1 s',
      'parallelism.default': '2',
      'pipeline.name': theirs.job,
      'table.dml-sync': 'false',
    },
  });
  try {
    if (theirs.totals) {
      for (const table of totalsTables(theirs, kafka, more)) await session.run(table, limits);
      return await session.insert(TOTALS, limits);
    }
    await session.run(
      `CREATE TEMPORARY TABLE orders_in (\`type\` STRING, \`order\` ROW<\`id\` STRING>, \`at\` BIGINT) WITH (${kafka},
       'topic' = '${theirs.source}', 'scan.startup.mode' = 'earliest-offset', 'properties.group.id' = '${theirs.job}')`,
      limits,
    );
    await session.run(
      `CREATE TEMPORARY TABLE orders_out (orderId STRING, total BIGINT, meta ROW<job STRING, \`at\` BIGINT>) WITH (${kafka},
       'topic' = '${theirs.sink}', 'sink.delivery-guarantee' = '${theirs.guarantee}'${more})`,
      limits,
    );
    const where = `\`type\` = 'order'${theirs.where ? ` AND ${theirs.where}` : ''}`;
    return await session.insert(
      `INSERT INTO orders_out SELECT UPPER(\`order\`.\`id\`), MOD(\`at\`, 1000), ROW('enrich', \`at\`) FROM orders_in WHERE ${where}`,
      limits,
    );
  } finally {
    await session.close();
  }
}

async function count(theirs: Theirs, window: SourceWindow, { endpoints }: KeptState): Promise<Counted> {
  const reader = openLog({ brokers: endpoints.brokers, clientId: 'somebody', deadlineMs: 20_000 });
  const ids = new Map<string, { due: boolean; sink: number; known: boolean }>();
  const of = (id: string) => {
    const known = ids.get(id) ?? { due: false, sink: 0, known: false };
    ids.set(id, known);
    return known;
  };
  let written = 0;
  try {
    await reader.read(theirs.sink, { isolation: 'read_committed' }, ({ buffer, valueStart, valueEnd }) => {
      const { orderId } = JSON.parse(buffer.toString('utf8', valueStart, valueEnd)) as { orderId: string };
      of(orderId.toLowerCase()).sink++;
    });
    await reader.read(theirs.source, { isolation: 'read_committed' }, (record) => {
      const { type, order } = JSON.parse(record.buffer.toString('utf8', record.valueStart, record.valueEnd)) as {
        type: string;
        order: { id: string };
      };
      written++;
      const entry = of(order.id);
      if (type !== 'order') return;
      entry.known = true;
      entry.due = window.some(
        ({ partition, from, to }) => partition === record.partition && from <= record.offset && record.offset < to,
      );
    });
    const rests = Object.entries(endpoints.rest).map(([node, url]) => [node, createFlinkRest(url)] as const);
    const { signal } = new AbortController();
    const found = await findJob(theirs.job, { rest: Object.fromEntries(rests), clock: systemClock, signal });
    for (const [, rest] of rests) rest.close();
    const all = [...ids.values()];
    const sum = (n: (it: (typeof all)[number]) => number) => all.reduce((total, it) => total + n(it), 0);
    return {
      written,
      due: sum(({ due }) => (due ? 1 : 0)),
      lost: sum(({ due, sink }) => (due && sink === 0 ? 1 : 0)),
      duplicated: sum(({ known, sink }) => (known ? Math.max(0, sink - 1) : 0)),
      unexpected: sum(({ known, sink }) => (known ? 0 : sink)),
      jobId: found.id,
    };
  } finally {
    reader.close();
  }
}

watchLifeline();
const [what = '', how = ''] = process.argv.slice(2);
const state = takeHandedOver<KeptState>() ?? (await findKept());
if (!state) throw new Error('there is no kept cluster');
const joined = process.env.FLINCH_INSIDE === undefined ? await joinKept(state, state) : undefined;
if (joined === undefined) {
  if (what === 'run') await work(JSON.parse(how) as Theirs, state);
  else if (what === 'tamper') {
    const { journal } = JSON.parse(how) as { journal: string };
    console.log(JSON.stringify(await tamper(readJournal(journal).events, state.endpoints)));
  } else {
    const { theirs, window } = JSON.parse(how) as { theirs: Theirs; window: SourceWindow };
    console.log(JSON.stringify(await count(theirs, window, state)));
  }
}
process.exit(joined ?? 0);
