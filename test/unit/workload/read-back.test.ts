import assert from 'node:assert/strict';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import type { KafkaOptions } from '../../../src/client/kafka/protocol/cluster.js';
import { locate, readData, readState } from '../../../src/workload/read-back.js';
import { checkOf, formatRecord } from '../../../src/workload/record/lane-record.js';
import {
  type Call,
  type CannedBroker,
  type CannedOptions,
  type CannedPartition,
  startCannedBroker,
} from '../../support/canned-broker.js';
import { leapingClock } from '../../support/leaping-clock.js';
import { encodeBatch } from '../../support/record-batches.js';

interface Chunk {
  values: (string | null)[];
  producer?: number;
  marker?: 'abort' | 'commit';
}

function logOf(...chunks: Chunk[]): CannedPartition {
  let offset = 0;
  const batches = chunks.map(({ values, producer: producerId = -1, marker }) => {
    const baseOffset = offset;
    offset += marker ? 1 : values.length;
    const transaction = producerId < 0 ? {} : { producerId, transactional: true };
    const control = marker ? { control: marker } : {};
    const records = values.map((value) => ({ value }));
    return {
      baseOffset,
      lastOffset: offset - 1,
      bytes: encodeBatch({ baseOffset, records, timestamp: 9000, ...transaction, ...control }),
    };
  });
  return { batches, lastStableOffset: offset, highWatermark: offset };
}

const run = (lane: number, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => formatRecord(lane, from + i, 5));

