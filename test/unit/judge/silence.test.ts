import assert from 'node:assert/strict';
import type { FaultFinding, Phase } from '../../../src/judge/findings.js';
import { judge } from '../../../src/judge/judge.js';
import { timelineOf } from '../../../src/judge/timeline.js';
import { atMost, edited, journalOf, MONO, type Story, standbyKill } from '../../support/journal-builder.js';

const PERIOD = 2000;
const every = (from: number, to: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / PERIOD) }, (_, i) => from + i * PERIOD);

/** Brokers that are away: every task runs on, and no output comes for so long. */
const silent = (ms: number, change: Partial<Story> = {}): Story => {
  const { faultAt } = standbyKill();
  const times = { healedAt: faultAt + 16_000, quiesceAt: faultAt + 60_000, endAt: faultAt + 64_000 };
  const commits = [...every(1400, faultAt), ...every(faultAt + ms, faultAt + 62_000)];
  const checkpoints = [...every(1000, faultAt - 300), ...every(faultAt + ms - 400, faultAt + 62_000)];
  return standbyKill({ ...times, commits, checkpoints, ...change });
};
const phaseOf = (fault: Partial<FaultFinding> | undefined, name: Phase['name']) =>
  fault?.phases?.find((phase) => phase.name === name);

const effectiveAt = (t: number) => ({ after: MONO + t, by: MONO + t + 10 });
/** The same with another fault that takes effect then. */
const withSecondFault = (story: Story, second: number) =>
  edited(journalOf(story), (event) =>
    event.type === 'step' && event.step === 'quiesce' && event.state === 'started'
      ? [{ ...event, type: 'fault.effective', fault: 1, ...effectiveAt(second), evidence: [] }, event]
      : event,
  );

describe('judge/silence', () => {
  it('counts output that stayed away as an impact, and its return as a phase, though every task ran on', () => {
    const story = silent(20_000);
    const [fault] = judge(journalOf(story)).faults;
    assert.equal(fault?.impact?.state, 'seen');
    assert.equal(fault?.impact?.outages, 0);
    assert.match(fault?.impact?.text ?? '', /committed output stayed away .*no outage was seen/);
    assert.equal(phaseOf(fault, 'tasksRunning')?.state, 'not-impacted');
    const output = phaseOf(fault, 'firstOutput');
    assert.equal(output?.state, 'reached');
    assert.ok((output?.took?.atLeast ?? 0) <= 20_000 && 20_000 <= (output?.took?.atMost ?? 0));
  });

  describe('when the first look after the broker is back finds what was committed just before it went', () => {
    const { faultAt } = standbyKill();
    const back = faultAt + 20_000;
    const away = (refused: boolean) => {
      const story = silent(22_000);
      const commits = [...story.commits, faultAt - 10].sort((a, b) => a - b);
      return edited(journalOf({ ...story, commits }), (event) => {
        if (event.type !== 'observed.output') return [event];
        const t = event.start - MONO;
        if (t >= back && t < back + 500) return [{ ...event, records: 700 }];
        if (t < faultAt - 10 || t >= back) return [event];
        const { records, total, lag, ...look } = event;
        return [{ ...look, error: 'connect', ...(refused ? { refused } : {}) }];
      });
    };

    it('counts the time in which nobody could read anything', () => {
      const [fault] = judge(away(true)).faults;
      assert.equal(fault?.impact?.state, 'seen');
      const { took } = phaseOf(fault, 'firstOutput') ?? {};
      assert.ok((took?.atLeast ?? 0) > 18_000 && (took?.atMost ?? Number.POSITIVE_INFINITY) < 21_000);
      assert.ok((fault?.outputGap?.extent?.atLeast ?? 0) > 18_000);
    });

    it('claims neither an impact nor that there was none where looks merely failed', () => {
      const [fault] = judge(away(false)).faults;
      assert.equal(fault?.impact?.state, 'unclear');
      assert.match(
        fault?.impact?.text ?? '',
        /may have stayed away for .* looks at it are too far apart to tell; tasks: not impacted/,
      );
      assert.equal(phaseOf(fault, 'firstOutput')?.state, 'unclear');
    });
  });

  it('fails an objective that nothing is felt, and says in the headline what was', () => {
    const impact = { name: 'impact', unit: 'impact' as const, impact: 'none' as const, text: 'none' };
    const findings = judge(journalOf(silent(20_000, { objectives: [impact] })));
    assert.equal(findings.outcome, 'failed');
    assert.match(findings.headline, /every task ran on, output came again after/i);
  });

  it('takes no silence for an impact that is a little longer than usual', () => {
    const findings = judge(journalOf(silent(6000)));
    assert.equal(findings.faults[0]?.impact?.state, 'none');
    assert.equal(phaseOf(findings.faults[0], 'firstOutput')?.state, 'not-impacted');
  });

  it('does not call output that never came again anything but that', () => {
    const story = silent(70_000, { objectives: [atMost('outputGap', 45_000)] });
    const findings = judge(journalOf(story));
    assert.equal(phaseOf(findings.faults[0], 'firstOutput')?.state, 'not-reached');
    assert.match(findings.headline, /output did not come again/i);
  });

  it('counts a silence that the next fault begins for that one only', () => {
    const { faultAt } = standbyKill();
    const second = faultAt + 10_000;
    // Nothing is silent after the first, and 20 s after the second; its last commit lies 600 ms before it.
    const commits = [...every(1400, second), ...every(second + 20_000, second + 40_000)];
    const story = standbyKill({
      commits,
      checkpoints: commits.map((at) => at - 400),
      healedAt: faultAt + 8_000,
      quiesceAt: second + 36_000,
      endAt: second + 40_000,
    });
    const events = withSecondFault(story, second);
    const stamp = { mono: MONO, wall: 0 };
    const of = (t: number, to: number) =>
      timelineOf({ events, effective: effectiveAt(t), to: MONO + to, period: PERIOD }, stamp);
    const [first, next] = [of(faultAt, second), of(second, second + 36_000)];
    assert.equal(first.impact?.state, 'none');
    assert.equal(phaseOf(first, 'firstOutput')?.state, 'not-impacted');
    assert.ok((first.outputGap?.extent?.atMost ?? Number.NaN) < 6000);
    assert.equal(next.impact?.state, 'seen');
    assert.ok((next.outputGap?.extent?.atLeast ?? Number.NaN) > 15_000);
  });

  it('measures the lag and the silence after a second fault against the steady state, not against the first fault', () => {
    const { faultAt } = standbyKill();
    const second = faultAt + 30_000;
    // First 20 s without output, then 14 s.
    const commits = [
      ...every(1400, faultAt),
      ...every(faultAt + 20_000, second),
      ...every(second + 14_000, second + 40_000),
    ];
    const story = standbyKill({
      commits,
      checkpoints: commits.map((at) => at - 400),
      healedAt: faultAt + 22_000,
      quiesceAt: second + 36_000,
      endAt: second + 40_000,
    });
    const events = withSecondFault(story, second);
    const window = { events, effective: effectiveAt(second), to: MONO + second + 36_000 };
    const found = timelineOf({ ...window, period: PERIOD }, { mono: MONO, wall: 0 });
    assert.equal(phaseOf(found, 'caughtUp')?.state, 'reached');
    assert.equal(found.impact?.state, 'seen');
    assert.equal(phaseOf(found, 'firstOutput')?.state, 'reached');
  });
});
