import assert from 'node:assert/strict';
import { type ClockSkewUndo, clockSkew } from '../../../../src/fault/process/clock-skew.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

const HOUR = 3_600_000;

async function resolved(options: { ahead?: number; behind?: number }, world = handMadeCluster()) {
  const { undo } = await clockSkew.resolve({ node: 'jobmanager.standby', duration: 5000, ...options }, world.context());
  // Its session ends with it, and another one comes with each start.
  let next = 3;
  world.onKill = () => world.contenders.splice(1);
  world.onStart = () => {
    if (world.contenders.length < 2) world.contenders.push(`0x${next++}`);
  };
  // Whoever heals may know nothing but what the ledger holds.
  return { world, undo: JSON.parse(JSON.stringify(undo)) as ClockSkewUndo };
}

describe('clockSkew', () => {
  for (const [options, by, text] of [
    [{ ahead: HOUR }, HOUR, '1h ahead'],
    [{ behind: HOUR / 2 }, -HOUR / 2, '30min behind'],
  ] as const) {
    it(`starts the node with a clock that is ${text}, and again with the right one`, async () => {
      const { world, undo } = await resolved(options);
      const { evidence } = await clockSkew.inject(undo, world.context());
      assert.equal(world.ahead.get('jobmanager-2'), by);
      assert.match(
        evidence.join('; '),
        new RegExp(`the clock of jobmanager-2 is ${text}, by the newest line of its log`),
      );
      assert.match((await clockSkew.confirm?.(undo, world.context()))?.join() ?? '', new RegExp(text));
      const healed = await clockSkew.heal(undo, world.context());
      assert.match(healed.evidence.join('; '), /the clock of jobmanager-2 is right/);
      assert.deepEqual([...world.ahead.values()], [0]);
      const { log } = world;
      const done = [...log];
      await clockSkew.heal(undo, world.context());
      assert.deepEqual(log, done);
    });
  }

  it('is not effective where the clock is right all the same', async () => {
    const { world, undo } = await resolved({ ahead: HOUR });
    const { onStart } = world;
    world.onStart = (node) => {
      onStart(node);
      world.ahead.set(node, 0);
    };
    await assert.rejects(
      clockSkew.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /its clock is right, not 1h ahead/),
    );
    await clockSkew.heal(undo, world.context());
  });

  it('is not confirmed where somebody has set it right', async () => {
    const { world, undo } = await resolved({ ahead: HOUR });
    await clockSkew.inject(undo, world.context());
    world.ahead.set('jobmanager-2', 0);
    await assert.rejects(
      clockSkew.confirm?.(undo, world.context()) ?? Promise.resolve(),
      hasCode('FAULT_NOT_EFFECTIVE', /its clock is right, not 1h ahead/),
    );
  });

  it('leaves a node alone that was never started with another clock', async () => {
    const { world, undo } = await resolved({ ahead: HOUR });
    const { evidence } = await clockSkew.heal(undo, world.context());
    assert.match(evidence.join(), /was never ended/);
    assert.deepEqual(world.log, []);
  });

  it('is not healed while the clock is wrong', async () => {
    const { world, undo } = await resolved({ ahead: HOUR });
    await clockSkew.inject(undo, world.context());
    const { onStart } = world;
    world.onStart = (node) => {
      onStart(node);
      world.ahead.set(node, HOUR);
    };
    await assert.rejects(
      clockSkew.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /its clock is 1h ahead, not right/),
    );
  });
});
