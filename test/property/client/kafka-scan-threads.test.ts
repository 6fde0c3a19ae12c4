import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openLog } from '../../../src/client/kafka/log/log-reader.js';
import type { PartitionOutcome, ReadOptions } from '../../../src/client/kafka/log/read-log.js';
import { systemClock } from '../../../src/core/clock.js';
import { ownModule } from '../../../src/core/own-module.js';
import { formatRecord } from '../../../src/workload/record/lane-record.js';
import { DataReading } from '../../../src/workload/tally/data-reading.js';
import { type CannedOptions, type CannedPartition, startCannedBroker } from '../../support/canned-broker.js';
import { logOf } from '../../support/canned-log.js';

const BATCHES = 30;
const EACH = 20;
const GZIP = 1;
/** The API's key. */
const FETCH = 1;
/** So that threads are ready long before the log ends. */
const ANSWER = 4000;
const SCANNER = ownModule('../../../src/workload/record/lane-scan', import.meta.url).url;

/** Two lanes that go on, with a record that is no such text, a null and a repeat now and then. */
function lanes(): CannedPartition {
  const batches = Array.from({ length: BATCHES }, (_, batch) => ({
    baseOffset: batch * EACH,
    codec: batch % 4 === 1 ? GZIP : 0,
    records: Array.from({ length: EACH }, (_, i) => {
      const n = batch * EACH + i;
      if (n % 397 === 5) return { value: n % 2 ? 'no record' : null };
      return { value: formatRecord(n % 2, (n >> 1) - (n % 501 === 7 ? 3 : 0), 1_763_725_899_000 + n, 100) };
    }),
  }));
  return logOf(...batches);
}
const LOG = lanes();

describe('batches looked at in other threads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flinch-'));
  after(() => rmSync(folder, { recursive: true }));

  /** Reads the log, slowly until the first batch comes that was looked at. */
  async function read(
    log: CannedPartition,
    options: Partial<ReadOptions> & { wait?: (scanned: number) => boolean; trouble?: CannedOptions['trouble'] },
  ) {
    const { wait = () => false, trouble, ...rest } = options;
    const broker = await startCannedBroker({
      partitions: [log],
      fetchBytes: () => ANSWER,
      ...(trouble ? { trouble } : {}),
    });
    const reader = openLog({ brokers: [broker.address], clientId: 'test', deadlineMs: 20_000, pauseMs: 5 });
    const reading = new DataReading();
    let [scanned, whole] = [0, 0];
    try {
      const [outcome] = await reader.read(
        't',
        {
          isolation: 'read_uncommitted',
          pressure: () => (wait(scanned) ? systemClock.sleep(100) : undefined),
          onBatch: (batch) => {
            if (batch.words) scanned++;
            whole++;
            return reading.addBatch(batch);
          },
          ...rest,
        },
        (record) => reading.addRecord(record),
      );
      const { committed } = reading;
      const of = (lane: number) => committed.inOrder(lane);
      const tally = [committed.records, committed.unreadable, committed.unread, of(0), of(1)];
      return { scanned, whole, outcome: outcome as PartitionOutcome, tally };
    } finally {
      reader.close();
      await broker.stop();
    }
  }

  let plainly: Awaited<ReturnType<typeof read>>;
  before(async () => {
    plainly = await read(LOG, {});
  });

  it('come to the same', async () => {
    const threads = await read(LOG, { scanner: SCANNER, scanFrom: 0, wait: (scanned) => scanned === 0 });
    assert.equal(plainly.scanned, 0);
    assert.ok(threads.scanned > BATCHES / 4, `${threads.scanned} of ${threads.whole}`);
    assert.equal(threads.outcome.error, undefined);
    assert.deepEqual(threads.tally, plainly.tally);
    assert.equal(threads.outcome.to, BATCHES * EACH);
  });

  it('and a broker that closes after each answer: what came before is not fetched again and again', async () => {
    const trouble: CannedOptions['trouble'] = ({ api }, count) =>
      api === FETCH && count % 2 === 0 ? 'close' : undefined;
    const { outcome, tally } = await read(LOG, { scanner: SCANNER, scanFrom: 0, trouble });
    assert.deepEqual([outcome.error, outcome.to], [undefined, BATCHES * EACH]);
    assert.deepEqual(tally, plainly.tally);
  });

  for (const [what, spoil, code] of [
    ['a damaged one', (bytes: Buffer) => (bytes[100]! ^= 1), /is damaged: its CRC-32C/],
    ['an old format', (bytes: Buffer) => (bytes[16] = 1), /message format v1/],
  ] as const) {
    it(`and ${what} among them: all before it are handed over, and it is named`, async () => {
      const at = BATCHES - 3;
      const batches = LOG.batches.map((batch) => ({ ...batch }));
      const bytes = Buffer.from(batches[at]!.bytes);
      spoil(bytes);
      batches[at]!.bytes = bytes;
      const log = { ...LOG, batches };
      const plain = await read(log, {});
      const threads = await read(log, { scanner: SCANNER, scanFrom: 0, wait: (scanned) => scanned === 0 });
      assert.ok(threads.scanned > 0);
      assert.match(threads.outcome.error?.message ?? '', code);
      assert.match(threads.outcome.error?.message ?? '', new RegExp(`offset ${at * EACH} `));
      assert.deepEqual([threads.outcome.to, threads.tally], [plain.outcome.to, plain.tally]);
    });
  }

  for (const [what, text] of [
    ['cannot be loaded', 'throw new Error("no")'],
    ['end the first time they are asked', 'export const scan = () => process.exit(3)'],
    ['throw', 'export const scan = () => { throw new Error("no"); }'],
  ]) {
    it(`by threads that ${what}: nothing is lost`, async () => {
      const file = join(folder, `${what?.replaceAll(' ', '-')}.mjs`);
      writeFileSync(file, text as string);
      const began = performance.now();
      const wait = () => performance.now() - began < 200;
      const options = { scanner: pathToFileURL(file), scanFrom: 0, wait };
      const { outcome, tally, scanned } = await read(LOG, options);
      assert.equal(scanned, 0);
      assert.deepEqual([outcome.error, outcome.to], [undefined, BATCHES * EACH]);
      assert.deepEqual(tally, plainly.tally);
    });
  }
});
