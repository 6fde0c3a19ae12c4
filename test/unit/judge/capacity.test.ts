import assert from 'node:assert/strict';
import type { EventBody } from '../../../src/journal/events.js';
import type { Extent, Findings, Phase } from '../../../src/judge/findings.js';
import { judge } from '../../../src/judge/judge.js';
import { atMost, journalOf, leaderKill, MONO, plus, type Story, WALL } from '../../support/journal-builder.js';

const run = (story: Story): Findings => judge(journalOf(story));
const phase = (findings: Findings, name: Phase['name']): Phase =>
  findings.faults[0]?.phases.find((p) => p.name === name) as Phase;
const holds = (extent: Extent | undefined, truth: number): void =>
  assert.ok(extent && extent.atLeast <= truth && truth <= (extent.atMost ?? Infinity), JSON.stringify(extent));
const sharp = (extent: Extent | undefined, ms: number): void =>
  assert.ok(extent && (extent.atMost ?? Infinity) - extent.atLeast <= ms, JSON.stringify(extent));

describe('the capacity that a job regains', () => {
  it('tells when a job that went on with fewer tasks had all of them again', () => {
    const base = leaderKill();
    const until =
      (back: number): Story['job'] =>
      (node, t) => {
        const answer = base.job(node, t);
        return answer === 'good' && t > 20_000 && t < back ? 'fewer' : answer;
      };
    const f = run(leaderKill({ job: until(31_000) }));
    // It has recovered by then.
    holds(phase(f, 'tasksRunning').took, 12_100);
    const { state, took, text } = phase(f, 'capacityRegained');
    assert.equal(state, 'reached');
    holds(took, 19_000);
    sharp(took, 600);
    assert.match(text, /^all 4 tasks ran again, after 2 for a time/);
    assert.equal(
      phase(run(leaderKill({ job: until(Number.POSITIVE_INFINITY) })), 'capacityRegained').state,
      'not-reached',
    );
    assert.equal(phase(run(base), 'capacityRegained'), undefined);
  });

  it('takes a restart to more tasks for no part of the recovery, unless it has failed or Flink tells of a failure', () => {
    const base = leaderKill();
    // Fewer tasks from 24.1 s on, all again at 33 s after 1.5 s of another restart.
    const job: Story['job'] = (node, t) => {
      const answer = base.job(node, t);
      if (answer !== 'good' || t < 20_000 || t >= 33_000) return answer;
      return t < 31_500 ? 'fewer' : 'running-without-tasks';
    };
    const asked = (entries: NonNullable<Extract<EventBody, { type: 'observed.exceptions' }>['entries']>) =>
      plus(journalOf(leaderKill({ job })), 36_000, {
        type: 'observed.exceptions',
        node: 'jobmanager-2',
        entries,
        start: MONO + 36_000,
        end: MONO + 36_010,
      });
    const f = judge(asked([]));
    holds(phase(f, 'tasksRunning').took, 12_100);
    holds(phase(f, 'capacityRegained').took, 21_000);
    // Where nobody has asked afterwards it may have been a failure.
    holds(phase(run(leaderKill({ job })), 'tasksRunning').took, 21_000);
    assert.equal(f.faults[0]?.impact?.outages, 1);
    assert.match(
      f.headline,
      /^Every task ran again after 12.00 s to 12.28 s, fewer than before; as many as before after 2\d/,
    );

    const failing = run(leaderKill({ job: (node, t) => (t >= 33_000 ? 'down' : job(node, t)) }));
    assert.equal(phase(failing, 'tasksRunning').state, 'not-reached');
    const told = judge(asked([{ at: WALL + 31_600, name: 'java.lang.Exception', message: 'broken' }]));
    holds(told.faults[0]?.phases.find(({ name }) => name === 'tasksRunning')?.took, 21_000);
  });

  it('holds a bound of the capacity against the recovery, where nothing was missing', () => {
    const bound = (ms: number) => run(leaderKill({ objectives: [atMost('phase.capacityRegained', ms)] })).objectives[0];
    assert.deepEqual([bound(13_000)?.verdict, bound(11_000)?.verdict], ['passed', 'failed']);
  });
});
