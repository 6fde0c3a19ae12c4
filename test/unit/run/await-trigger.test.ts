import assert from 'node:assert/strict';
import type { Trigger } from '../../../src/core/scenario.js';
import { awaitTrigger } from '../../../src/run/steps/await-trigger.js';
import type { CheckpointRecord } from '../../../src/target/ports.js';
import { leaderOn } from '../../support/hand-made-cluster.js';
import { handMadeRun } from '../../support/hand-made-run.js';

const checkpoint = (id: number, status: CheckpointRecord['status'], acknowledged: number): CheckpointRecord => ({
  id,
  status,
  triggeredAt: 0,
  subtasks: 5,
  acknowledged,
});

function waiting(trigger: Trigger) {
  const run = handMadeRun();
  const { world, clock, recorder } = run;
  world.checkpoints = [checkpoint(7, 'COMPLETED', 5)];
  const at = (ms: number, change: () => void) => clock.plan(clock.passed() + ms, change);
  const seen = () => awaitTrigger(trigger, clock.mono(), recorder, world.context());
  const observed = (session: string) => {
    const leader = { address: 'a', session, owner: '0x1' };
    recorder.emit({ type: 'observed.leader', by: 'poll', start: clock.mono() - 1, end: clock.mono() - 1, leader });
  };
  const lag = (records: number) =>
    recorder.emit({ type: 'observed.output', start: clock.mono(), end: clock.mono(), records: 1, lag: records });
  return { ...run, at, seen, observed, lag };
}

describe('what a fault waits for', () => {
  it('is a checkpoint that was triggered', async () => {
    const { world, at, seen, clock } = waiting({ on: 'checkpoint triggered' });
    at(3000, () => world.checkpoints.unshift(checkpoint(8, 'IN_PROGRESS', 1)));
    const begun = clock.mono();
    const { on, after, by, evidence } = await seen();
    assert.deepEqual(
      [on, evidence],
      ['checkpoint triggered', ['checkpoint 8 in progress, acknowledged by 1 of 5 subtasks']],
    );
    assert.ok(after - begun <= 3000 && by - begun >= 3000 && by - after <= 200, `${after - begun} ${by - begun}`);
  });

  it('is a checkpoint that some subtasks have acknowledged and others have not', async () => {
    const { world, at, seen, clock } = waiting({ on: 'between pre-commit and commit' });
    at(1000, () => world.checkpoints.unshift(checkpoint(8, 'IN_PROGRESS', 0)));
    at(3000, () => {
      world.checkpoints[0] = checkpoint(8, 'IN_PROGRESS', 2);
    });
    const begun = clock.mono();
    assert.deepEqual((await seen()).evidence, ['checkpoint 8 in progress, acknowledged by 2 of 5 subtasks']);
    assert.ok(clock.mono() - begun >= 3000);
  });

  it('is a checkpoint that completes from then on, not one that had completed', async () => {
    const { world, at, seen, clock } = waiting({ on: 'checkpoint completed' });
    at(1000, () => world.checkpoints.unshift(checkpoint(8, 'IN_PROGRESS', 2)));
    at(2000, () => {
      world.checkpoints[0] = checkpoint(8, 'FAILED', 2);
    });
    at(4000, () => world.checkpoints.unshift(checkpoint(9, 'COMPLETED', 5)));
    const begun = clock.mono();
    assert.deepEqual((await seen()).evidence, ['checkpoint 9 completed']);
    assert.ok(clock.mono() - begun >= 4000);
  });

  it('is shortly before the next checkpoint', async () => {
    const { world, seen, clock } = waiting({ on: 'checkpoint due' });
    world.checkpoints = [{ ...checkpoint(7, 'COMPLETED', 5), triggeredAt: clock.wall() - 100 }];
    const begun = clock.mono();
    await seen();
    assert.ok(clock.mono() - begun >= 550 && clock.mono() - begun < 750, `${clock.mono() - begun}`);
  });

  it('is subtasks that restore their state', async () => {
    const { world, at, seen } = waiting({ on: 'restoring' });
    at(2000, () => {
      world.restoring = 3;
    });
    assert.deepEqual((await seen()).evidence, ['3 subtasks restore their state']);
  });

  it('is another leader than the last one that was seen before', async () => {
    const { world, at, seen, observed } = waiting({ on: 'leader changed' });
    observed('session-1');
    world.leader = leaderOn(1, 'session-1');
    at(1000, () => {
      world.leader = undefined;
    });
    at(3000, () => {
      world.leader = leaderOn(2, 'session-2');
    });
    assert.match((await seen()).evidence.join(), /leads, session session-2/);
  });

  it('is another leader also where it came while nobody looked', async () => {
    const { world, seen, observed, clock } = waiting({ on: 'leader changed' });
    observed('session-1');
    world.leader = leaderOn(2, 'session-2');
    const begun = clock.mono();
    await seen();
    assert.ok(clock.mono() - begun < 200);
  });

  it('is a lag above so many records, as it was seen last', async () => {
    const { at, seen, lag, clock } = waiting({ on: 'lag', above: 5000 });
    lag(5000);
    at(1000, () => lag(4000));
    at(2000, () => lag(5001));
    const begun = clock.mono();
    assert.match((await seen()).evidence.join(), /5001 acknowledged records/);
    assert.ok(clock.mono() - begun >= 2000);
  });

  it('goes on being looked for where nobody answers for a while', async () => {
    const { world, at, seen, observed } = waiting({ on: 'leader changed' });
    observed('session-0');
    world.storeDown = true;
    at(2000, () => {
      world.storeDown = false;
    });
    assert.match((await seen()).evidence.join(), /leads/);
  });
});
