import assert from 'node:assert/strict';
import type { JournalEvent } from '../../../src/journal/events.js';
import { passesOn } from '../../support/main-scenario.js';

/** Here, where no other cluster runs beside this one: elsewhere it would be the machine that is tested. */
function watchedOften(events: readonly JournalEvent[]): void {
  const effective = events.find(({ type }) => type === 'fault.effective');
  const steady = events.flatMap((e) => (e.type === 'steady-state' ? [e.since ?? Number.NaN] : []))[0] ?? Number.NaN;
  const looks = events.filter((e) => e.type === 'observed.jobs' && e.start > steady && e.seq < (effective?.seq ?? 0));
  const seconds = ((effective?.mono ?? 0) - steady) / 1000;
  assert.ok(looks.length / 2 / seconds >= 4, `${looks.length} looks at two endpoints in ${seconds} s`);
}

passesOn('1.20', '1.20.3', {}, watchedOften);
