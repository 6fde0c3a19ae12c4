import assert from 'node:assert/strict';
import type { Availability } from '../../../src/judge/availability.js';
import type { Extent } from '../../../src/judge/findings.js';
import { judge } from '../../../src/judge/judge.js';
import { availabilityRows } from '../../../src/report/availability.js';
import { edited, journalOf, leaderKill, standbyKill, taskManagerKill, without } from '../../support/journal-builder.js';
import { MONO, type Story } from '../../support/journal-stories.js';

const { quiesceAt } = leaderKill();
function found(story: Story): Availability {
  const { availability } = judge(journalOf(story));
  assert.ok(availability);
  return availability;
}
const near = ({ atLeast, atMost }: Extent, truth: number, width: number) => {
  const text = JSON.stringify([atLeast, atMost, truth]);
  assert.ok(atMost !== null && atLeast <= truth && truth <= atMost && atMost - atLeast <= width, text);
};

describe('judge/availability', () => {
  it('is what was left of the time between the steady state and the end of the load', () => {
    const { over, down, outages, job, output, silent } = found(taskManagerKill());
    assert.equal(over, quiesceAt - 500);
    near(down, 4_000, 600);
    near(job, 100 * (1 - 4_000 / over), 2);
    assert.equal(outages, 1);
    // From the commit at 11.4 s to the one at 19 s.
    assert.ok(silent && output);
    near(silent, 7_600, 1_100);
    near(output, 100 * (1 - 7_600 / over), 4);
  });

  it('adds up outages, and goes on to the end where the job does not come back', () => {
    const twice = taskManagerKill({
      job: (_, t) => ((t > 14_100 && t < 18_100) || (t > 24_100 && t < 26_100) ? 'down' : 'good'),
    });
    assert.equal(found(twice).outages, 2);
    near(found(twice).down, 6_000, 1_200);
    const gone = taskManagerKill({ job: (_, t) => (t > 14_100 ? 'down' : 'good') });
    near(found(gone).down, quiesceAt - 14_100, 600);
  });

  it('is whole where nothing was felt, and less than certain where nobody looked', () => {
    const { down, job, outages } = found(standbyKill());
    assert.deepEqual([down, job, outages], [{ atLeast: 0, atMost: 0 }, { atLeast: 100, atMost: 100 }, 0]);
    const [from, to] = [MONO + 20_000, MONO + 23_000];
    const unseen = edited(journalOf(standbyKill()), (e) =>
      e.type === 'observed.jobs' && e.start > from && e.start < to ? undefined : e,
    );
    const blind = judge(unseen).availability?.down;
    assert.ok(blind && blind.atLeast === 0 && (blind.atMost ?? 0) > 2_700 && (blind.atMost ?? 0) < 3_500);
  });

  it('is not there without a steady state, and says nothing of output that was never seen', () => {
    assert.equal(judge(without(journalOf(leaderKill()), 'steady-state')).availability, undefined);
    const { output, silent } = judge(without(journalOf(leaderKill()), 'observed.output')).availability ?? {};
    assert.deepEqual([output, silent], [undefined, undefined]);
  });

  it('is told down to the tenth', () => {
    const told = { over: 40_000, job: { atLeast: 99.96, atMost: 100 }, down: { atLeast: 0, atMost: 16 }, outages: 1 };
    assert.deepEqual(availabilityRows(told), [
      ['every task ran', '99.9 % to 100.0 %', 'not for 0 ms to 16 ms of 40.00 s'],
    ]);
  });
});
