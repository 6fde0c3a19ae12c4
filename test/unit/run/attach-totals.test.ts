import assert from 'node:assert/strict';
import { attachedDrain } from '../../../src/run/steps/attach-drain.js';
import { attachedSteady } from '../../../src/run/steps/attach-steady.js';
import { attachedRun, ends, troubles } from '../../support/attached-run.js';

describe('a window on totals', () => {
  it('begins with totals once two checkpoints were taken behind what the job may hold back, without a lag', async () => {
    const { state, clock, attached, well, marks, recorder } = attachedRun(true);
    well(20_000);
    await attachedSteady(state, attached);
    assert.deepEqual(
      marks.map((it) => it.type === 'window.marked' && it.settled),
      [true],
    );
    const steady = recorder.events.find((e) => e.type === 'steady-state');
    const since = clock.passed() - clock.mono() + ((steady?.type === 'steady-state' && steady.since) || 0);
    // Patience is 3 s; checkpoints come every second.
    assert.ok(since >= 4000 && since <= 7000, `${since}`);
  });

  it('has drained with totals only when nothing comes in or out for as long as the job may hold it back', async () => {
    const { state, clock, topics, attached, well, marks, recorder } = attachedRun(true);
    well(12_000);
    well(60_000, { output: false, from: 12_000 });
    clock.plan(14_000, () => {
      topics.sink = ends(20, 15);
    });
    clock.plan(20_000, () => {
      topics.sink = ends(20);
    });
    const { undrained, drained } = await attachedDrain(state, attached);
    assert.equal(undrained, undefined);
    assert.deepEqual([drained.sink, troubles(recorder.events)], [ends(20), []]);
    assert.deepEqual(
      marks.map((it) => it.type === 'window.marked' && it.mark),
      ['ended', 'drained'],
    );
    assert.ok(clock.passed() >= 25_000 && clock.passed() < 28_000, `${clock.passed()}`);
  });

  it('waits with totals as long as the scenario says that a job may hold records back', async () => {
    const { state, clock, attached, well } = attachedRun(true);
    well(60_000, { output: false });
    attached.attach.patience = 20_000;
    assert.equal((await attachedDrain(state, attached)).undrained, undefined);
    assert.ok(clock.passed() >= 22_000 && clock.passed() < 25_000, `${clock.passed()}`);
  });

  it('marks again when something came in at the last moment', async () => {
    const { state, clock, topics, attached, well, marks } = attachedRun(true);
    well(60_000, { output: false });
    const { mark } = attached;
    attached.mark = (of, more) => {
      if (of === 'drained' && marks.length === 1) topics.source = ends(11);
      return mark(of, more);
    };
    const { drained, undrained } = await attachedDrain(state, attached);
    assert.deepEqual([drained.source, undrained], [ends(11), undefined]);
    assert.equal(marks.length, 3);
    assert.ok(clock.passed() >= 10_000, `${clock.passed()}`);
  });

  for (const [what, trouble, says] of [
    [
      'records go on coming in',
      'source',
      /records go on coming in, .*; stop what writes to the source, or let it pause/,
    ],
    ['a transaction of the sink stays open', 'open', /a transaction is open on partition 0 of out/],
    ['no checkpoint completes', 'checkpoints', /not seen silent while checkpoints completed/],
    ['the looks see records, whatever the ends are', 'looks', /not seen silent while checkpoints completed/],
  ] as const) {
    it(`has not drained with totals where ${what}, and says so in its time`, async () => {
      const { state, clock, topics, attached, well, recorder } = attachedRun(true);
      well(90_000, { output: trouble === 'looks', checkpoints: trouble !== 'checkpoints' });
      if (trouble === 'open') topics.sink = ends(20, 15);
      for (let at = 1000; trouble === 'source' && at < 90_000; at += 3000) {
        clock.plan(at, () => {
          topics.source = ends(10 + at);
        });
      }
      const { undrained } = await attachedDrain(state, attached);
      assert.match(undrained ?? '', says);
      assert.deepEqual(troubles(recorder.events), [undrained]);
      assert.ok(clock.passed() >= 60_000 && clock.passed() < 75_000, `${clock.passed()}`);
    });
  }

  it('gives a backlog its time once nothing comes in any more', async () => {
    const { state, clock, topics, attached, well } = attachedRun(true);
    well(120_000);
    well(150_000, { output: false, from: 120_000 });
    for (let at = 1000; at < 120_000; at += 1000) {
      clock.plan(at, () => {
        topics.sink = ends(10 + at);
      });
    }
    assert.equal((await attachedDrain(state, attached)).undrained, undefined);
    assert.ok(clock.passed() >= 124_000 && clock.passed() < 130_000, `${clock.passed()}`);
  });
});
