import assert from 'node:assert/strict';
import type { EventBody, JournalEvent } from '../../../src/journal/events.js';
import { inputRate } from '../../../src/judge/backlog.js';
import { judge } from '../../../src/judge/judge.js';
import { journalOf, leaderKill, MONO, plus, without } from '../../support/journal-builder.js';

/** A look every 200 ms, at records that come at 1000/s and are committed each second but while the job is away. */
function outputs(away: { from: number; to: number; drain: number }): JournalEvent[] {
  const bare = without(journalOf(leaderKill()), 'observed.output');
  let total = 0;
  const looks: [number, EventBody][] = [];
  let last = 0;
  for (let t = 0; t <= 34_000; t += 200) {
    const produced = t;
    const commits = t % 1000 === 0 && (t < away.from || t >= away.to);
    const possible = t >= away.to ? total + away.drain : produced;
    const next = commits ? Math.min(produced, possible) : total;
    const start = MONO + t;
    looks.push([
      t,
      {
        type: 'observed.output',
        start,
        end: start + 10,
        records: next - last,
        total: next,
        lag: produced - next,
      },
    ]);
    total = next;
    last = next;
  }
  return looks.reduce((events, [t, body]) => plus(events, t, body), bare);
}

describe('the backlog of an outage', () => {
  it('is what waited most, and how fast it went', () => {
    // Away for 13 s from second 12 on; then 4000 records a second come out, and 1000 come in.
    const events = outputs({ from: 12_000, to: 25_000, drain: 4_000 });
    assert.ok(Math.abs((inputRate(events) ?? 0) - 1000) < 1);
    const { backlog } = judge(events).faults[0] ?? {};
    assert.ok(backlog && backlog.peak >= 13_000 && backlog.peak <= 14_000, JSON.stringify(backlog));
    assert.ok(backlog.drain && backlog.drain.atLeast > 3_000 && (backlog.drain.atMost ?? 0) < 6_000);
    assert.ok(backlog.took.atLeast > 0 && (backlog.took.atMost ?? 0) < 9_000);
    assert.match(
      backlog.text,
      /up to 1\d{4} records waited; they went at \d+\/s or more, [34]\.\d times what came in: a headroom of [23]\d{3}\/s/,
    );
    const { drain, headroom, rate } = backlog;
    assert.ok(headroom && drain && Math.abs(headroom.atLeast - (drain.atLeast - rate)) < 1e-6);
  });

  it('is not told where the lag was not watched, or never came back', () => {
    const unwatched = without(journalOf(leaderKill()), 'observed.output');
    assert.equal(judge(unwatched).faults[0]?.backlog, undefined);
    const slow = outputs({ from: 12_000, to: 25_000, drain: 1_000 });
    assert.equal(judge(slow).faults[0]?.backlog, undefined);
  });
});
