import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { openLog } from '../../src/client/kafka/log/log-reader.js';
import type { KeptState } from '../../src/target/local/index.js';
import { flinch } from '../support/flinch.js';
import { type Harm, orderId, sinkOrder, writeSink, writeSource } from '../support/kafka/orders.js';

/** Small, and with buffers for batch jobs, which Flink wants many of for each task unless told. */
const CLUSTER = `scenario: batch
title: A cluster that counts
cluster:
  flink: "1.20"
  highAvailability: zookeeper
  jobManagers: 1
  taskManagers: 1
  slots: 4
  brokers: 1
  flinkConfig:
    taskmanager.network.sort-shuffle.min-buffers: "32"
    taskmanager.memory.framework.off-heap.batch-shuffle.size: 8m
workload: { job: pass-through, guarantee: exactly-once, rate: 100/s, checkpoints: every 2s }
steadyState: { hold: 3s }
faults: [{ kill: { node: taskmanager } }]
objectives: { recovery: { within: 30s } }
`;
const COUNT = 3000;
const HARM: Harm = {
  lost: new Set([11, 501, 502, 1203, 2004, 2995, 2996]),
  repeated: new Map([
    [20, 2],
    [701, 4],
  ]),
  invented: 3,
  leaked: new Set([19, 39]),
};
/** Lost ones that were written all the same, but in a transaction that was aborted. */
const ABORTED = [11, 501];

interface Printed {
  costs?: unknown;
  verdict: string;
  balance: Record<string, unknown>;
  sink: { partitions: { to: number; highWatermark: number }[] };
  openTransactions?: { transactions: { ageMs?: number; transactionalId?: string }[] };
}

