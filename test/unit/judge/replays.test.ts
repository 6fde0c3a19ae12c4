import assert from 'node:assert/strict';
import type { JournalEvent, LaneSeen } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { edited, journalOf, leaderKill, MONO, plus, WALL, withRead } from '../../support/journal-builder.js';

const FAULT = 12_000;
const END = 39_750;
const clean = journalOf(leaderKill());

const restored = (events: JournalEvent[], id: number, at: number) =>
  plus(events, at + 200, {
    type: 'observed.checkpoints',
    node: 'jobmanager-2',
    restored: { id, at: WALL + at },
    start: MONO + at + 190,
    end: MONO + at + 200,
  });

/** Records that the output holds again, produced at a time. */
function again(events: JournalEvent[], repeated: LaneSeen['repeated'], time: number): JournalEvent[] {
  const lanes = [{ lane: 0, seen: [[1, 15_000]] as [number, number][], repeated }];
  const ranges = repeated.map(([from, to]) => ({ lane: 0, from, to, firstTime: WALL + time, lastTime: WALL + time }));
  return plus(withRead(events, { lanes }, 'read_uncommitted'), END, { type: 'data.dated', ranges, omitted: 0 });
}

const replays = (events: JournalEvent[]) => judge(events).replays ?? [];

describe('what is processed again after a fault', () => {
  it('is counted, and dated from the checkpoint that was restored', () => {
    const [replay, ...more] = replays(restored(again(clean, [[10_900, 11_399, 2]], FAULT - 800), 6, FAULT + 6600));
    assert.deepEqual(more, []);
    assert.equal(replay?.checkpoint, 6);
    // Checkpoint 6 was triggered at second 11; the killed leader was the first to have nothing to say of the tasks.
    assert.deepEqual(replay?.depth, { atLeast: 1000, atMost: 1012 });
    assert.deepEqual(replay.records, { atLeast: 500, atMost: null });
    assert.match(
      replay.text,
      /went back to checkpoint 6, triggered .* before the outage; the output holds 500 records again/,
    );
  });

  it('is dated between the checkpoint before and the outage where no look saw the restored one complete', () => {
    const unseen = edited(clean, (event) =>
      event.type === 'observed.checkpoints' && event.latest?.id === 6 ? undefined : event,
    );
    const [replay] = replays(restored(again(unseen, [[10_900, 11_399, 2]], FAULT - 800), 6, FAULT + 6600));
    assert.equal(replay?.checkpoint, 6);
    // Checkpoint 5 was triggered two seconds before.
    assert.deepEqual(replay?.depth, { atLeast: 0, atMost: 3012 });
  });

  it('is not put down to a fault whose recovery came before', () => {
    assert.deepEqual(replays(again(clean, [[10_900, 11_399, 2]], FAULT + 35_000)), []);
  });

  it('says of a restore that nothing was seen of it in the output', () => {
    const [replay] = replays(restored(clean, 6, FAULT + 6600));
    assert.equal(replay?.records.atLeast, 0);
  });

  it('is not spoken of where no checkpoint was restored', () => assert.deepEqual(replays(clean), []));
});
