import assert from 'node:assert/strict';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import type { ReadBatch } from '../../../src/client/kafka/log/read-log.js';
import { type CannedBroker, type CannedPartition, startCannedBroker } from '../../support/canned-broker.js';
import { logOf, simple } from '../../support/canned-log.js';

describe('kafka log reader, by batches', () => {
  let broker: CannedBroker | undefined;
  let reader: LogReader | undefined;

  afterEach(async () => {
    reader?.close();
    await broker?.stop();
  });

  async function open(log: CannedPartition): Promise<LogReader> {
    broker = await startCannedBroker({ partitions: [log] });
    reader = openLog({ brokers: [broker.address], clientId: 'test', deadlineMs: 10_000, callMs: 5000, pauseMs: 5 });
    return reader;
  }

  it('hands over by batch only what is wanted whole and alike; what is not taken comes record by record', async () => {
    const batch = (baseOffset: number, ...values: string[]) => ({
      baseOffset,
      records: values.map((value) => ({ value })),
    });
    const log = logOf(
      batch(0, 'a', 'b'),
      batch(2, 'c', 'd'),
      batch(4, 'e', 'f'),
      batch(6, 'g', 'h'),
      batch(8, 'i', 'j'),
    );
    log.lastStableOffset = 5;
    log.highWatermark = 9;
    const read = async (isolation: 'read_committed' | 'read_uncommitted', refused?: number) => {
      const found: string[] = [];
      const onBatch = (it: ReadBatch) => {
        if (it.baseOffset === refused) return false;
        found.push(`[${it.baseOffset} ${it.lastOffset} ${it.count} ${it.committed ? 'c' : ''}${it.stable ? 's' : ''}]`);
        return true;
      };
      const from = new Map([[0, 1]]);
      const [outcome] = await reader!.read('t', { isolation, from, onBatch }, ({ offset, committed, stable }) => {
        found.push(`${offset}${committed ? 'c' : ''}${stable ? 's' : ''}`);
      });
      assert.equal(outcome?.error, undefined);
      return found.join(' ');
    };
    await open(log);
    assert.equal(await read('read_uncommitted'), '1cs [2 3 2 cs] 4cs 5 [6 7 2 ] 8');
    assert.equal(await read('read_uncommitted', 2), '1cs 2cs 3cs 4cs 5 [6 7 2 ] 8');
    assert.equal(await read('read_committed'), '1cs [2 3 2 cs] 4cs');
  });

  it('passes on what a callback for batches throws', async () => {
    const onBatch = () => {
      throw new Error('of the callback');
    };
    const opened = await open(simple());
    await assert.rejects(
      opened.read('t', { isolation: 'read_committed', onBatch }, () => {}),
      /of the callback/,
    );
  });
});