describe('flinch reconcile --engine flink-sql', () => {
  const commandLine = flinch({ FLINCH_ISOLATION: 'none' });
  let kept: KeptState;
  let kafka: kafkajs.Kafka;
  let brokers: readonly string[];
  /** Producers whose transactions stay open. */
  const left: kafkajs.Producer[] = [];

  before(async () => {
    writeFileSync(join(commandLine.cwd, 'batch.yaml'), CLUSTER);
    const { code, stderr } = await commandLine.run('up', 'batch.yaml');
    assert.equal(code, 0, stderr);
    const state = join(commandLine.cwd, 'state', 'clusters', 'default', 'state.json');
    kept = JSON.parse(readFileSync(state, 'utf8')) as KeptState;
    brokers = kept.endpoints.brokers;
    kafka = new kafkajs.Kafka({ brokers: [...brokers], clientId: 'test', logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    const topics = { orders: 3, 'orders-out': 4, lines: 1, 'lines-out': 2, odd: 1 };
    await admin.createTopics({
      waitForLeaders: false,
      topics: Object.entries(topics).map(([topic, numPartitions]) => ({ topic, numPartitions, replicationFactor: 1 })),
    });
    await admin.disconnect();
    const log = openLog({ brokers, clientId: 'test', deadlineMs: 20_000 });
    for (const topic of Object.keys(topics)) await log.partitions(topic);
    log.close();
  });
  after(async () => {
    for (const producer of left) await producer.disconnect();
    const { code } = await commandLine.run('down');
    rmSync(commandLine.cwd, { recursive: true, force: true });
    assert.equal(code, 0);
  });

  async function transaction(
    id: string,
    end: 'commit' | 'abort' | 'leave',
    topic: string,
    messages: kafkajs.Message[],
  ) {
    const producer = kafka.producer({ transactionalId: id, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const it = await producer.transaction();
    await it.send({ topic, messages });
    if (end === 'leave') {
      left.push(producer);
      return;
    }
    await it[end]();
    await producer.disconnect();
  }
  async function send(topic: string, messages: kafkajs.Message[]) {
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
  }
  const reconcile = (source: string, sink: string, ...more: string[]) =>
    ['reconcile', '--brokers', brokers.join(), '--source', source, '--sink', sink, ...more] as const;
  /** One task of a kind: each has a cost, and there are few records. */
  const byFlink = () => ['--engine', 'flink-sql', '--parallelism', '1', '--gateway', kept.endpoints.gateway];

  /** Both engines on the same topics; what they print but for what depends on the time of asking. */
  async function both(args: readonly string[]): Promise<[reader: Printed, flink: Printed]> {
    const ended = await Promise.all([
      commandLine.run(...args, '--json'),
      commandLine.run(...args, '--json', ...byFlink()),
    ]);
    const [reader, flink] = ended.map(({ stdout, stderr }) => {
      assert.match(stdout, /^\{/, stderr);
      const printed = JSON.parse(stdout) as Printed;
      delete printed.costs;
      for (const it of printed.openTransactions?.transactions ?? []) delete it.ageMs;
      return printed;
    }) as [Printed, Printed];
    assert.equal(ended[0]?.code, ended[1]?.code);
    return [reader, flink];
  }

  async function liveJobs(): Promise<number> {
    const answer = await fetch(`${Object.values(kept.endpoints.rest)[0]}/jobs/overview`);
    const { jobs } = (await answer.json()) as { jobs: { state: string }[] };
    return jobs.filter(({ state }) => !['FINISHED', 'FAILED', 'CANCELED'].includes(state)).length;
  }

  it('gives the numbers of the reader, field by field: harm, aborted transactions, logs that end with markers', async () => {
    await writeSource(brokers, 'orders', 3, COUNT);
    await writeSink(brokers, 'orders-out', 3, COUNT, HARM);
    const value = (n: number) => ({ value: sinkOrder(n), partition: n % 2 });
    await transaction('job-0', 'abort', 'orders-out', [...ABORTED, COUNT + 50].map(value));
    // An escaped id, one without dashes; and a partition that begins and ends with an aborted transaction.
    const bare = orderId(2996).replaceAll('-', '');
    await transaction('job-1', 'commit', 'orders-out', [
      {
        value: `{"orderId":"\\u00${orderId(2995).charCodeAt(0).toString(16)}${orderId(2995).slice(1)}"}`,
        partition: 0,
      },
      { value: ` {"orderId" : "not it", "orderId":"${bare}"}\n`, partition: 0 },
    ]);
    await transaction('job-0', 'abort', 'orders-out', [{ ...value(COUNT + 51), partition: 3 }]);
    const identity = ['--identity', 'uuid:json:/order/id', '--sink-identity', 'uuid:json:/orderId'];
    const orders = ['--relation', 'subset', '--filter', '{json: /type, equals: order}'];
    const [reader, flink] = await both(reconcile('orders', 'orders-out', ...identity, ...orders));
    assert.deepEqual(flink, reader);
    const exactly = (n: number) => ({ atLeast: n, atMost: n });
    const { lost, duplicated, unexpected, shouldHaveBeenFiltered, uncommittedOnly, lostYetUncommitted } = flink.balance;
    assert.deepEqual(
      { lost, duplicated, unexpected, shouldHaveBeenFiltered, uncommittedOnly, lostYetUncommitted },
      {
        lost: exactly(5),
        duplicated: exactly(4),
        unexpected: exactly(5),
        shouldHaveBeenFiltered: exactly(2),
        uncommittedOnly: exactly(4),
        lostYetUncommitted: 2,
      },
    );
    assert.equal(flink.verdict, 'failed');
  });

  it('and where nothing is certain: an open transaction, records without an identity, bytes, numbers, nulls', async () => {
    const line = (key: string | Buffer | null, n: number, value: string | null = '{}') => ({
      key,
      value,
      headers: { n: String(n) },
    });
    const odd = Buffer.of(0xff, 0xfe);
    await send('lines', [line('é😀', 1), line(odd, 1), line('a', 1), line('a', 2), line('c', 3, null), line(null, 4)]);
    // Of headers with one name the last one counts.
    await send('lines', [{ key: 'two', value: '{}', headers: { n: ['8', '9'] } }]);
    await send('lines', [{ key: 'd', value: '{}' }, { key: 'd', value: null, headers: { other: '1' } }, line('', 5)]);
    const out = [line('é😀', 1), line(odd, 1), line(odd, 1), line('a', 1), line('', 5), line('a', 22), line('two', 9)];
    await send(
      'lines-out',
      out.map((it) => ({ ...it, partition: 0 })),
    );
    await transaction('job-2', 'abort', 'lines-out', [{ ...line('c', 3), partition: 0 }]);
    await transaction('job-3', 'leave', 'lines-out', [{ ...line('a', 2), partition: 0 }]);
    await send('lines-out', [{ ...line('a', 1), partition: 0 }]);
    const args = ['--identity', 'header:n', 'key', '--relation', 'one-to-many:2', '--examples', '9'];
    const [reader, flink] = await both(reconcile('lines', 'lines-out', ...args));
    assert.deepEqual(flink, reader);
    assert.equal(flink.openTransactions?.transactions[0]?.transactionalId, 'job-3');
    assert.equal((flink.balance.examples as unknown[]).length > 5, true);
  });

  it('refuses a record that SQL would judge otherwise', async () => {
    await send('odd', [{ value: '{"id":7}' }, { value: '{"id":0.10000000000000000001}' }]);
    const { code, stderr } = await commandLine.run(...reconcile('odd', 'odd', '--identity', 'json:/id'), ...byFlink());
    assert.equal(code, 2, stderr);
    assert.match(stderr, /SQL_INEXACT: .* 1 records exactly, the first at 0:1: a number that is not whole/);
  });

  it('leaves no job behind when it is interrupted', async () => {
    const args = [...reconcile('orders', 'orders-out', '--identity', 'json:/id'), ...byFlink()];
    const run = commandLine.start(...args);
    let live = 0;
    const look = async () => {
      for (; live === 0 && run.child.exitCode === null; await sleep(50)) live = await liveJobs();
    };
    await Promise.race([look(), sleep(90_000, undefined, { ref: false })]);
    assert.equal(live, 1, run.stderr());
    run.child.kill('SIGINT');
    assert.equal((await run.ended()).code, 130);
    assert.equal(await liveJobs(), 0);
  });
});
