import assert from 'node:assert/strict';
import type { JournalEvent } from '../../../src/journal/events.js';
import { passesOn } from '../../support/main-scenario.js';

/** Looks in a row, and how long they may take for four a second. Milliseconds. */
const [IN_A_ROW, WITHIN] = [11, 2500];

/**
 * How often Flinch looks is seen where the machine lets it: in the densest row of looks at each endpoint. Over the whole
 * run it would be the machine that is tested.
 */
function watchedOften(events: readonly JournalEvent[]): void {
  const starts = new Map<string, number[]>();
  for (const e of events) {
    if (e.type === 'observed.jobs') starts.set(e.node, [...(starts.get(e.node) ?? []), e.start]);
  }
  assert.equal(starts.size, 2);
  for (const [node, at] of starts) {
    const rows = at.slice(IN_A_ROW - 1).map((start, i) => start - (at[i] ?? Number.NaN));
    assert.ok(Math.min(...rows) <= WITHIN, `${IN_A_ROW} looks at ${node} took ${Math.min(...rows)} ms at least`);
  }
}

passesOn('1.20', '1.20.3', {}, watchedOften);
