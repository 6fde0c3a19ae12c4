import assert from 'node:assert/strict';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import type { TailLook } from '../../../src/client/kafka/log/tail-log.js';
import type { KafkaOptions } from '../../../src/client/kafka/protocol/cluster.js';
import { FlinchError } from '../../../src/core/error.js';
import { type Call, type CannedBroker, type CannedOptions, startCannedBroker } from '../../support/canned-broker.js';
import { logOf, simple } from '../../support/canned-log.js';
import { leapingClock } from '../../support/leaping-clock.js';

const [FETCH, LIST, METADATA, VERSIONS] = [1, 2, 3, 18];

describe('kafka log reader', () => {
  let broker: CannedBroker | undefined;
  let reader: LogReader | undefined;

  afterEach(async () => {
    reader?.close();
    await broker?.stop();
    broker = reader = undefined;
  });

  async function open(options: Partial<CannedOptions>, limits: Partial<KafkaOptions> = {}): Promise<LogReader> {
    broker = await startCannedBroker({ partitions: [simple()], ...options });
    reader = openLog({
      brokers: [broker.address],
      clientId: 'test',
      deadlineMs: 10_000,
      callMs: 5000,
      pauseMs: 5,
      ...limits,
    });
    return reader;
  }

  async function values(log: LogReader, from?: number) {
    const found: string[] = [];
    const options = {
      isolation: 'read_committed' as const,
      ...(from === undefined ? {} : { from: new Map([[0, from]]) }),
    };
    const [outcome] = await log.read('t', options, (record) => {
      found.push(`${record.offset}:${record.key()}=${record.value()}`);
    });
    return { found: found.join(' '), outcome: outcome! };
  }

  async function failure(promise: Promise<unknown>): Promise<FlinchError> {
    const error = await promise.then(
      () => assert.fail('it should have failed'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof FlinchError, String(error));
    return error;
  }

  it('reads keys, nulls and headers, gaps and empty batches, from any offset', async () => {
    const log = logOf(
      {
        baseOffset: 0,
        records: [
          { key: 'k', value: 'a', headers: 3 },
          { key: null, value: null },
          { key: '', value: '' },
        ],
      },
      { baseOffset: 3, records: [], lastDelta: 4 },
      { baseOffset: 10, records: [{ value: 'x'.repeat(300) }, { value: 'z' }], deltas: [2, 5], lastDelta: 6 },
      { baseOffset: 17, records: [{ value: 'gz', headers: 1 }], codec: 1 },
    );
    const opened = await open({ partitions: [log] });
    assert.equal((await values(opened)).found, `0:k=a 1:null=null 2:= 12:null=${'x'.repeat(300)} 15:null=z 17:null=gz`);
    const { found, outcome } = await values(opened, 13);
    assert.equal(found, '15:null=z 17:null=gz');
    assert.deepEqual([outcome.from, outcome.to, outcome.error], [13, 18, undefined]);
  });

  it('gives the time of creation or, where the topic says so, of the append', async () => {
    const records = [{ value: 'a' }];
    const log = logOf(
      { baseOffset: 0, records, timestamp: 5000 },
      { baseOffset: 1, records, timestamp: 7000, logAppendTime: true },
    );
    const times: number[] = [];
    await (await open({ partitions: [log] })).read('t', { isolation: 'read_committed' }, ({ timestamp }) =>
      times.push(timestamp),
    );
    assert.deepEqual(times, [5000, 7001]);
  });

  it('speaks the oldest and the newest versions it knows', async () => {
    for (const [fetch, list] of [
      [10, 4],
      [11, 5],
    ] as const) {
      const ranges = { [FETCH]: [0, fetch], [LIST]: [0, list], [METADATA]: [0, 7] } as Record<number, [number, number]>;
      const opened = await open({ ranges });
      assert.equal((await values(opened)).found, '0:null=a 1:null=b 2:null=c');
      assert.ok(broker?.calls.some(({ api, version }) => api === FETCH && version === fetch));
      opened.close();
      await broker?.stop();
    }
  });

  it('names a broker whose versions do not overlap', async () => {
    const error = await failure(
      (await open({ ranges: { [METADATA]: [9, 13] } }, { clock: leapingClock() })).partitions('t'),
    );
    assert.equal(error.code, 'KAFKA_WIRE');
    assert.match(error.message, /speaks Metadata 9 to 13, this reader 7 to 7/);
  });

  it('lists the ends of a topic', async () => {
    const log = { ...simple(), logStart: 1, lastStableOffset: 2 };
    const offsets = await (await open({ partitions: [log, simple()] })).offsets('t');
    assert.deepEqual(offsets, [
      { partition: 0, leaderEpoch: 0, earliest: 1, lastStableOffset: 2, highWatermark: 3 },
      { partition: 1, leaderEpoch: 0, earliest: 0, lastStableOffset: 3, highWatermark: 3 },
    ]);
  });

  for (const [name, trouble] of [
    ['hangs', 'hang'],
    ['closes', 'close'],
    ['closes inside an answer', 'cut'],
    ['answers garbage', 'garbage'],
    ['has lost the leadership', { error: 6 }],
  ] as const) {
    it(`goes on when a broker ${name} once`, async () => {
      for (const api of [FETCH, LIST, METADATA]) {
        const opened = await open(
          { trouble: (call, count) => (call.api === api && count === 1 ? trouble : undefined) },
          trouble === 'hang' ? { callMs: 40 } : {},
        );
        const { found, outcome } = await values(opened);
        assert.equal(found, '0:null=a 1:null=b 2:null=c', `api ${api}: ${outcome.error?.message}`);
        opened.close();
        await broker?.stop();
      }
    });
  }

  it('gives up on a broker that never answers, within the deadline', async () => {
    for (const api of [VERSIONS, METADATA, LIST]) {
      const opened = await open(
        { trouble: (call) => (call.api === api ? 'hang' : undefined) },
        { deadlineMs: 30, callMs: 20 },
      );
      const error = await failure(opened.offsets('t'));
      assert.equal(error.code, 'KAFKA_WIRE');
      assert.match(error.message, /127\.0\.0\.1:\d+/);
      opened.close();
      await broker?.stop();
    }
  });

  it('ends a partition that never moves with an error, keeping what was read', async () => {
    // From the second fetch of one connection on: its first was then answered in time.
    let fetched = false;
    let hung = false;
    const trouble = ({ api }: Call) => {
      if (api === VERSIONS) fetched = false;
      if (api !== FETCH) return undefined;
      hung ||= fetched;
      fetched = true;
      return hung ? 'hang' : undefined;
    };
    const opened = await open({ fetchBytes: () => 1, trouble }, { callMs: 60, clock: leapingClock(() => hung) });
    const { found, outcome } = await values(opened);
    assert.equal(found, '0:null=a 1:null=b');
    assert.equal(outcome.to, 2);
    assert.equal(outcome.error?.code, 'KAFKA_WIRE');
    assert.match(outcome.error?.message ?? '', /no progress .* offset 2 of 3/);
  });

  it('stops with an error where the broker has less than it promised', async () => {
    const opened = await open(
      { partitions: [{ ...simple(), lastStableOffset: 5, highWatermark: 5 }] },
      { clock: leapingClock() },
    );
    const { outcome } = await values(opened);
    assert.equal(outcome.to, 3);
    assert.equal(outcome.error?.code, 'KAFKA_WIRE');
  });

  it('finds a damaged batch and reads the other partitions all the same', async () => {
    const damaged = simple();
    damaged.batches[1]!.bytes.writeUInt8(0x41, 66);
    const opened = await open({ partitions: [damaged, simple()] });
    const found: string[] = [];
    const outcomes = await opened.read('t', { isolation: 'read_committed' }, (r) =>
      found.push(`${r.partition}${r.value()}`),
    );
    assert.equal(found.sort().join(' '), '0a 0b 1a 1b 1c');
    assert.match(outcomes[0]?.error?.message ?? '', /CRC-32C.*topic t, partition 0, offset 2/);
    assert.deepEqual([outcomes[0]?.to, outcomes[1]?.to, outcomes[1]?.error], [2, 3, undefined]);
  });

  it('names what it cannot decode: codecs and old message formats', async () => {
    const odd = logOf({ baseOffset: 4, records: [{ value: 'a' }], codec: 5 });
    let outcome = (await values(await open({ partitions: [{ ...odd, logStart: 4 }] }))).outcome;
    assert.equal(outcome.error?.code, 'KAFKA_UNSUPPORTED');
    assert.match(outcome.error?.message ?? '', /codec 5.*topic t, partition 0, offset 4.*none or gzip or snappy/);
    reader?.close();
    await broker?.stop();
    const old = simple();
    old.batches[0]!.bytes.writeInt8(1, 16);
    outcome = (await values(await open({ partitions: [old] }))).outcome;
    assert.equal(outcome.error?.code, 'KAFKA_UNSUPPORTED');
    assert.match(outcome.error?.message ?? '', /message format v1/);
  });

  it('says so when something else answers at the port', async () => {
    const opened = await open(
      { trouble: (call) => (call.api === VERSIONS ? 'garbage' : undefined) },
      { clock: leapingClock() },
    );
    assert.equal((await failure(opened.partitions('t'))).code, 'KAFKA_WIRE');
  });

  it('is ended by its signal', async () => {
    broker = await startCannedBroker({
      partitions: [simple()],
      trouble: ({ api }) => (api === FETCH ? 'hang' : undefined),
    });
    const controller = new AbortController();
    reader = openLog({
      brokers: [broker.address],
      clientId: 'test',
      deadlineMs: 60_000,
      callMs: 60_000,
      signal: controller.signal,
    });
    const reading = reader.read('t', { isolation: 'read_committed' }, () => {});
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await assert.rejects(reading, /enough/);
  });

  it('follows the committed end and reports looks that failed', async () => {
    const log = simple();
    const opened = await open({
      partitions: [log],
      trouble: ({ api }, count) => (api === FETCH && count === 2 ? 'close' : undefined),
    });
    const stop = new AbortController();
    const looks: TailLook[] = [];
    const options = { signal: stop.signal, every: 10, lookMs: 10_000 };
    await opened.tailCommitted('t', options, (look) => {
      looks.push(look);
      const failed = looks.findIndex(({ error }) => error);
      if (failed < 0 || log.highWatermark > 3) {
        if (looks.reduce((sum, { records }) => sum + records, 0) === 5 || looks.length > 100) stop.abort();
        return;
      }
      const more = logOf({ baseOffset: 3, records: [{ value: 'd' }, { value: 'e' }] });
      log.batches.push(...more.batches);
      log.lastStableOffset = log.highWatermark = 5;
    });
    assert.equal(
      looks.reduce((sum, { records }) => sum + records, 0),
      5,
    );
    assert.equal(looks.find(({ error }) => error)?.error?.code, 'KAFKA_WIRE');
    assert.ok(looks.every(({ start, end }) => end >= start));
  });

  it('tells a look that was refused from one that merely failed', async () => {
    const opened = await open(
      { trouble: ({ api }, count) => (api === FETCH && count === 2 ? 'close' : undefined) },
      { pauseMs: 100 },
    );
    const stop = new AbortController();
    const looks: TailLook[] = [];
    await opened.tailCommitted('t', { signal: stop.signal, every: 10, lookMs: 300 }, (look) => {
      looks.push(look);
      const failed = looks.filter(({ error }) => error).length;
      if (failed > 1 || looks.length > 100) stop.abort();
      else if (failed > 0) void broker?.stop();
    });
    assert.deepEqual(
      looks.filter(({ error }) => error).map(({ refused }) => refused),
      [undefined, true],
    );
  });
});
