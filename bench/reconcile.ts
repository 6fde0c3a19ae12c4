import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import kafkajs from 'kafkajs';
import { formatRecord } from '../src/workload/record/lane-record.js';
import { startBrokers, type TestBrokers } from '../test/support/kafka/brokers.js';
import { fill } from '../test/support/kafka/fill.js';

/**
 * How fast a topic is reconciled, side by side in one run with Kafka's own consumer performance tool and kafkajs on
 * the same broker and topic: docs/benchmarks.md.
 * `npm run bench:reconcile -- --records 10000000 --sizes 100,1000 --codecs none,zstd --rounds 2 --peers java,kafkajs`.
 */
const option = (name: string, usual: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : (process.argv[at + 1] ?? usual);
};
const RECORDS = Number(option('records', '10000000'));
const SIZES = option('sizes', '100,1000').split(',').map(Number);
const CODECS = option('codecs', 'none,gzip,snappy,lz4,zstd').split(',');
const ROUNDS = Number(option('rounds', '2'));
const PEERS = new Set(option('peers', 'java,kafkajs').split(','));
/** kafkajs needs a minute for what the others read in seconds. */
const KAFKAJS_RECORDS = Math.min(RECORDS, 1_000_000);
const [PARTITIONS, LANES] = [4, 8];
const OURS = fileURLToPath(new URL('./read-lanes.mjs', import.meta.url));

/** Records a second, bytes, and CPU nanoseconds of a record: `Cpu`. NaN for what was not asked for. */
interface Rates {
  flinch: number;
  flinchCpu: number;
  rss: number;
  java: number;
  javaWithoutJoin: number;
  javaCpu: number;
  kafkajs: number;
  kafkajsCpu: number;
}

/** A process of its own, so that its memory can be told; compiled, as users have it. */
function ours(brokers: TestBrokers, topic: string): Pick<Rates, 'flinch' | 'flinchCpu' | 'rss'> {
  const out = execFileSync(process.execPath, [
    OURS,
    brokers.bootstrap.join(','),
    topic,
    String(RECORDS),
    String(LANES),
  ]);
  const { rate, cpu, rss } = JSON.parse(out.toString()) as { rate: number; cpu: number; rss: number };
  return { flinch: rate, flinchCpu: cpu, rss };
}

/** CPU nanoseconds of all child processes that have ended: fields 16 and 17 of proc(5), in ticks of 10 ms. */
function cpuOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 1e7;
}

async function java(brokers: TestBrokers, topic: string): Promise<Pick<Rates, 'java' | 'javaWithoutJoin' | 'javaCpu'>> {
  if (!PEERS.has('java')) return { java: Number.NaN, javaWithoutJoin: Number.NaN, javaCpu: Number.NaN };
  const spent = cpuOfChildren();
  const out = await brokers.java(
    'org.apache.kafka.tools.ConsumerPerformance',
    [
      ...['--bootstrap-server', brokers.bootstrap.join(','), '--topic', topic, '--messages', String(RECORDS)],
      ...['--timeout', '60000', '--group', `perf-${Date.now()}`],
    ],
    { ms: 600_000, c2: true },
  );
  const row = out.trim().split('\n').at(-1)?.split(', ') ?? [];
  return { java: Number(row[5]), javaWithoutJoin: Number(row[9]), javaCpu: (cpuOfChildren() - spent) / RECORDS };
}

async function withKafkajs(
  brokers: TestBrokers,
  topic: string,
  codec: string,
): Promise<Pick<Rates, 'kafkajs' | 'kafkajsCpu'>> {
  // It brings no other codec along.
  if (!PEERS.has('kafkajs') || !['none', 'gzip'].includes(codec))
    return { kafkajs: Number.NaN, kafkajsCpu: Number.NaN };
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
  let spent = process.cpuUsage();
  // As of Java's tool: from when it has joined its group. The first batch may already hold all that is asked for.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    began = performance.now();
    spent = process.cpuUsage();
  });
  let late: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    late = setTimeout(() => reject(new Error(`kafkajs read ${seen} records in 10 minutes`)), 600_000);
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          seen += batch.messages.length;
          if (seen >= KAFKAJS_RECORDS) resolve();
        },
      })
      .catch(reject);
  }).finally(() => clearTimeout(late));
  const rate = seen / ((performance.now() - began) / 1000);
  const { user, system } = process.cpuUsage(spent);
  await consumer.disconnect();
  return { kafkajs: rate, kafkajsCpu: ((user + system) * 1000) / seen };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

