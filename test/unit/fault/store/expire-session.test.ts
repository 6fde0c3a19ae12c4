import assert from 'node:assert/strict';
import { type ExpiryUndo, expireSession } from '../../../../src/fault/store/expire-session.js';
import { type HandMadeCluster, handMadeCluster, leaderOn } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(world: HandMadeCluster = handMadeCluster()) {
  const resolved = await expireSession.resolve({ node: 'jobmanager.leader' }, world.context());
  return { world, resolved, undo: JSON.parse(JSON.stringify(resolved.undo)) as ExpiryUndo };
}

/** The standby leads at once; the one that led contends again a second later. */
function lively(world: HandMadeCluster) {
  world.onExpire = () => {
    world.leader = leaderOn(2);
    world.clock.plan(world.clock.passed() + 1000, () => world.contenders.push('0x3'));
  };
  return world;
}

describe('expireSession', () => {
  it('ends the session that the leader has in the store, and sees it contend in another', async () => {
    const { world, resolved, undo } = await chosen(lively(handMadeCluster()));
    assert.deepEqual(
      resolved.nodes.map(({ node }) => node),
      ['jobmanager-1'],
    );
    assert.match(resolved.evidence.join('; '), /its session in the store is 0x1$/);
    const { evidence } = await expireSession.inject(undo, world.context());
    assert.deepEqual(world.log, ['expire 0x1']);
    assert.deepEqual(evidence, [
      'session 0x1 of jobmanager-1 is over: none of 1 contenders is in it',
      "the leader's record is that of session 0x2",
    ]);
    assert.match((await expireSession.confirm?.(undo, world.context()))?.join() ?? '', /from session-1 to session-2$/);
    const healed = await expireSession.heal(undo, world.context());
    assert.deepEqual(healed.evidence, ['2 contenders for leadership, among them the new session 0x3']);
    assert.deepEqual(await expireSession.heal(undo, world.context()).then((it) => it.evidence), healed.evidence);
  });

  it('starts a JobManager that has ended of it', async () => {
    const { world, undo } = await chosen();
    world.onExpire = () => world.end('jobmanager-1');
    world.onStart = () => void world.contenders.push('0x4');
    await expireSession.inject(undo, world.context());
    const { evidence } = await expireSession.heal(undo, world.context());
    assert.match(evidence.join('; '), /ended; jobmanager-1 runs as process \d+; 2 contenders .* new session 0x4$/);
  });

  it('has nothing to heal where it never came about', async () => {
    const { world, undo } = await chosen();
    const { evidence } = await expireSession.heal(undo, world.context());
    assert.deepEqual(evidence, ['session 0x1 of jobmanager-1 was never ended']);
    assert.deepEqual(world.log, []);
  });

  it('is not healed while it contends no more', async () => {
    const { world, undo } = await chosen();
    await expireSession.inject(undo, world.context());
    await assert.rejects(
      expireSession.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /does not contend for leadership in a new session.*start jobmanager-1 again/),
    );
  });

  it('is not effective while the store still has the record of that session, or its place in line', async () => {
    for (const keep of ['place', 'record'] as const) {
      const { world, undo } = await chosen();
      world.onExpire = () => {
        if (keep === 'place') world.contenders.push('0x1');
        else world.leader = leaderOn(1);
      };
      await assert.rejects(
        expireSession.inject(undo, world.context()),
        hasCode('FAULT_NOT_EFFECTIVE', /0x1 was ended, and the store still has what it owned/),
      );
    }
  });

  it('befalls nobody when another one leads by now', async () => {
    const { world, undo } = await chosen();
    world.leader = leaderOn(2);
    await assert.rejects(
      expireSession.inject(undo, world.context()),
      hasCode('FAULT_INJECT', /changed between choosing and ending its session/),
    );
    assert.deepEqual(world.log, []);
  });
});
