import assert from 'node:assert/strict';
import { awaitRecovery } from '../../../src/run/steps/await-recovery.js';
import { beyondRepair } from '../../../src/run/steps/beyond-repair.js';
import { handMadeRun } from '../../support/hand-made-run.js';
import { journalOf, leaderKill, MONO } from '../../support/journal-builder.js';

type Events = ReturnType<typeof journalOf>;

/** A run in which these events come at their time. */
async function playing(events: Events) {
  const run = handMadeRun();
  for (const event of events)
    if (event.type !== 'fault.healed') run.clock.plan(event.mono - MONO, () => run.recorder.push(event));
  await run.clock.sleep(18_000);
  return run;
}

describe('a cluster beyond repair', () => {
  it('is none that has recovered, nor one that was never harmed', async () => {
    assert.equal(beyondRepair((await playing(journalOf(leaderKill()))).state), undefined);
    assert.equal(beyondRepair(handMadeRun().state), undefined);
  });

  it('is one whose tasks have not come back for as long as anybody waits', async () => {
    const stuck = (_: string, t: number) => (t > 14_000 ? 'down' : 'good');
    const story = leaderKill({ job: stuck, endAt: 130_000, every: 4000 });
    const { state, clock, recorder } = await playing(journalOf(story));
    const by = clock.mono();
    recorder.push({ seq: 0, mono: by, wall: 0, type: 'fault.healed', fault: 0, after: by, by, evidence: [] });
    assert.equal(beyondRepair(state), undefined);
    await awaitRecovery(state, [0]);
    assert.equal(beyondRepair(state), 'its tasks have not come back');
  });

  it('is one that two have led', async () => {
    const { state, recorder, clock } = await playing(journalOf(leaderKill()));
    const leaders = ['a', 'b'].map((session) => ({
      node: `jobmanager-${session}`,
      address: session,
      session,
      owner: session,
    }));
    for (let i = 0; i < 10; i++) {
      const mono = clock.mono() + i * 30;
      const leader = leaders[i % 2];
      const times = { seq: 0, mono, wall: 0, start: mono, end: mono };
      recorder.push({
        ...times,
        type: 'observed.leader',
        by: 'watch',
        leader,
        contenders: ['b', 'a'],
      } as Events[number]);
    }
    assert.equal(beyondRepair(state), 'two JobManagers have led at once');
  });
});
