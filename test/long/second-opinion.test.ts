import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import type { PartitionCount } from '../../src/client/kafka/log/count-log.js';
import type { GroupOffset } from '../../src/client/kafka/log/group-offsets.js';
import { type LogReader, openLog } from '../../src/client/kafka/log/log-reader.js';
import { startBrokers, type TestBrokers } from '../support/kafka/brokers.js';
import { openTroupe, type Played } from '../support/kafka/transaction-play.js';

const TOPICS = 210;
const PARTITIONS = 2;
const OPTIONS = { clientId: 'test', deadlineMs: 20_000 };

interface Seen {
  partition: number;
  offset: number;
  value: string;
  committed: boolean;
}

/** What must be seen of a topic, from what its writers know alone. */
function naive({ written, fates }: Played, seen: readonly Seen[]): { value: string; committed: boolean }[] {
  const fateOf = new Map(written.map(({ value, transaction }) => [value, fates.get(transaction) ?? 'unknown']));
  return seen.map(({ partition, offset, value }) => {
    const firstOpen = seen.find((it) => it.partition === partition && fateOf.get(it.value) === 'open');
    const fate = fateOf.get(value) ?? 'unacknowledged';
    const ended = fate === 'committed' || fate === 'plain';
    return { value, committed: ended && offset < (firstOpen?.offset ?? Number.POSITIVE_INFINITY) };
  });
}

/** Commits for several groups, so that several brokers coordinate them, and asks for it. */
async function groupsOf(kafka: kafkajs.Kafka, reader: LogReader, topic: string) {
  const admin = kafka.admin();
  await admin.connect();
  for (let i = 0; i < 6; i++) {
    await admin.setOffsets({ groupId: `g${i}`, topic, partitions: [{ partition: 1, offset: String(i) }] });
  }
  await admin.disconnect();
  return Promise.all([0, 1, 2, 3, 4, 5].map((i) => reader.groupOffsets(`g${i}`, topic)));
}

