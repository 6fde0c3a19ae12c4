import assert from 'node:assert/strict';
import kafkajs, { type Admin, type Producer } from 'kafkajs';
import { type LogReader, openLog } from '../../src/client/kafka/log/log-reader.js';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import type { EventBody, JournalEvent } from '../../src/journal/events.js';
import { judge } from '../../src/judge/judge.js';
import { readData } from '../../src/workload/read-back.js';
import { journalOf, leaderKill, without } from '../support/journal-builder.js';
import { atMost } from '../support/journal-stories.js';
import { startBrokers, type TestBrokers } from '../support/kafka/brokers.js';
import { fill } from '../support/kafka/fill.js';
import { PARTITIONS, sinkOf, type Written, written } from '../support/kafka/planted.js';
import { random } from '../support/kafka/random.js';

const CASES = 200;
const AT_ONCE = 8;
/** Inputs are shared: what matters lies in the outputs. */
const INPUTS = 8;
const NAMES = ['lost', 'duplicated', 'unexpected', 'reordered'] as const;

const until = (what: string, look: () => Promise<boolean>) =>
  pollUntil(what, async () => (await look()) || undefined, {
    every: 20,
    within: 20_000,
    clock: systemClock,
    signal: new AbortController().signal,
  });
const numbered = (events: JournalEvent[]): JournalEvent[] => events.map((event, seq) => ({ ...event, seq }));

/** A run in which all went well but, perhaps, the data. */
const run = without(
  journalOf(leaderKill({ objectives: NAMES.map((name) => ({ ...atMost(name, 0, 'count'), atLeast: 0 })) })),
  'data.produced',
  'data.read',
);
/** Where the reads of a run belong. */
const at = run.length - 1;
const { seq, mono, wall } = run[at] as JournalEvent;
const stamp = { seq, mono, wall };

