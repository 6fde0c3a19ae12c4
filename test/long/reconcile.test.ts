import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import { createTopics } from '../../src/client/kafka/write/admin.js';
import { flinch as flinchIn } from '../support/flinch.js';
import { startBrokers, type TestBrokers } from '../support/kafka/brokers.js';
import { type Harm, orderId, writeSink, writeSource } from '../support/kafka/orders.js';
import { random } from '../support/kafka/random.js';

const COUNT = 1_000_000;
const IDENTITY = ['--identity', 'uuid:json:/order/id', '--sink-identity', 'uuid:json:/orderId'];
const ORDERS = ['--relation', 'subset', '--filter', '{json: /type, equals: order}'];

interface Printed {
  verdict: string;
  reasons: string[];
  balance: Record<string, { atLeast: number; atMost: number | null }> & {
    sourceRecords: number;
    filteredRecords: number;
    sinkRecords: number;
    examples: { problem: string; id: string; places: Record<string, { partition: number; offset: number }> }[];
  };
  costs: { rowsSpilled: number; peakBytes: number };
  openTransactions?: { transactions: { transactionalId?: string }[] };
}

describe("flinch reconcile, on topics of somebody else's job", () => {
  let brokers: TestBrokers;
  let kafka: kafkajs.Kafka;
  const commandLine = flinchIn();

  before(async () => {
    brokers = await startBrokers({ heapMiB: 512 });
    kafka = new kafkajs.Kafka({ brokers: brokers.bootstrap, clientId: 'test', logLevel: kafkajs.logLevel.NOTHING });
  });
  after(() => brokers?.end());

  const create = (name: string, partitions: number, codec = 'producer') =>
    createTopics([{ name, partitions, replicationFactor: 1, config: { 'compression.type': codec } }], {
      brokers: brokers.bootstrap,
      clientId: 'test',
      deadlineMs: 30_000,
    });
  const flinch = (source: string, sink: string, ...more: string[]) =>
    commandLine.run('reconcile', '--brokers', brokers.bootstrap.join(','), '--source', source, '--sink', sink, ...more);

  it('a million orders in three partitions, in five out: every count exact, in memory and spilled', async () => {
    const dice = random(7);
    const harm: Harm = {
      lost: new Set(Array.from({ length: 13 }, () => dice.upTo(COUNT / 10) * 10 + 1)),
      repeated: new Map(Array.from({ length: 17 }, (_, i) => [dice.upTo(COUNT / 10) * 10 + 2, 2 + (i % 3)])),
      invented: 11,
      leaked: new Set(Array.from({ length: 5 }, () => dice.upTo(COUNT / 10) * 10 + 9)),
    };
    await create('orders', 3, 'lz4');
    await create('orders-out', 5, 'zstd');
    await writeSource(brokers.bootstrap, 'orders', 3, COUNT);
    await writeSink(brokers.bootstrap, 'orders-out', 5, COUNT, harm);
    const exactly = (n: number) => ({ atLeast: n, atMost: n });
    for (const memory of ['512MiB', '24MiB']) {
      const { code, stdout, stderr } = await flinch(
        'orders',
        'orders-out',
        ...IDENTITY,
        ...ORDERS,
        '--memory',
        memory,
        '--json',
      );
      assert.equal(code, 1, stderr);
      const { verdict, balance, costs } = JSON.parse(stdout) as Printed;
      assert.equal(verdict, 'failed', stdout.slice(0, 1500));
      assert.equal(balance.sourceRecords, (COUNT * 9) / 10, `${memory}: ${stdout.slice(0, 2500)}`);
      assert.deepEqual(balance.lost, exactly(harm.lost.size));
      assert.deepEqual(
        balance.duplicated,
        exactly([...harm.repeated.values()].reduce((sum, times) => sum + times - 1, 0)),
      );
      assert.deepEqual(balance.unexpected, exactly(harm.invented + harm.leaked.size));
      assert.deepEqual(balance.shouldHaveBeenFiltered, exactly(harm.leaked.size));
      assert.equal(costs.rowsSpilled > 0, memory === '24MiB', `${memory}: ${JSON.stringify(costs)}`);
      const of = (problem: string) => balance.examples.filter((it) => it.problem === problem);
      const idsOf = (numbers: Iterable<number>) => new Set([...numbers].map((n) => JSON.stringify(orderId(n))));
      assert.equal(of('lost').length, 5);
      for (const [problem, numbers] of [
        ['lost', harm.lost],
        ['duplicated', harm.repeated.keys()],
        ['shouldHaveBeenFiltered', harm.leaked],
      ] as const) {
        const known = idsOf(numbers);
        for (const { id } of of(problem)) assert.ok(known.has(id), `${problem} ${id}`);
      }
    }
  });

  it('clean topics: passed, exit 0, and a picture that people can read', async () => {
    await create('clean', 3);
    await create('clean-out', 5);
    await writeSource(brokers.bootstrap, 'clean', 3, 5000);
    await writeSink(brokers.bootstrap, 'clean-out', 5, 5000, {
      lost: new Set(),
      repeated: new Map(),
      invented: 0,
      leaked: new Set(),
    });
    const { code, stdout, stderr } = await flinch('clean', 'clean-out', ...IDENTITY, ...ORDERS);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /source clean: 5000 records, 4500 ids, 3 partitions/);
    assert.match(stdout, /lost +0\n/);
    assert.match(stdout, /passed$/m);
    const wrong = await flinch('clean', 'clean-out', '--identity', 'json:/order/id', ...ORDERS);
    assert.equal(wrong.code, 2, 'an identity that the sink does not have says nothing about losses');
    assert.match(wrong.stdout, /inconclusive: 4500 records of topic clean-out have no identity/);
  });

  it('an open transaction in the sink: inconclusive, and named', async () => {
    await create('held', 1);
    await create('held-out', 1);
    await writeSource(brokers.bootstrap, 'held', 1, 10);
    const producer = kafka.producer({ transactionalId: 'enrich-3-41', idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    const { sinkOrder } = await import('../support/kafka/orders.js');
    await transaction.send({
      topic: 'held-out',
      messages: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ value: sinkOrder(n) })),
    });
    const { code, stdout } = await flinch('held', 'held-out', ...IDENTITY, ...ORDERS);
    assert.equal(code, 2, stdout);
    assert.match(stdout, /open transaction enrich-3-41 from 0:0/);
    assert.match(stdout, /lost +0 to 9\n/);
    await transaction.abort();
    await producer.disconnect();
    const after = await flinch('held', 'held-out', ...IDENTITY, ...ORDERS);
    assert.equal(after.code, 1);
    assert.match(after.stdout, /lost +9\n.*of these not committed +9/);
  });

  for (const [name, args, sentence] of [
    ['no such topic', ['--identity', 'key', '--source', 'nowhere'], /KAFKA_WIRE.*nowhere/],
    ['an identity that is none', ['--identity', 'jsn:/id'], /USAGE: identity "jsn:\/id"/],
    [
      'a filter without subset',
      ['--identity', 'key', '--filter', '{json: /a, exists: true}'],
      /USAGE.*subset and --filter go together/,
    ],
    ['a memory without a unit', ['--identity', 'key', '--memory', '12'], /USAGE: --memory 12/],
  ] as const) {
    it(`${name}: one sentence`, async () => {
      const { code, stderr } = await flinch('clean', 'clean-out', '--deadline', '2s', ...args);
      assert.notEqual(code, 0);
      assert.match(stderr, sentence);
    });
  }
});