describe('hundreds of topics of overlapping transactions, written while brokers are killed', () => {
  let brokers: TestBrokers;
  const plays: Played[] = [];
  const views = new Map<string, Seen[]>();
  const counts = new Map<string, PartitionCount[]>();
  let groups: GroupOffset[][] = [];

  before(async () => {
    brokers = await startBrokers({
      count: 3,
      config: { 'min.insync.replicas': '2', 'transaction.state.log.min.isr': '2' },
    });
    const kafka = new kafkajs.Kafka({
      brokers: brokers.bootstrap,
      clientId: 'test',
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 40, initialRetryTime: 100, maxRetryTime: 500 },
    });
    const admin = kafka.admin();
    await admin.connect();
    const names = Array.from({ length: TOPICS }, (_, i) => `seeded-${i}`);
    await admin.createTopics({
      waitForLeaders: false,
      timeout: 60_000,
      topics: names.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 3 })),
    });
    await admin.disconnect();
    // Two troupes at once, and a broker that goes and comes back in the middle of each third of the topics.
    const troupes = await Promise.all(['flink-a', 'flink-b'].map((name) => openTroupe(kafka, name, 3)));
    let done = 0;
    const killings: Promise<void>[] = [];
    const perform = async (index: number) => {
      for (let i = index; i < TOPICS; i += troupes.length) {
        plays.push(await (troupes[index] as (typeof troupes)[number]).play(names[i] as string, PARTITIONS, i));
        done++;
        if (done % (TOPICS / 3) === TOPICS / 6) {
          const victim = Math.floor(done / (TOPICS / 3));
          killings.push(brokers.kill(victim).then(() => brokers.start(victim)));
        }
      }
    };
    await Promise.all(troupes.map((_, index) => perform(index)));
    await Promise.all(killings);
    const reader = openLog({ ...OPTIONS, brokers: brokers.bootstrap });
    for (const { topic } of plays) {
      const seen: Seen[] = [];
      const outcomes = await reader.read(topic, { isolation: 'read_uncommitted' }, (record) =>
        seen.push({
          partition: record.partition,
          offset: record.offset,
          value: String(record.value()),
          committed: record.committed,
        }),
      );
      assert.deepEqual(
        outcomes.map(({ error }) => error),
        outcomes.map(() => undefined),
        topic,
      );
      views.set(topic, seen);
      counts.set(topic, await reader.count(topic));
    }
    groups = await groupsOf(kafka, reader, 'seeded-0');
    reader.close();
    await Promise.all(troupes.map((troupe) => troupe.end()));
  });
  after(() => brokers?.end());

  it('the histories hold everything that is hard', () => {
    const fates = plays.flatMap((played) => [...played.fates.values()]);
    const count = (fate: string) => fates.filter((it) => it === fate).length;
    assert.equal(plays.length, TOPICS);
    for (const [fate, least] of [
      ['committed', 200],
      ['aborted', 200],
      ['open', 40],
      ['plain', 200],
    ] as const)
      assert.ok(count(fate) >= least, `${count(fate)} ${fate}`);
  });

  it('the reader agrees with what the writers know, on every record', () => {
    let records = 0;
    for (const played of plays) {
      const seen = views.get(played.topic) as Seen[];
      const unknown = new Set(
        played.written.filter((it) => played.fates.get(it.transaction) === 'unknown').map((it) => it.value),
      );
      const sure = seen.filter(({ value }) => !unknown.has(value));
      assert.deepEqual(
        sure.map(({ value, committed }) => ({ value, committed })),
        naive(played, sure),
        played.topic,
      );
      // The log holds every acknowledged record; one that a writer sent again is its own affair.
      const values = new Set(seen.map(({ value }) => value));
      for (const { value } of played.written) assert.ok(values.has(value), `${value} of ${played.topic}`);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const offsets = seen.filter((it) => it.partition === partition).map(({ offset }) => offset);
        assert.ok(
          offsets.every((offset, i) => i === 0 || offset > (offsets[i - 1] as number)),
          played.topic,
        );
      }
      records += seen.length;
    }
    assert.ok(records > 3000, String(records));
  });

  it('the headers of the batches alone give the same numbers', () => {
    let [aborted, undecided] = [0, 0];
    for (const [topic, seen] of views) {
      for (const count of counts.get(topic) ?? []) {
        const mine = seen.filter(({ partition }) => partition === count.partition);
        const below = mine.filter(({ offset }) => offset < count.lastStableOffset);
        const committed = below.filter((record) => record.committed).length;
        assert.equal(count.error, undefined);
        assert.deepEqual(
          [count.committed, count.aborted, count.undecided, count.control],
          [committed, below.length - committed, mine.length - below.length, count.highWatermark - mine.length],
          `${topic}-${count.partition}`,
        );
        aborted += count.aborted;
        undecided += count.undecided;
      }
    }
    assert.ok(aborted > 200 && undecided > 40, `${aborted} aborted, ${undecided} undecided`);
  });

  it('what groups have committed is told by whichever broker coordinates them', () => {
    assert.deepEqual(
      groups,
      [0, 1, 2, 3, 4, 5].map((offset) => [{ partition: 0 }, { partition: 1, offset }]),
    );
  });

  it("the Java client's own consumer agrees, on every committed record", async () => {
    const ours = [...views].flatMap(([topic, seen]) =>
      seen
        .filter(({ committed }) => committed)
        .map(({ partition, offset, value }) => `${topic}:${partition}:${offset}:${value}`),
    );
    let theirs = await readByJava(8_000);
    // On a busy machine it may not even have joined its group by then.
    if (theirs.length < ours.length) theirs = await readByJava(60_000);
    assert.equal(ours.length, theirs.length);
    assert.deepEqual(ours.sort(), theirs.sort());
  });

  /** Ends when no record has come for so many milliseconds. */
  async function readByJava(patience: number): Promise<string[]> {
    const out = await brokers.java('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...[
        '--bootstrap-server',
        brokers.bootstrap.join(','),
        '--include',
        'seeded-.*',
        '--isolation-level',
        'read_committed',
      ],
      ...['--from-beginning', '--timeout-ms', String(patience), '--consumer-property', 'fetch.min.bytes=1'],
      ...['--property', 'print.partition=true', '--property', 'print.offset=true'],
    ]);
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [, partition, offset, value] = /^Partition:(\d+)\tOffset:(\d+)\t(.*)$/.exec(line) ?? [];
        return `${value?.split(' ')[0]}:${partition}:${offset}:${value}`;
      });
  }
});
