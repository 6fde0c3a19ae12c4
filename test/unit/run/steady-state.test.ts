import assert from 'node:assert/strict';
import type { JournalEvent } from '../../../src/journal/events.js';
import { awaitSteady } from '../../../src/run/steps/await-steady.js';
import { unsteady } from '../../../src/run/steps/steady-state.js';
import { firstOf, handMadeRun } from '../../support/hand-made-run.js';
import { hasCode } from '../../support/has-code.js';
import { edited, journalOf, leaderKill, MONO, plus, scenarioOf, without } from '../../support/journal-builder.js';

/** A healthy cluster up to second 12, where the story's fault would be. */
const AT = 11_500;
const story = leaderKill();
const scenario = scenarioOf(story);
const all = journalOf(story);
const until = (ms: number, events: JournalEvent[] = all) => events.filter(({ mono }) => mono <= MONO + ms);
const healthy = until(AT);
const job = firstOf(all, 'job.submitted')?.jobId as string;
const look = { start: MONO + AT - 40, end: MONO + AT - 20 };
const why = (events: JournalEvent[], at = AT) =>
  unsteady(events, job, { hold: 10_000, checkpoints: 2000, rate: 1000 }, MONO + at);
const jobs = (change: object, when: (event: JournalEvent) => boolean = () => true) =>
  edited(healthy, (e) =>
    e.type === 'observed.jobs' && when(e) ? { ...e, jobs: (e.jobs ?? []).map((j) => ({ ...j, ...change })) } : e,
  );
/** One look of second `from` shows a lag. */
const lagging = (lag: number, from: number) =>
  edited(healthy, (e) =>
    e.type === 'observed.output' && e.mono >= MONO + from && e.mono < MONO + from + 500 ? { ...e, lag } : e,
  );
const recent = ({ mono }: JournalEvent) => mono > MONO + AT - 2000;

describe('the steady state', () => {
  it('is reached when all was well for the time asked, and not a moment before', () => {
    assert.equal(why(healthy), undefined);
    assert.equal(why(until(9900), 9900), 'not watched for long enough yet');
  });

  for (const [name, events, reason] of [
    ['nothing was seen at all', [], 'not watched for long enough yet'],
    ['a task does not run', jobs({ running: 3 }, recent), '3 of 4 tasks are running'],
    ['a task did not run at the beginning', jobs({ running: 0 }, ({ mono }) => mono < MONO + 2000), '0 of 4 tasks'],
    ['the job has no task yet', jobs({ total: 0, running: 0 }, recent), '0 of 0 tasks are running'],
    ['the job is another one', jobs({ id: 'other' }), 'jobmanager-2 does not list the job'],
    [
      'one JobManager does not answer',
      plus(healthy, AT - 10, { type: 'observed.jobs', node: 'jobmanager-2', ...look, error: 'connect ECONNREFUSED' }),
      'connect ECONNREFUSED',
    ],
    [
      'something went wrong',
      plus(healthy, 5000, { type: 'trouble', code: 'NODE_EXITED', message: 'broker-1 exited' }),
      'NODE_EXITED: broker-1 exited',
    ],
    ['no checkpoint was seen', without(healthy, 'observed.checkpoints'), 'checkpoints are not completing'],
    [
      'the checkpoint stays the same',
      edited(healthy, (e) =>
        e.type === 'observed.checkpoints' ? { ...e, latest: { id: 1, triggeredAt: 0, completedAt: 1 } } : e,
      ),
      'checkpoints are not completing',
    ],
    ['no output was seen', without(healthy, 'observed.output'), 'no committed output is flowing'],
    [
      'the output has stopped',
      edited(healthy, (e) => (e.type === 'observed.output' && e.mono > MONO + 5000 ? { ...e, records: 0 } : e)),
      'no committed output is flowing',
    ],
    ['the output lags behind', lagging(5001, 3000), 'the output lagged 5001 records behind, more than 5000'],
    [
      'the lag is not known',
      edited(healthy, (e) => (e.type === 'observed.output' ? { ...e, lag: undefined } : e) as JournalEvent),
      'the lag is not known yet',
    ],
    [
      'the output cannot be read',
      plus(healthy, AT - 10, { type: 'observed.output', ...look, error: 'broker 1 hangs' }),
      'the output cannot be read: broker 1 hangs',
    ],
  ] as const) {
    it(`is not reached when ${name}`, () => {
      const found = why([...events]);
      assert.ok(found?.startsWith(reason), found);
    });
  }

  it('bears the lag of one and a half checkpoints and two seconds, and any of before the time asked', () => {
    assert.equal(why(lagging(5000, 3000)), undefined);
    assert.equal(why(lagging(9000, 500)), undefined);
  });

  it('bears as much more as the sink holds back by its own settings', () => {
    const waits = (linger: number, events: JournalEvent[]) =>
      unsteady(events, job, { hold: 10_000, checkpoints: 2000, linger, rate: 1000 }, MONO + AT);
    const silent = edited(healthy, (e) =>
      e.type === 'observed.output' && e.mono > MONO + 4000 ? { ...e, records: 0 } : e,
    );
    assert.equal(waits(0, silent), 'no committed output is flowing');
    assert.equal(waits(3000, silent), undefined);
    assert.match(waits(3000, lagging(8001, 3000)) ?? '', /more than 8000/);
    assert.equal(waits(3000, lagging(8000, 3000)), undefined);
  });

  it('does not mind what was before the time asked', () => {
    const hold = 5000;
    const short = { hold, checkpoints: 2000, rate: 1000 };
    const late = (e: JournalEvent) => e.mono < MONO + AT - hold - 300;
    assert.equal(unsteady(jobs({ running: 0 }, late), job, short, MONO + AT), undefined);
  });

  describe('waiting for it', () => {
    const run = () => handMadeRun({ ...scenario, steadyState: { hold: 10_000, within: 20_000 } });

    it('journals since when it holds', async () => {
      const { state, clock, recorder } = run();
      for (const event of until(12_000)) clock.plan(event.mono - MONO, () => recorder.push(event));
      await awaitSteady(state, job);
      const { reached, since = 0 } = firstOf(recorder.events, 'steady-state') ?? {};
      assert.equal(reached, true);
      assert.ok(since >= MONO && since < MONO + 2000, `${since - MONO}`);
    });

    it('journals why it does not hold, and breaks nothing', async () => {
      const { state, clock, recorder, log } = run();
      for (const event of without(until(21_000, journalOf(leaderKill({ faultAt: 30_000 }))), 'observed.output')) {
        clock.plan(event.mono - MONO, () => recorder.push(event));
      }
      const says = /no committed output is flowing \(20\.00 s after/;
      await assert.rejects(awaitSteady(state, job), hasCode('STEADY_STATE', says));
      const told = firstOf(recorder.events, 'steady-state');
      assert.equal(told?.reached, false);
      assert.match(told?.reason ?? '', says);
      assert.deepEqual(log, ['steady-state']);
    });

    it('ends at once when interrupted', async () => {
      const { state, clock, abort } = run();
      clock.plan(700, () => abort.abort(new Error('enough')));
      await assert.rejects(awaitSteady(state, job), /^Error: enough$/);
      assert.ok(clock.passed() < 1500);
    });
  });
});
