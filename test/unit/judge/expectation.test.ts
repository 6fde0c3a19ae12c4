import assert from 'node:assert/strict';
import type { FaultSpec } from '../../../src/core/scenario.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { expectationLines } from '../../../src/report/expectation.js';
import { DEFAULTS, session } from '../../support/cases.js';
import { edited, journalOf, leaderKill, standbyKill } from '../../support/journal-builder.js';

const SIX = { ...DEFAULTS, ...session(6000) };

/** The cluster reports these settings. */
const withSettings = (events: JournalEvent[], settings: Record<string, string>): JournalEvent[] =>
  edited(events, (event) => (event.type === 'cluster.up' ? { ...event, settings } : event));
/** The scenario has these faults. */
const withFaults = (events: JournalEvent[], change: (faults: FaultSpec[]) => FaultSpec[]): JournalEvent[] =>
  edited(events, (event) =>
    event.type === 'run.started'
      ? { ...event, scenario: { ...event.scenario, faults: change(event.scenario.faults) } }
      : event,
  );
const expected = (events: JournalEvent[]) => judge(events).faults[0]?.expectation;
const phase = (events: JournalEvent[], name: string) => expected(events)?.phases.find((one) => one.name === name);

describe('what settings promise, and what came', () => {
  const killed = journalOf(leaderKill());

  it('a takeover within its intervals', () => {
    const { course, within } = expected(withSettings(killed, SIX)) ?? {};
    assert.deepEqual([course, within], ['takeover', 'unclear']);
    const lost = phase(withSettings(killed, SIX), 'leadershipLost');
    assert.deepEqual(lost?.takes, { atLeast: 4000, atMost: 7500 });
    assert.equal(lost?.within, 'yes');
    assert.deepEqual(lost?.decidedBy, ['high-availability.zookeeper.client.session-timeout = 6000 ms']);
    // From the end of one leadership to the beginning of the next, not from the fault.
    assert.equal(phase(withSettings(killed, SIX), 'newLeader')?.within, 'yes');
  });

  it('the phase that is outside is named, with what decides it; those after it are not', () => {
    const three = withSettings(killed, { ...DEFAULTS, ...session(3000) });
    assert.equal(phase(three, 'leadershipLost')?.within, 'no');
    assert.equal(phase(three, 'newLeader')?.within, 'yes');
    const [fault] = judge(three).faults;
    const lines = expectationLines(fault ?? {});
    assert.match(
      lines.join('\n'),
      /leadershipLost took 6\.\d+ s.* since the fault; promised: 2\.00 s to 4\.50 s \(.*= 3000 ms\)/,
    );
    assert.doesNotMatch(lines.join('\n'), /newLeader took/);
  });

  it('the interval of the job counts, not that of the cluster', () => {
    const checkpoint = phase(
      withSettings(killed, { ...SIX, 'execution.checkpointing.interval': '1h' }),
      'firstCheckpoint',
    );
    assert.deepEqual(checkpoint?.decidedBy, ['execution.checkpointing.interval = 2s']);
    assert.deepEqual(checkpoint?.takes, { atLeast: 0, atMost: 4000 });
  });

  it('a fault that nobody is to feel, and nobody felt', () => {
    const { course, within, phases } = expected(withSettings(journalOf(standbyKill()), SIX)) ?? {};
    assert.deepEqual([course, within, phases], ['none', 'yes', []]);
  });

  it('a fault that nobody was to feel, and that was felt, is told', () => {
    const felt = withFaults(withSettings(killed, SIX), () => [
      { kind: 'kill', options: { node: 'jobmanager.standby' } },
    ]);
    const [fault] = judge(felt).faults;
    assert.equal(fault?.expectation?.course, 'none');
    assert.equal(fault?.impact?.state, 'seen');
    assert.match(expectationLines(fault ?? {}).join('\n'), /not as the settings promise \(the job runs on/);
  });

  it('of faults together nothing is promised', () => {
    const together = withFaults(withSettings(killed, SIX), (faults) => [
      ...faults,
      { kind: 'pause', options: { node: 'taskmanager' }, beside: true },
    ]);
    assert.equal(expected(together), undefined);
  });

  it('an older journal without these settings promises nothing of the phases', () => {
    assert.deepEqual(
      expected(withSettings(killed, {}))?.phases.filter(({ decidedBy }) => decidedBy.length > 1),
      [],
    );
    assert.equal(phase(withSettings(killed, {}), 'leadershipLost'), undefined);
  });
});
