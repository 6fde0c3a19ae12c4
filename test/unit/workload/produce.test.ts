import assert from 'node:assert/strict';
import { FlinchError } from '../../../src/core/error.js';
import { LaneLedger, sumCounts } from '../../../src/workload/lane-ledger.js';
import { Pace } from '../../../src/workload/pace.js';
import { startProducer } from '../../../src/workload/producer.js';
import { startCannedBroker } from '../../support/canned-broker.js';

describe('lane ledger', () => {
  it('settles each sequence once, as ranges', () => {
    const lane = new LaneLedger(3);
    const send = (count: number, state: 'acknowledged' | 'failed' | 'unknown') => {
      for (let i = 0; i < count; i++) lane.next();
      lane.settle(state);
    };
    send(3, 'acknowledged');
    send(2, 'acknowledged');
    send(2, 'unknown');
    send(0, 'failed');
    send(1, 'failed');
    send(4, 'acknowledged');
    lane.next();
    assert.deepEqual(lane.produced(), {
      lane: 3,
      attempted: 13,
      acknowledged: [
        [1, 5],
        [9, 12],
      ],
      failed: [[8, 8]],
      unknown: [
        [6, 7],
        [13, 13],
      ],
    });
    assert.deepEqual(sumCounts([lane, new LaneLedger(4)]), {
      attempted: 13,
      acknowledged: 9,
      failed: 1,
      unknown: 2,
      lanes: [
        { lane: 3, attempted: 13, acknowledged: 9, highest: 12 },
        { lane: 4, attempted: 0, acknowledged: 0, highest: 0 },
      ],
    });
  });
});

describe('pace', () => {
  it('keeps the rate, whatever the steps', () => {
    const pace = new Pace(100, 2000, 0);
    let taken = 0;
    for (let now = 7; now <= 7000; now += 7) taken += pace.take(now);
    assert.equal(taken, 700);
  });

  it('takes another rate from one moment on, and what was due stays due', () => {
    const pace = new Pace(100, 2000, 0);
    assert.equal(pace.take(1000), 100);
    pace.setRate(1000, 1005);
    // Half a record was due by then.
    assert.equal(pace.take(1105), 100);
    assert.equal(pace.take(1106), 1);
    pace.setRate(10, 1106);
    assert.equal(pace.take(2106), 10);
    pace.restart(9000);
    assert.equal(pace.take(9100), 1);
  });

  it('makes up for at most its catch-up time', () => {
    const pace = new Pace(100, 2000, 0);
    assert.equal(pace.take(1000), 100);
    assert.equal(pace.take(60_000), 200);
    assert.equal(pace.take(61_000), 100);
  });
});

describe('producer', () => {
  it('fails to start, in time, on a broker that never answers', async () => {
    const broker = await startCannedBroker({ partitions: [], trouble: () => 'hang' });
    try {
      const options = { brokers: [broker.address], clientId: 'test', topic: 't', partitions: 2, lanes: 2, rate: 10 };
      await assert.rejects(startProducer({ ...options, connectMs: 50 }), (error) => {
        assert.ok(error instanceof FlinchError);
        assert.equal(error.code, 'WORKLOAD');
        return true;
      });
    } finally {
      await broker.stop();
    }
  });
});
