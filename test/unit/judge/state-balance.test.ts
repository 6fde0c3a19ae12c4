import assert from 'node:assert/strict';
import type { JournalEvent } from '../../../src/journal/events.js';
import { balanceOf } from '../../../src/judge/balance.js';
import type { Balance, Extent } from '../../../src/judge/findings.js';
import { journalOf, leaderKill, plus } from '../../support/journal-builder.js';

const balance = (events: JournalEvent[]): Balance => balanceOf(events) as Balance;
const exactly = (n: number): Extent => ({ atLeast: n, atMost: n });

describe('judge/state-balance', () => {
  const counted = journalOf(leaderKill({ job_: 'count' }));
  const state = (lanes: [count: number, max: number][], change: object = {}): JournalEvent[] =>
    plus(counted, 39_800, {
      type: 'data.state',
      topic: 'out',
      complete: true,
      updates: 100,
      wrong: 0,
      examples: [],
      lanes: lanes.map(([count, max], lane) => ({ lane, count, max })),
      ...change,
    });
  const cases: [name: string, events: JournalEvent[], lost: Extent, duplicated: Extent, wrong: Extent][] = [
    [
      'a right state',
      state([
        [15_000, 15_000],
        [15_000, 15_000],
      ]),
      exactly(0),
      exactly(0),
      exactly(0),
    ],
    [
      'a tail that is missing',
      state([
        [15_000, 15_000],
        [14_900, 14_900],
      ]),
      exactly(100),
      exactly(0),
      exactly(0),
    ],
    [
      'a count below its max',
      state(
        [
          [15_000, 15_000],
          [14_990, 15_000],
        ],
        { wrong: 4 },
      ),
      { atLeast: 10, atMost: 30_000 },
      { atLeast: 0, atMost: null },
      exactly(4),
    ],
    [
      'a count above its max',
      state(
        [
          [15_000, 15_000],
          [15_007, 15_000],
        ],
        { wrong: 4 },
      ),
      { atLeast: 0, atMost: 30_000 },
      { atLeast: 7, atMost: null },
      exactly(4),
    ],
    ['a lane without state', state([[15_000, 15_000]]), exactly(15_000), exactly(0), exactly(0)],
    [
      'a read that was cut',
      state([[15_000, 15_000]], { complete: false }),
      { atLeast: 0, atMost: 30_000 },
      { atLeast: 0, atMost: null },
      { atLeast: 0, atMost: null },
    ],
    ['no read', counted, { atLeast: 0, atMost: 30_000 }, { atLeast: 0, atMost: null }, { atLeast: 0, atMost: null }],
  ];
  for (const [name, events, lost, duplicated, wrong] of cases) {
    it(`judges ${name}`, () => {
      const b = balance(events);
      assert.deepEqual({ lost: b.lost, duplicated: b.duplicated, wrong: b.wrongState }, { lost, duplicated, wrong });
    });
  }
});
