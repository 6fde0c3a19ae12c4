import assert from 'node:assert/strict';
import { keepWatching } from '../../../src/client/kubernetes/keep-watching.js';
import { handClock } from '../../support/hand-clock.js';

/** Watches, and when each began. */
function watches() {
  const clock = handClock();
  const begun: number[] = [];
  let last: { tell(): void; end(): void } | undefined;
  let changes = 0;
  const stop = keepWatching(
    (onEvent, onEnd) => {
      begun.push(clock.passed());
      last = { tell: onEvent, end: () => onEnd(new Error('over')) };
      return () => {};
    },
    clock,
    () => {
      changes++;
    },
  );
  return {
    clock,
    begun,
    stop,
    changes: () => changes,
    /** Lets it end again and again for so many milliseconds, after a word or without one. */
    async endsFor(ms: number, word: boolean) {
      const until = clock.passed() + ms;
      while (clock.passed() < until) {
        if (word) last?.tell();
        last?.end();
        await clock.sleep(100);
      }
    },
  };
}

describe('a watch that is kept', () => {
  it('begins anew a second after it has ended, and each time something may have been missed', async () => {
    const { begun, changes, endsFor, stop } = watches();
    await endsFor(10_000, true);
    stop();
    assert.ok(begun.length >= 9, JSON.stringify(begun));
    assert.ok(changes() >= begun.length - 1);
  });

  it('begins less and less often where it is never told anything, and as often as before after a word', async () => {
    const { begun, endsFor, stop } = watches();
    await endsFor(60_000, false);
    const refused = begun.length;
    assert.ok(refused >= 8 && refused <= 12, JSON.stringify(begun));
    const gaps = begun.slice(1).map((at, i) => at - (begun[i] ?? 0));
    assert.ok((gaps[0] ?? 0) < 2_000 && Math.max(...gaps) < 8_500, JSON.stringify(gaps));
    await endsFor(20_000, true);
    stop();
    assert.ok(begun.length - refused >= 9, JSON.stringify(begun));
  });
});