describe('read back', () => {
  let broker: CannedBroker;
  let reader: LogReader;
  afterEach(async () => {
    reader.close();
    await broker.stop();
  });
  async function open(
    partitions: CannedPartition[],
    options: Partial<CannedOptions> = {},
    limits: Partial<KafkaOptions> = {},
  ): Promise<LogReader> {
    broker = await startCannedBroker({ partitions, ...options });
    const generous = { deadlineMs: 10_000, callMs: 5000, pauseMs: 5 };
    reader = openLog({ brokers: [broker.address], clientId: 'test', ...generous, ...limits });
    return reader;
  }

  it('gives both views of a topic from one pass', async () => {
    const log = logOf(
      { values: run(0, 1, 3), producer: 5 },
      { values: run(1, 1, 2) },
      { values: [], producer: 5, marker: 'abort' },
      { values: run(0, 1, 5) },
      { values: run(0, 6, 7), producer: 6 },
    );
    log.aborted = [{ producerId: 5, firstOffset: 0, end: 5 }];
    log.lastStableOffset = 11;
    const { committed, uncommitted, times } = await readData(await open([log]), 't');
    assert.deepEqual(committed, {
      topic: 't',
      isolation: 'read_committed',
      complete: true,
      records: 7,
      partitions: [{ partition: 0, from: 0, to: 11, lastStableOffset: 11, highWatermark: 13 }],
      lanes: [
        { lane: 0, seen: [[1, 5]], repeated: [], late: [] },
        { lane: 1, seen: [[1, 2]], repeated: [], late: [] },
      ],
      unreadable: 0,
      altered: 0,
      examples: [],
    });
    assert.equal(uncommitted.records, 12);
    assert.equal(uncommitted.partitions[0]?.to, 13);
    assert.deepEqual(uncommitted.lanes[0], { lane: 0, seen: [[1, 7]], repeated: [[1, 3, 2]] });
    const by = { producerEpoch: 0, partitions: [0], firstTime: 9000 };
    assert.deepEqual(uncommitted.held, [
      {
        ...by,
        producerId: 5,
        state: 'aborted',
        lastTime: 9002,
        lanes: [{ lane: 0, seen: [[1, 3]], repeated: [] }],
      },
      { ...by, producerId: 6, state: 'open', lastTime: 9001, lanes: [{ lane: 0, seen: [[6, 7]], repeated: [] }] },
    ]);
    assert.deepEqual(times.between(0, 2, 3), { firstTime: 5, lastTime: 55 });
  });

  it('tells what lies behind a higher one of its lane, but not in a lane of several partitions', async () => {
    const at = (lane: number, ...sequences: number[]) => sequences.map((it) => formatRecord(lane, it, 5));
    const odd = logOf({ values: [...at(0, 1, 3, 2, 4, 3, 900, 6, 5), ...at(1, 2, 1), ...at(2, 1, 2)] });
    const { committed } = await readData(
      await open([odd, logOf({ values: at(1, 3) })]),
      't',
      new Map([
        [0, 6],
        [1, 3],
        [2, 2],
      ]),
    );
    assert.deepEqual(
      committed.lanes.map(({ lane, late }) => [lane, late]),
      [
        [
          0,
          [
            [2, 2],
            [5, 5],
          ],
        ],
        [1, null],
        [2, []],
      ],
    );
  });

  it('finds repeated, missing, unexpected and unreadable records with their places', async () => {
    const odd = [
      `{"seq":8,"lane":0,"ts":1,"chk":${checkOf(0, 8, 1)}}`,
      formatRecord(0, 4, 1).replace('"seq":4', '"seq":5'),
      'no json',
      '{"lane":0}',
      null,
      '{"lane":0,"seq":-1,"ts":1}',
      `{"lane":0,"seq":99999999999999,"ts":1,"chk":${checkOf(0, 99_999_999_999_999, 1)}}`,
    ];
    const log = logOf({
      values: [...run(0, 1, 3), ...run(0, 2, 2), ...run(0, 2, 2), ...run(0, 5, 6), ...odd, ...run(7, 1, 1)],
    });
    const { committed } = await readData(await open([log]), 't', new Map([[0, 7]]));
    assert.deepEqual(committed.lanes, [
      {
        lane: 0,
        seen: [
          [1, 3],
          [5, 6],
          [8, 8],
        ],
        repeated: [[2, 2, 3]],
        late: [],
      },
      { lane: 7, seen: [[1, 1]], repeated: [], late: [] },
    ]);
    assert.deepEqual([committed.records, committed.unreadable, committed.altered], [15, 5, 1]);
    assert.deepEqual(committed.examples.find(({ altered }) => altered)?.offset, 8);
    assert.deepEqual(
      committed.examples.map(({ lane, sequence, offset, time }) => [lane, sequence, offset, time >= 9000]),
      [
        [0, 2, 3, true],
        [0, 2, 4, true],
        [-1, -1, 9, true],
        [-1, -1, 10, true],
        [-1, -1, 11, true],
        [-1, -1, 12, true],
        [-1, -1, 13, true],
        [0, 5, 8, true],
        [0, 8, 7, true],
        [7, 1, 14, true],
      ],
    );
  });

  it('counts what is repeated more often than a byte holds', async () => {
    const log = logOf({ values: Array.from({ length: 300 }, () => formatRecord(0, 70_000, 1)) });
    const { committed } = await readData(await open([log]), 't');
    const [lane] = committed.lanes;
    assert.deepEqual(lane, { lane: 0, seen: [[70_000, 70_000]], repeated: [[70_000, 70_000, 300]], late: [] });
    assert.equal(committed.examples.length, 20);
  });

  it('is incomplete, with a reason, where a broker does not answer', async () => {
    let hung = false;
    const trouble = ({ api }: Call) => {
      hung ||= api === 1;
      return api === 1 ? 'hang' : undefined;
    };
    const limits = { callMs: 60, clock: leapingClock(() => hung) };
    const fetchDead = await open([logOf({ values: run(0, 1, 3) })], { trouble }, limits);
    const { committed, uncommitted } = await readData(fetchDead, 't');
    assert.deepEqual([committed.complete, uncommitted.complete, committed.records], [false, false, 0]);
    assert.match(committed.reason ?? '', /no progress/);
    broker.options.trouble = () => 'close';
    const state = await readState(fetchDead, 't');
    assert.equal(state.complete, false);
    assert.match(state.reason ?? '', /offsets of topic t/);
  });

  it('has a whole committed view when only the open tail cannot be read', async () => {
    const log = logOf({ values: run(0, 1, 3) }, { values: run(0, 4, 5), producer: 3 });
    log.lastStableOffset = 3;
    log.batches[1]?.bytes.writeInt8(0, 66);
    const { committed, uncommitted } = await readData(await open([log]), 't');
    assert.deepEqual([committed.complete, uncommitted.complete], [true, false]);
    assert.match(uncommitted.reason ?? '', /CRC-32C/);
  });

  it('checks every update of the count job', async () => {
    const update = (lane: number, cnt: number, mx: number) => `{"lane":${lane},"cnt":${cnt},"mx":${mx}}`;
    const values = [
      update(0, 1, 1),
      update(1, 1, 1),
      update(0, 2, 2),
      update(0, 3, 4),
      null,
      update(1, 2, 2),
      update(1, 1, 1),
      'x',
    ];
    const state = await readState(await open([logOf({ values })]), 't');
    assert.deepEqual([state.complete, state.updates, state.wrong], [true, 8, 4]);
    assert.deepEqual(
      state.examples.map(({ lane, offset, problem }) => `${lane}@${offset} ${problem}`),
      [
        '0@3 the max of 3 records should be 3',
        '-1@4 a deletion: the job never deletes',
        '1@6 went backwards: the update before had max 2',
        '-1@7 not an update of lane, cnt and mx',
      ],
    );
    assert.deepEqual(state.lanes, [
      { lane: 0, count: 3, max: 4 },
      { lane: 1, count: 1, max: 1 },
    ]);
  });

  it('does not blame the job for a gap or a late record in its input', async () => {
    const input = logOf({ values: [...run(0, 1, 2), ...run(0, 5, 6), ...run(0, 3, 3)] });
    const opened = await open([input]);
    const { order } = await readData(opened, 't');
    const updates = [
      [1, 1],
      [2, 2],
      [3, 5],
      [4, 6],
      [5, 6],
      [6, 7],
    ];
    broker.options.partitions = [logOf({ values: updates.map(([cnt, mx]) => `{"lane":0,"cnt":${cnt},"mx":${mx}}`) })];
    const state = await readState(opened, 't', order);
    assert.deepEqual(
      state.examples.map(({ problem }) => problem),
      ['counts more records than the input has'],
    );
  });

  it('locates records', async () => {
    const log = logOf({ values: run(0, 1, 4) }, { values: run(1, 1, 4) });
    const wanted = [
      { lane: 1, sequence: 2 },
      { lane: 0, sequence: 4 },
      { lane: 5, sequence: 1 },
    ];
    const places = await locate(await open([log]), 't', wanted);
    assert.deepEqual(
      places.map(({ lane, sequence, offset }) => [lane, sequence, offset]),
      [
        [0, 4, 3],
        [1, 2, 5],
      ],
    );
  });
});
