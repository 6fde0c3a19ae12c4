import assert from 'node:assert/strict';
import { wrongClock } from '../../../src/judge/checkpoints.js';
import { judge } from '../../../src/judge/judge.js';
import { edited, journalOf, taskManagerKill } from '../../support/journal-builder.js';

const HOUR = 3_600_000;
/** What Flink tells of its checkpoints, by a clock that is so much ahead from `from` on. */
const skewed = (by: number, from: number) =>
  edited(journalOf(taskManagerKill()), (e) =>
    e.type === 'observed.checkpoints' && e.latest && e.start >= from
      ? {
          ...e,
          latest: { ...e.latest, triggeredAt: e.latest.triggeredAt + by, completedAt: e.latest.completedAt + by },
        }
      : e,
  );
const firstCheckpoint = (events: ReturnType<typeof skewed>) =>
  judge(events).faults[0]?.phases.find(({ name }) => name === 'firstCheckpoint');

describe('checkpoints by a wrong clock', () => {
  const clean = journalOf(taskManagerKill());
  const [{ wall = 0, mono = 0 } = {}] = clean;
  const effective = clean.find((e) => e.type === 'fault.effective')?.mono ?? 0;

  it('are told from those by the right one', () => {
    assert.equal(wrongClock(clean, 0, mono - wall), undefined);
    assert.equal(firstCheckpoint(clean)?.state, 'reached');
  });

  it('are told from those that a cache still shows', () => {
    const looks = clean.flatMap((e) => (e.type === 'observed.checkpoints' && e.latest ? [e] : []));
    const [old, late] = [looks[0], looks.at(-1)];
    assert.ok(old?.latest && late?.latest && late.latest.completedAt - old.latest.completedAt > 10_000);
    const stale = { ...late, latest: old.latest, start: late.end + 1, end: late.end + 5 };
    const again = { ...late, start: late.end + 10, end: late.end + 15 };
    assert.equal(wrongClock([...clean, stale, again], 0, mono - wall), undefined);
  });

  for (const [by, text] of [
    [HOUR, /clock is at least .* ahead$/],
    [-HOUR, /clock is at least .* behind$/],
    [4000, /clock is at least .* ahead$/],
  ] as const) {
    it(`give no time at which the first came: ${by / 1000} s`, () => {
      const phase = firstCheckpoint(skewed(by, effective));
      assert.equal(phase?.state, 'unclear');
      assert.match(phase?.text ?? '', text);
    });
  }
});
