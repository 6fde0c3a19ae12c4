import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import kafkajs from 'kafkajs';
import { formatRecord } from '../src/workload/record/lane-record.js';
import { startBrokers, type TestBrokers } from '../test/support/kafka/brokers.js';
import { fill } from '../test/support/kafka/fill.js';

/**
 * How fast a topic is reconciled, side by side in one run with Kafka's own consumer performance tool and kafkajs on
 * the same broker and topic. `npm run bench:reconcile -- --records 10000000 --sizes 100,1000 --codecs none,zstd`.
 */
const option = (name: string, usual: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : (process.argv[at + 1] ?? usual);
};
const RECORDS = Number(option('records', '10000000'));
const SIZES = option('sizes', '100,1000').split(',').map(Number);
const CODECS = option('codecs', 'none,gzip,snappy,lz4,zstd').split(',');
const ROUNDS = Number(option('rounds', '2'));
/** kafkajs needs a minute for what the others read in seconds. */
const KAFKAJS_RECORDS = Math.min(RECORDS, 1_000_000);
const [PARTITIONS, LANES] = [4, 8];
const OURS = fileURLToPath(new URL('./read-lanes.ts', import.meta.url));

interface Rates {
  flinch: number;
  java: number;
  javaWithoutJoin: number;
  kafkajs: number;
  rss: number;
}

/** A process of its own, so that its memory can be told. */
function ours(brokers: TestBrokers, topic: string): { rate: number; rss: number } {
  const out = execFileSync(process.execPath, [
    '--import=tsx',
    OURS,
    brokers.bootstrap.join(','),
    topic,
    String(RECORDS),
    String(LANES),
  ]);
  return JSON.parse(out.toString()) as { rate: number; rss: number };
}

async function java(brokers: TestBrokers, topic: string): Promise<[all: number, fetching: number]> {
  const out = await brokers.java(
    'org.apache.kafka.tools.ConsumerPerformance',
    [
      ...['--bootstrap-server', brokers.bootstrap.join(','), '--topic', topic, '--messages', String(RECORDS)],
      ...['--timeout', '60000', '--group', `perf-${Date.now()}`],
    ],
    { ms: 600_000, c2: true },
  );
  const row = out.trim().split('\n').at(-1)?.split(', ') ?? [];
  return [Number(row[5]), Number(row[9])];
}

async function withKafkajs(brokers: TestBrokers, topic: string): Promise<number> {
  const kafka = new kafkajs.Kafka({
    brokers: brokers.bootstrap,
    clientId: 'bench',
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const consumer = kafka.consumer({
    groupId: `bench-${Date.now()}`,
    maxBytesPerPartition: 8 * 1024 * 1024,
    maxBytes: 32 * 1024 * 1024,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let [seen, began] = [0, 0];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          began ||= performance.now();
          seen += batch.messages.length;
          if (seen >= KAFKAJS_RECORDS) resolve();
        },
      })
      .catch(reject);
  });
  const rate = seen / ((performance.now() - began) / 1000);
  await consumer.disconnect();
  return rate;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
const millions = (rate: number): string => (rate / 1e6).toFixed(2);

const brokers = await startBrokers({ heapMiB: 1024, c2: true });
try {
  const admin = new kafkajs.Kafka({
    brokers: brokers.bootstrap,
    clientId: 'bench',
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  await admin.connect();
  process.stdout.write(
    `${RECORDS} records, ${PARTITIONS} partitions, ${LANES} lanes; millions of records a second, median of ${ROUNDS}\n`,
  );
  process.stdout.write('size codec     flinch    java  (fetching)  kafkajs   flinch/java  flinch/kafkajs  RSS MB\n');
  for (const size of SIZES) {
    for (const codec of CODECS) {
      const topic = `bench-${size}-${codec}`;
      const configEntries = [{ name: 'compression.type', value: codec === 'none' ? 'uncompressed' : codec }];
      await admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1, configEntries }],
      });
      const each = RECORDS / LANES;
      await fill(
        { brokers: brokers.bootstrap, topic, partitions: PARTITIONS, batch: Math.max(100, Math.floor(200_000 / size)) },
        (partition, n) => {
          const sequence = 1 + Math.floor((n * PARTITIONS) / LANES);
          return sequence > each
            ? undefined
            : formatRecord(
                partition + PARTITIONS * (n % (LANES / PARTITIONS)),
                sequence,
                1_700_000_000_000 + Math.floor(n / 100),
                size,
              );
        },
      );
      const rounds: Rates[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const { rate, rss } = ours(brokers, topic);
        const [all, fetching] = await java(brokers, topic);
        rounds.push({
          flinch: rate,
          java: all,
          javaWithoutJoin: fetching,
          kafkajs: await withKafkajs(brokers, topic),
          rss,
        });
      }
      const of = (name: keyof Rates) => median(rounds.map((it) => it[name]));
      const cells = [of('flinch'), of('java'), of('javaWithoutJoin'), of('kafkajs')].map((it) =>
        millions(it).padStart(8),
      );
      const ratios = [of('flinch') / of('javaWithoutJoin'), of('flinch') / of('kafkajs')].map((it) =>
        it.toFixed(1).padStart(10),
      );
      process.stdout.write(
        `${String(size).padEnd(5)}${codec.padEnd(8)}${cells.join('')}${ratios.join('')}${(of('rss') / 1e6).toFixed(0).padStart(12)}\n`,
      );
      await admin.deleteTopics({ topics: [topic] });
    }
  }
  await admin.disconnect();
} finally {
  await brokers.end();
}