/** Text to the left, numbers with this many decimals to the right; a number that was not had is a dash. */
const row = (...cells: [value: string | number, width: number, decimals?: number][]): string =>
  `${cells
    .map(([value, width, decimals = 0]) => {
      if (typeof value === 'string') return value.padStart(width);
      return (Number.isFinite(value) ? value.toFixed(decimals) : '-').padStart(width);
    })
    .join('')}\n`;

/** Milliseconds of a fixed piece of work on one core: 1000 or so on an idle machine of the kind in docs/benchmarks.md. */
function busyness(): number {
  // In pieces: the first ones run before the loop is compiled.
  const piece = () => {
    let x = 0;
    for (let i = 0; i < 1e8; i++) x = (x + i) | 0;
    return x;
  };
  for (let i = 0; i < 3; i++) piece();
  const began = performance.now();
  for (let i = 0; i < 10; i++) piece();
  return performance.now() - began;
}

const brokers = await startBrokers({ heapMiB: 1024, c2: true });
try {
  const admin = new kafkajs.Kafka({
    brokers: brokers.bootstrap,
    clientId: 'bench',
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  await admin.connect();
  const about = `${RECORDS} records, ${PARTITIONS} partitions, ${LANES} lanes; M/s: millions of records a second; `;
  process.stdout.write(
    `${about}CPU: ns of a record; median of ${ROUNDS}; a loop of 1e9 takes ${busyness().toFixed(0)} ms\n`,
  );
  process.stdout.write(
    row(
      ...([
        ['size', 5],
        ['codec', 8],
        ['flinch M/s', 12],
        ['CPU', 6],
        ['RSS MB', 8],
      ] as [string, number][]),
      ...([
        ['java M/s', 10],
        ['fetching', 10],
        ['CPU', 6],
        ['kafkajs M/s', 13],
        ['CPU', 7],
      ] as [string, number][]),
      ...([
        ['flinch/java', 13],
        ['CPU', 6],
        ['flinch/kafkajs', 16],
        ['CPU', 7],
      ] as [string, number][]),
    ),
  );
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
      // Not counted: the broker has just been busy writing, and runs its reading side for the first time.
      ours(brokers, topic);
      const rounds: Rates[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        rounds.push({
          ...ours(brokers, topic),
          ...(await java(brokers, topic)),
          ...(await withKafkajs(brokers, topic, codec)),
        });
      }
      const of = (name: keyof Rates) => median(rounds.map((it) => it[name]));
      process.stdout.write(
        row(
          ...([
            [String(size), 5],
            [codec, 8],
          ] as [string, number][]),
          ...([
            [of('flinch') / 1e6, 12, 2],
            [of('flinchCpu'), 6],
            [of('rss') / 1e6, 8],
          ] as [number, number, number?][]),
          ...([
            [of('java') / 1e6, 10, 2],
            [of('javaWithoutJoin') / 1e6, 10, 2],
          ] as [number, number, number][]),
          ...([
            [of('javaCpu'), 6],
            [of('kafkajs') / 1e6, 13, 2],
            [of('kafkajsCpu'), 7],
          ] as [number, number, number?][]),
          [of('flinch') / of('javaWithoutJoin'), 13, 1],
          [of('javaCpu') / of('flinchCpu'), 6, 1],
          [of('flinch') / of('kafkajs'), 16, 1],
          [of('kafkajsCpu') / of('flinchCpu'), 7, 1],
        ),
      );
      await admin.deleteTopics({ topics: [topic] });
    }
  }
  process.stdout.write(`a loop of 1e9 now takes ${busyness().toFixed(0)} ms\n`);
  await admin.disconnect();
} finally {
  await brokers.end();
}