describe('defects planted into the output of a job', () => {
  let brokers: TestBrokers;
  let admin: Admin;
  let aborting: Producer[];
  let reader: LogReader;
  const inputs: { source: Written; event: EventBody }[] = [];

  before(async () => {
    brokers = await startBrokers({ heapMiB: 512 });
    const kafka = new kafkajs.Kafka({
      brokers: brokers.bootstrap,
      clientId: 'test',
      logLevel: kafkajs.logLevel.NOTHING,
    });
    admin = kafka.admin();
    await admin.connect();
    const names = ['planted', 'sound'].flatMap((kind) => Array.from({ length: CASES }, (_, i) => `${kind}-${i}`));
    for (const part of [names.slice(0, CASES), names.slice(CASES), inputTopics()]) {
      await admin.createTopics({
        waitForLeaders: false,
        timeout: 60_000,
        topics: part.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 })),
      });
    }
    aborting = Array.from({ length: AT_ONCE }, (_, i) =>
      kafka.producer({ transactionalId: `replayed-${i}`, idempotent: true, maxInFlightRequests: 1 }),
    );
    await Promise.all(aborting.map((producer) => producer.connect()));
    reader = openLog({ brokers: brokers.bootstrap, clientId: 'test', deadlineMs: 20_000 });
    for (const [i, topic] of inputTopics().entries()) {
      const source = written(random(i));
      await write(topic, source.input);
      const { committed } = await readData(reader, topic, attempted(source));
      inputs.push({ source, event: { type: 'data.read', of: 'input', ...committed } });
    }
  });
  after(async () => {
    reader?.close();
    await Promise.all((aborting ?? []).map((producer) => producer.disconnect()));
    await admin?.disconnect();
    await brokers?.end();
  });

  const inputTopics = () => Array.from({ length: INPUTS }, (_, i) => `input-${i}`);
  const attempted = ({ produced }: Written) => new Map(produced.map((lane) => [lane.lane, lane.attempted]));
  const write = (topic: string, values: string[][]) =>
    fill({ brokers: brokers.bootstrap, topic, partitions: PARTITIONS, batch: 50 }, (p, n) => values[p]?.[n]);

  /** Judges the output of one case, as a run does: it reads the topic and derives all else from the journal. */
  async function judged(topic: string, seed: number, sound: boolean) {
    const producer = aborting[seed % AT_ONCE] as Producer;
    const { source, event } = inputs[seed % INPUTS] as (typeof inputs)[number];
    const dice = random(1000 + seed);
    const { values, expected } = sinkOf(source, dice, sound);
    // What a restart leaves behind in an aborted transaction must not count.
    if (seed % 3 === 0) {
      await reader.offsets(topic); // once its leaders are known
      const transaction = await producer.transaction();
      const partition = dice.upTo(PARTITIONS);
      const messages = source.input[partition]!.slice(0, 20 + dice.upTo(20)).map((value) => ({ value, partition }));
      await transaction.send({ topic, messages });
      await transaction.abort();
    }
    await write(topic, values);
    await until('the marker of the abort', async () =>
      (await reader.offsets(topic)).every(({ lastStableOffset, highWatermark }) => lastStableOffset === highWatermark),
    );
    const { committed, uncommitted } = await readData(reader, topic, attempted(source));
    const events: EventBody[] = [
      { type: 'data.produced', lanes: source.produced },
      event,
      { type: 'data.read', of: 'output', ...committed },
      { type: 'data.read', of: 'output', ...uncommitted },
    ];
    const read = events.map((body): JournalEvent => ({ ...stamp, ...body }));
    return { expected, findings: judge(numbered([...run.slice(0, at), ...read, ...run.slice(at)])) };
  }

  function agrees(topic: string, { expected, findings }: Awaited<ReturnType<typeof judged>>): void {
    const { balance, objectives } = findings;
    assert.ok(balance?.complete, `${topic}: ${balance?.reasons}`);
    const exactly = (n: number) => ({ atLeast: n, atMost: n });
    assert.deepEqual(
      {
        lost: balance.lost,
        duplicated: balance.duplicated,
        unexpected: balance.unexpected,
        reordered: balance.reordered,
        altered: balance.altered,
      },
      {
        lost: exactly(expected.lost.length),
        duplicated: exactly(expected.duplicated.length),
        unexpected: exactly(expected.unexpected),
        reordered: exactly(expected.reordered.length),
        altered: exactly(expected.altered.length),
      },
      topic,
    );
    for (const { name, verdict } of objectives) {
      const count = name === 'unexpected' ? expected.unexpected : expected[name as 'lost'].length;
      assert.equal(verdict, count > 0 ? 'failed' : 'passed', `${topic}: ${name}`);
    }
    const named = (problem: string) =>
      balance.examples
        .filter((it) => it.problem === problem)
        .flatMap(({ lane, sequences: [from, to] = [0, -1] }) =>
          Array.from({ length: to - from + 1 }, (_, i) => `${lane}:${from + i}`),
        );
    for (const problem of ['lost', 'duplicated', 'reordered'] as const) {
      const [found, all] = [named(problem), expected[problem]];
      assert.deepEqual(
        found.filter((it) => !all.includes(it)),
        [],
        `${topic}: ${problem}`,
      );
      // The first examples of many, each of few.
      assert.ok(found.length >= Math.min(5, all.length), `${topic}: ${problem}`);
    }
  }

  /** Every case, some at once. */
  const each = (work: (seed: number) => Promise<void>) =>
    Promise.all(
      aborting.map(async (_, first) => {
        for (let seed = first; seed < CASES; seed += AT_ONCE) await work(seed);
      }),
    );

  it(`${CASES} outputs with planted defects: each found, each named right`, async () => {
    const kinds = new Map<string, number>();
    await each(async (seed) => {
      const topic = `planted-${seed}`;
      const found = await judged(topic, seed, false);
      agrees(topic, found);
      assert.equal(found.findings.verdict, 'failed', topic);
      for (const [kind, list] of Object.entries(found.expected)) {
        if (typeof list === 'number' ? list > 0 : list.length > 0) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    });
    for (const [kind, times] of kinds) assert.ok(times > 30, `${kind}: ${times}`);
    assert.equal(kinds.size, 5);
  });

  it(`${CASES} sound outputs, with what restarts leave behind: no false alarm`, async () => {
    await each(async (seed) => {
      const topic = `sound-${seed}`;
      const found = await judged(topic, seed, true);
      agrees(topic, found);
      assert.equal(found.findings.verdict, 'passed', topic);
    });
  });
});
