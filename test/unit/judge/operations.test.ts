import assert from 'node:assert/strict';
import { OPERATIONS } from '../../../src/core/scenario.js';
import type { EventBody, JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { edited, journalOf, MONO, plus, taskManagerKill } from '../../support/journal-builder.js';

type State = 'completed' | 'failed' | 'unknown';

/** A run whose only fault is an operation that was to end as `expect`. */
function run(expect: string, state?: State, kind = 'savepoint'): JournalEvent[] {
  const events = edited(journalOf(taskManagerKill()), (e) =>
    e.type === 'run.started'
      ? {
          ...e,
          scenario: {
            ...e.scenario,
            faults: [{ kind, options: { expect } }],
            objectives: [{ name: OPERATIONS, unit: 'count', atMost: 0, text: 'as expected' }],
          },
        }
      : e,
  );
  if (!state) return events;
  const at = 20_000;
  const body: EventBody = {
    type: 'operation.ended',
    fault: 0,
    state,
    text: `it ${state}`,
    after: MONO + at - 50,
    by: MONO + at,
  };
  return plus(events, at, body);
}

describe('operations on the job', () => {
  for (const [expect, state, verdict] of [
    ['completed', 'completed', 'passed'],
    ['completed', 'failed', 'failed'],
    ['completed', 'unknown', 'inconclusive'],
    ['completed', undefined, 'inconclusive'],
    ['failed', 'failed', 'passed'],
    ['failed', 'completed', 'failed'],
    ['failed', 'unknown', 'inconclusive'],
    ['either', 'completed', 'passed'],
    ['either', 'failed', 'passed'],
    ['either', 'unknown', 'passed'],
    ['either', undefined, 'inconclusive'],
  ] as const) {
    it(`expected ${expect}, ended ${state ?? 'unseen'}: ${verdict}`, () => {
      const { objectives, verdict: whole, faults } = judge(run(expect, state));
      assert.deepEqual([objectives[0]?.verdict, whole], [verdict, verdict], objectives[0]?.text);
      assert.equal(objectives[0]?.measured, verdict === 'passed' ? '1 of 1' : '0 of 1');
      assert.deepEqual(
        faults[0]?.evidence.filter(({ of }) => of === 'ended'),
        state ? [{ of: 'ended', lines: [`it ${state}`] }] : [],
      );
    });
  }

  it('says what ended otherwise, and how it was to end', () => {
    const [objective] = judge(run('completed', 'failed')).objectives;
    assert.equal(objective?.text, 'savepoint (1): it failed (it was to be completed)');
  });

  it('make the run inconclusive where nobody knows whether the job has ended', () => {
    const { verdict, reasons } = judge(run('either', 'unknown', 'stopJob'));
    assert.deepEqual([verdict, reasons], ['inconclusive', ['fault 1: it unknown']]);
  });

  it('are followed to the job that was started again, whose predecessor has ended', () => {
    const story = taskManagerKill();
    const [job] = journalOf(story).flatMap((e) => (e.type === 'job.submitted' ? [e] : []));
    assert.ok(job);
    const { seq: _, mono: __, wall: ___, ...submitted } = job;
    // It ends at 15 s, and runs again under another id from 18 s on.
    const looked = edited(journalOf(taskManagerKill({ job: () => 'good' })), (e) => {
      if (e.type !== 'observed.jobs' || e.start < MONO + 15_000) return e;
      const [old] = e.jobs ?? [];
      if (!old) return e;
      const over = { ...old, state: 'FINISHED', running: 0, finished: old.total };
      const next = { ...old, id: 'b'.repeat(32), startTime: old.startTime + 1 };
      return { ...e, jobs: e.start < MONO + 18_000 ? [over] : [over, next] };
    });
    const events = plus(looked, 17_500, { ...submitted, jobId: 'b'.repeat(32), from: 'file:/s1' });
    const { faults } = judge(events);
    const recovery = faults[0]?.phases.find(({ name }) => name === 'tasksRunning');
    assert.equal(faults[0]?.impact?.state, 'seen');
    assert.equal(recovery?.state, 'reached');
    const by = (recovery?.at?.by ?? 0) - MONO;
    assert.ok(by >= 18_000 && by < 19_000, `${by}`);
    // The gateway may say so only after it runs.
    const told = plus(looked, 19_500, { ...submitted, jobId: 'b'.repeat(32), from: 'file:/s1' });
    assert.deepEqual(judge(told).faults[0]?.phases, faults[0]?.phases);
  });
});
