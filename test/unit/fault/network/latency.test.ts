import assert from 'node:assert/strict';
import { latency } from '../../../../src/fault/network/latency.js';
import { latencyOptions } from '../../../../src/fault/schema/network.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function resolved(options: object = {}) {
  const world = handMadeCluster();
  world.onCut = ({ id }) => {
    const there = world.cuts.get(id);
    if (there) there.packets = 3;
  };
  const written = { between: 'taskmanager', and: 'broker.all', by: '200ms', duration: '20s', ...options };
  const { undo, selector } = await latency.resolve(latencyOptions.parse(written), world.context());
  return { world, undo, selector };
}

describe('latency', () => {
  it('is proven by packets that were held back and by how long one takes there and back', async () => {
    const { world, undo, selector } = await resolved({ jitter: '50ms' });
    assert.equal(selector, 'taskmanager | broker.all');
    assert.deepEqual((await latency.inject(undo, world.context())).evidence, [
      'packets between taskmanager-2 and broker-1 are 150ms to 250ms late: 3 packets (300 bytes) came late',
      'a packet and its answer take 401ms to 401ms',
    ]);
    assert.equal(latency.hold?.(undo), 20_000);
    assert.match((await latency.confirm?.(undo, world.context()))?.join() ?? '', /late still: .* take 401ms/);
  });

  it('is late once, where only one way is', async () => {
    const { world, undo } = await resolved({ direction: 'back' });
    const { evidence } = await latency.inject(undo, world.context());
    assert.match(evidence.join(), /from broker-1 to taskmanager-2 are 200ms late.* take 201ms/);
  });

  it('is not effective where packets were held and yet come in time', async () => {
    const { world, undo } = await resolved();
    const { cluster, ...context } = world.context();
    const network = cluster.network && { ...cluster.network, roundTrip: async () => 399 };
    await assert.rejects(
      latency.inject(undo, { ...context, cluster: { ...cluster, network } }),
      hasCode('FAULT_NOT_EFFECTIVE', /took 399ms, not one after 400ms or more/),
    );
  });

  it('is not effective where no answer comes at all', async () => {
    const { world, undo } = await resolved();
    const { cluster, ...context } = world.context();
    const network = cluster.network && { ...cluster.network, roundTrip: async () => undefined };
    await assert.rejects(
      latency.inject(undo, { ...context, cluster: { ...cluster, network } }),
      hasCode('FAULT_NOT_EFFECTIVE', /had no answer/),
    );
  });

  it('is healed when packets come in time again, and not before', async () => {
    const { world, undo } = await resolved();
    await latency.inject(undo, world.context());
    const { cluster, ...context } = world.context();
    const slow = cluster.network && { ...cluster.network, roundTrip: async () => 400 };
    await assert.rejects(
      latency.heal(undo, { ...context, cluster: { ...cluster, network: slow } }),
      hasCode('HEAL_FAILED', /still take 400ms or more/),
    );
    const { evidence } = await latency.heal(undo, world.context());
    assert.deepEqual(evidence, ['taskmanager-2 reaches broker-1', 'a packet and its answer take 1ms at most']);
  });
});
