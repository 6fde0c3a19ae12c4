import assert from 'node:assert/strict';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { openLog } from '../../src/client/kafka/log/log-reader.js';
import type { PartitionOutcome, ReadOptions } from '../../src/client/kafka/log/read-log.js';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { START_MS, startBrokers, type TestBrokers } from '../support/kafka/brokers.js';

const LINES = 2000;
const POLL = { every: 100, within: 60_000, clock: systemClock, signal: new AbortController().signal };

describe('reading a real log', () => {
  let brokers: TestBrokers;
  let kafka: Kafka;

  before(async () => {
    brokers = await startBrokers({ count: 3, config: { 'unclean.leader.election.enable': 'true' } });
    kafka = new kafkajs.Kafka({
      brokers: brokers.bootstrap,
      clientId: 'test',
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 40, initialRetryTime: 100, maxRetryTime: 500 },
    });
  });
  after(() => brokers?.end());

  // One each time: it asks for every topic that it remembers, and fails where a broker does not know one of them yet.
  const asAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  };

  const open = (deadlineMs = 30_000) => openLog({ brokers: brokers.bootstrap, clientId: 'test', deadlineMs });
  const create = (topic: string, on: number[], config: Record<string, string> = {}) =>
    asAdmin((admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic,
            replicaAssignment: [{ partition: 0, replicas: on }],
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      }),
    );
  const write = async (topic: string, from: number, to: number, acks = -1) => {
    const producer = kafka.producer();
    await producer.connect();
    for (let at = from; at < to; at += 100) {
      const messages = Array.from({ length: 100 }, (_, i) => ({ partition: 0, value: `${topic} ${at + i}` }));
      await producer.send({ topic, messages, acks });
    }
    await producer.disconnect();
  };
  const leaderOf = async (topic: string) =>
    (await asAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))).topics[0]?.partitions[0]?.leader ?? -1;
  async function read(
    topic: string,
    options: Partial<ReadOptions> & { deadlineMs?: number; onRecord?: (count: number) => void } = {},
  ) {
    const { deadlineMs, onRecord, ...rest } = options;
    const reader = open(deadlineMs);
    const values: string[] = [];
    try {
      const [outcome] = await reader.read(topic, { isolation: 'read_committed', ...rest }, (record) => {
        values.push(String(record.value()));
        onRecord?.(values.length);
      });
      return { values, outcome: outcome as PartitionOutcome };
    } finally {
      reader.close();
    }
  }

  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    it(`written by the Java client with ${codec}`, async () => {
      const topic = `codec-${codec}`;
      await create(topic, [1]);
      const lines = Array.from(
        { length: LINES },
        (_, i) => `{"lane":${i % 8},"seq":${i},"pad":"${'x'.repeat(i % 300)}"}`,
      );
      await brokers.java(
        'kafka.tools.ConsoleProducer',
        ['--bootstrap-server', brokers.bootstrap.join(','), '--topic', topic, '--compression-codec', codec],
        { input: `${lines.join('\n')}\n` },
      );
      const { values, outcome } = await read(topic);
      assert.equal(outcome.error, undefined);
      assert.deepEqual(values, lines);
    });
  }

  it('whose leader is killed meanwhile: every record once, in order', async () => {
    const topic = 'leader-killed';
    await create(topic, [2, 3]);
    await write(topic, 0, LINES);
    assert.equal(await leaderOf(topic), 2);
    let killed: Promise<void> | undefined;
    const { values, outcome } = await read(topic, {
      fetchBytes: 4096,
      onRecord: (count) => {
        if (count === 500) killed = brokers.kill(1);
      },
    });
    await killed;
    assert.equal(outcome.error, undefined);
    assert.deepEqual(
      values,
      Array.from({ length: LINES }, (_, i) => `${topic} ${i}`),
    );
    await brokers.start(1);
  });

  it('whose only broker is restarted meanwhile: waits for it', async () => {
    const topic = 'broker-restarted';
    await create(topic, [2]);
    await write(topic, 0, LINES);
    let restarted: Promise<void> | undefined;
    const { values, outcome } = await read(topic, {
      fetchBytes: 4096,
      // As long as a broker may take to start, on a machine that is busy with other clusters.
      deadlineMs: START_MS,
      onRecord: (count) => {
        if (count === 500) restarted = brokers.kill(1).then(() => brokers.start(1));
      },
    });
    await restarted;
    assert.equal(outcome.error, undefined);
    assert.equal(new Set(values).size, LINES);
    assert.equal(values.length, LINES);
  });

  it('whose records are deleted under the reader: says which, and is not complete', async () => {
    const topic = 'deleted-under';
    await create(topic, [1]);
    await write(topic, 0, LINES);
    const bounds = await withReader((reader) => reader.offsets(topic));
    const partitions = [{ partition: 0, offset: '700' }];
    const erase = async (admin: Admin) => {
      // kafkajs asks the leader that it remembers.
      await admin.fetchTopicMetadata({ topics: [topic] });
      await admin.deleteTopicRecords({ topic, partitions });
      return true;
    };
    await pollUntil('the deletion', () => asAdmin(erase), POLL);
    const { values, outcome } = await read(topic, { bounds } as never);
    assert.deepEqual(values, []);
    assert.equal(outcome.error?.code, 'KAFKA_LOG_CHANGED');
    assert.match(outcome.error?.message ?? '', /deleted before they were read.*begins at offset 700/);
  });

  it('that was deleted and made anew: is not taken for the old one', async () => {
    const topic = 'made-anew';
    await create(topic, [2, 3]);
    await write(topic, 0, 200);
    await brokers.kill(1);
    await pollUntil('another leader', async () => ((await leaderOf(topic)) === 3 ? true : undefined), POLL);
    const bounds = await withReader((reader) => reader.offsets(topic));
    assert.ok((bounds[0]?.leaderEpoch ?? 0) > 0);
    await brokers.start(1);
    await asAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    await pollUntil(
      'the end of the topic',
      async () => ((await asAdmin((admin) => admin.listTopics())).includes(topic) ? undefined : true),
      POLL,
    );
    await create(topic, [3]);
    await write(topic, 1000, 1200);
    const { outcome } = await read(topic, { bounds } as never);
    assert.equal(outcome.error?.code, 'KAFKA_LOG_CHANGED');
    assert.match(outcome.error?.message ?? '', /deleted and created again/);
  });

  it('that an unclean election cut off and others wrote on: found, though every offset can be read', async () => {
    const topic = 'cut-off';
    await create(topic, [2, 3], { 'min.insync.replicas': '1' });
    await write(topic, 0, 100);
    // The follower misses what comes now, and is the only one left to lead.
    await brokers.kill(2);
    await write(topic, 100, 300);
    const bounds = await withReader((reader) => reader.offsets(topic));
    assert.equal(bounds[0]?.highWatermark, 300);
    await brokers.kill(1);
    await brokers.start(2);
    await pollUntil('an unclean leader', async () => ((await leaderOf(topic)) === 3 ? true : undefined), POLL);
    await write(topic, 5000, 5400);
    const { values, outcome } = await read(topic, { bounds } as never);
    assert.equal(values.length, 300);
    assert.equal(outcome.error?.code, 'KAFKA_LOG_CHANGED');
    assert.match(outcome.error?.message ?? '', /reached to 300.*only offsets below 100.*unclean/);
    await brokers.start(1);
  });

  async function withReader<T>(work: (reader: ReturnType<typeof openLog>) => Promise<T>): Promise<T> {
    const reader = open();
    try {
      return await work(reader);
    } finally {
      reader.close();
    }
  }
});
