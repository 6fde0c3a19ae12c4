import assert from 'node:assert/strict';
import { systemClock } from '../../../src/core/clock.js';
import type { StopCondition } from '../../../src/core/scenario.js';
import { stopWatch } from '../../../src/run/safety/stop-watch.js';
import { handClock } from '../../support/hand-clock.js';
import { firstOf, memoryRecorder } from '../../support/hand-made-run.js';
import { MONO } from '../../support/journal-builder.js';

type Output = { records?: number; lag?: number; error?: string };

/** What stops a run in which these looks at the output end at these milliseconds; it is watched from 10 s to 60 s. */
async function stoppedBy(condition: StopCondition, looks: readonly (readonly [at: number, look: Output])[]) {
  const clock = handClock();
  const recorder = memoryRecorder(clock);
  for (const [at, look] of looks) {
    const [start, end] = [MONO + at - 20, MONO + at];
    clock.plan(at, () => recorder.emit({ type: 'observed.output', start, end, ...look }));
  }
  const stops = stopWatch([condition], recorder, clock);
  clock.plan(10_000, () => stops.begin());
  clock.plan(60_000, () => stops.end());
  let at = Number.NaN;
  stops.signal.addEventListener('abort', () => {
    at = clock.passed();
  });
  while (clock.passed() < 70_000 && !stops.signal.aborted) await clock.sleep(50);
  return { at, event: firstOf(recorder.events, 'stopped'), reason: stops.signal.reason as unknown };
}

const steady = (from: number, to: number, look: Output = { records: 100, lag: 10 }) =>
  Array.from({ length: (to - from) / 500 }, (_, i) => [from + 500 * i, look] as const);

describe('stop conditions', () => {
  const silent: StopCondition = { kind: 'noOutputFor', ms: 5000, verdict: 'failed' };
  const lag: StopCondition = { kind: 'lagAbove', records: 1000, verdict: 'inconclusive' };

  it('stop a run whose output stays away for so long, and not earlier', async () => {
    const quiet = steady(20_000, 40_000, { records: 0, lag: 10 });
    const { at, event, reason } = await stoppedBy(silent, [...steady(0, 20_000), ...quiet]);
    assert.ok(at >= 24_500 && at < 25_500, `${at}`);
    assert.equal(event?.verdict, 'failed');
    assert.match(event?.text ?? '', /^no committed output came for 5\.\d+ s, 5s or more$/);
    assert.match(String(reason), /no committed output/);
  });

  it('stop a run whose output nobody can look at, which proves nothing', async () => {
    const away = steady(20_000, 40_000, { error: 'away' });
    const { at, event } = await stoppedBy(silent, [...steady(0, 20_000), ...away]);
    assert.ok(at >= 24_500 && at < 25_500, `${at}`);
    assert.deepEqual(
      [event?.verdict, event?.text.replace(/[\d.]+ s/, 'x')],
      ['inconclusive', 'no committed output was seen for x: away'],
    );
  });

  it('take looks without an answer for silence when the next one finds that nothing came', async () => {
    const away = steady(20_000, 23_000, { error: 'away' });
    const quiet = steady(23_000, 40_000, { records: 0, lag: 10 });
    const { at, event } = await stoppedBy(silent, [...steady(0, 20_000), ...away, ...quiet]);
    assert.ok(at >= 24_500 && at < 25_500, `${at}`);
    assert.equal(event?.verdict, 'failed');
  });

  it('do not count a time in which nobody looked', async () => {
    const paused = [...steady(0, 20_000), ...steady(40_000, 60_000)];
    assert.equal((await stoppedBy(silent, paused)).event, undefined);
  });

  it('do not count what was before they were looked at, or after', async () => {
    const before = [...steady(0, 4000), ...steady(14_000, 60_000)];
    assert.equal((await stoppedBy(silent, before)).event, undefined);
    assert.equal((await stoppedBy(silent, steady(0, 56_000))).event, undefined);
  });

  it('stop a run whose lag is above a number, and not at it', async () => {
    const at1000 = steady(0, 60_000, { records: 1, lag: 1000 });
    assert.equal((await stoppedBy(lag, at1000)).event, undefined);
    const grows = [...steady(0, 30_000), ...steady(30_000, 40_000, { records: 1, lag: 1001 })];
    const { at, event } = await stoppedBy(lag, grows);
    assert.ok(at >= 30_000 && at < 30_600, `${at}`);
    assert.equal(event?.verdict, 'inconclusive');
    assert.match(event?.text ?? '', /^1001 acknowledged records .* more than 1000$/);
  });

  describe('that are commands', () => {
    async function answerOf(command: string[], ms = 5000) {
      const recorder = memoryRecorder(handClock());
      const stops = stopWatch([{ kind: 'command', command, every: 1000, verdict: 'failed' }], recorder, systemClock);
      stops.begin();
      const until = systemClock.mono() + ms;
      while (!stops.signal.aborted && systemClock.mono() < until) await systemClock.sleep(20);
      stops.end();
      return firstOf(recorder.events, 'stopped');
    }

    it('stop a run by an exit other than 0, and tell what they said', async () => {
      const event = await answerOf(['sh', '-c', 'echo "alert FlinkDown"; exit 3']);
      assert.equal(event?.verdict, 'failed');
      assert.match(event?.text ?? '', /exited with 3: alert FlinkDown$/);
    });

    it('do not stop it while they exit with 0', async () => {
      assert.equal(await answerOf(['true'], 300), undefined);
    });

    it('say nothing of the cluster when they cannot be run', async () => {
      const event = await answerOf(['./not-there-at-all']);
      assert.equal(event?.verdict, 'inconclusive');
      assert.match(event?.text ?? '', /could not be asked/);
    });
  });
});
