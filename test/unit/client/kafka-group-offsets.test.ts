import assert from 'node:assert/strict';
import { findCoordinator } from '../../../src/client/kafka/apis/find-coordinator.js';
import { offsetFetch } from '../../../src/client/kafka/apis/offset-fetch.js';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import { WireWriter } from '../../../src/client/kafka/protocol/wire.js';
import { type CannedBroker, type CannedOptions, startCannedBroker } from '../../support/canned-broker.js';
import { simple } from '../../support/canned-log.js';

const [OFFSETS, COORDINATOR] = [9, 10];
const [LOADING, NOT_COORDINATOR, GROUP_REFUSED] = [14, 16, 30];

describe('kafka group offsets', () => {
  let broker: CannedBroker | undefined;
  let reader: LogReader | undefined;

  afterEach(async () => {
    reader?.close();
    await broker?.stop();
    broker = reader = undefined;
  });

  async function open(options: Partial<CannedOptions> = {}, deadlineMs = 2000): Promise<LogReader> {
    const groups = { g: { 0: 17 } };
    broker = await startCannedBroker({ partitions: [simple(), simple()], groups, ...options });
    reader = openLog({ brokers: [broker.address], clientId: 'test', deadlineMs, pauseMs: 5 });
    return reader;
  }

  it('are asked for as the protocol says', () => {
    const hex = (write: (writer: WireWriter) => void) => {
      const writer = new WireWriter();
      write(writer);
      return writer.done().toString('hex');
    };
    const request = { group: 'g', topic: 't', partitions: [0, 258] };
    const bytes = '000167' + '00000001' + '000174' + '00000002' + '00000000' + '00000102';
    assert.equal(
      hex((w) => offsetFetch.encode(w, 5, request)),
      bytes,
    );
    assert.equal(
      hex((w) => findCoordinator.encode(w, 2, { group: 'ab' })),
      '0002616200',
    );
    assert.equal(
      hex((w) => findCoordinator.encode(w, 2, { transactionalId: 'ab' })),
      '0002616201',
    );
  });

  for (const version of [2, 3, 4, 5]) {
    it(`are had by partition, also where none was committed: version ${version}`, async () => {
      const log = await open({ ranges: { [OFFSETS]: [1, version] } });
      assert.deepEqual(await log.groupOffsets('g', 't'), [{ partition: 0, offset: 17 }, { partition: 1 }]);
      assert.deepEqual(await log.groupOffsets('nobody', 't'), [{ partition: 0 }, { partition: 1 }]);
      assert.equal(broker?.calls.find(({ api }) => api === OFFSETS)?.version, version);
    });
  }

  it('are asked for again while the coordinator loads or moves', async () => {
    const log = await open({
      trouble: ({ api }, count) =>
        (api === COORDINATOR && count === 1 && { error: LOADING }) ||
        (api === OFFSETS && count === 1 && { error: NOT_COORDINATOR }) ||
        undefined,
    });
    assert.equal((await log.groupOffsets('g', 't'))[0]?.offset, 17);
    assert.equal(broker?.calls.filter(({ api }) => api === COORDINATOR).length, 3);
  });

  it('are refused at once, saying what right is missing', async () => {
    const log = await open({ trouble: ({ api }) => (api === OFFSETS ? { error: GROUP_REFUSED } : undefined) });
    await assert.rejects(log.groupOffsets('g', 't'), {
      code: 'KAFKA_WIRE',
      message: /GROUP_AUTHORIZATION_FAILED - group g .* - it needs Describe on the group/,
    });
    assert.equal(broker?.calls.filter(({ api }) => api === OFFSETS).length, 1);
  });

  it('end with their deadline', async () => {
    const log = await open({ trouble: ({ api }) => (api === OFFSETS ? 'hang' : undefined) }, 1000);
    await assert.rejects(log.groupOffsets('g', 't'), { code: 'KAFKA_WIRE', message: /OffsetFetch/ });
  });
});
