import assert from 'node:assert/strict';
import { between, exactly } from '../../../src/core/extent.js';
import type { FaultSpec } from '../../../src/core/scenario.js';
import type { EventBody, JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { expectationLines } from '../../../src/report/expectation.js';
import { DEFAULTS, session } from '../../support/cases.js';
import { edited, journalOf, leaderKill, MONO, plus, standbyKill, WALL } from '../../support/journal-builder.js';

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

  describe('how often the job is started anew', () => {
    type Timestamps = Record<string, number>;
    const told = (t: number, timestamps: Timestamps): [number, EventBody] => [
      t,
      {
        type: 'observed.execution',
        node: 'jobmanager-2',
        start: MONO + t,
        end: MONO + t + 10,
        now: WALL + t + 5,
        timestamps: Object.fromEntries(Object.entries(timestamps).map(([state, at]) => [state, WALL + at])),
      },
    ];
    const failed = (t: number, ...at: number[]): [number, EventBody] => [
      t,
      {
        type: 'observed.exceptions',
        node: 'jobmanager-2',
        start: MONO + t,
        end: MONO + t + 10,
        entries: at.map((time) => ({ at: WALL + time, name: 'x', message: 'x' })),
      },
    ];
    const made = { INITIALIZING: 18_500, RUNNING: 18_600 };
    const restarts = (...more: [number, EventBody][]) =>
      expected(
        withSettings(
          more.reduce((all, [t, body]) => plus(all, t, body), killed),
          SIX,
        ),
      )?.restarts;

    it('once, by the next leader, where a look at its failures shows none', () => {
      const { measured, takes, within } = restarts(told(20_000, made), failed(30_000)) ?? {};
      assert.deepEqual([measured, takes], [exactly(1), exactly(1)]);
      assert.equal(within, 'yes');
    });

    it('once more for each failure, and for each restart that Flink tells of; neither of them twice', () => {
      const again = { ...made, RESTARTING: 19_000 };
      const both = restarts(told(20_000, made), told(21_000, again), failed(22_000, 19_000), failed(30_000));
      assert.deepEqual([both?.measured, both?.within], [exactly(2), 'no']);
      const more = restarts(told(21_000, again), failed(22_000, 19_000, 20_000), failed(30_000));
      assert.deepEqual(more?.measured, exactly(3));
      // What failed before the fault is none of its doing.
      assert.deepEqual(restarts(told(21_000, made), failed(30_000, 5_000))?.measured, exactly(1));
    });

    it('without what a leader made of it that was replaced, and without its failures', () => {
      const earlier = { INITIALIZING: 1_000, RUNNING: 1_100 };
      const by = ([t, event]: [number, EventBody], node: string): [number, EventBody] => [
        t,
        { ...event, node } as EventBody,
      ];
      const late = restarts(
        by(told(10_000, earlier), 'jobmanager-1'),
        told(20_000, made),
        by(told(25_000, { ...earlier, RESTARTING: 24_900 }), 'jobmanager-1'),
        by(failed(25_100, 24_900), 'jobmanager-1'),
        failed(30_000),
      );
      assert.deepEqual(late?.measured, exactly(1));
      // Before it was replaced they were the job's.
      const own = restarts(
        by(told(10_000, earlier), 'jobmanager-1'),
        by(told(13_000, { ...earlier, RESTARTING: 12_900 }), 'jobmanager-1'),
        told(20_000, made),
        failed(30_000),
      );
      assert.deepEqual(own?.measured, exactly(2));
    });

    it('without its failures where the clocks of JobManagers differ, and at least that often', () => {
      const [t, event] = told(9_000, { INITIALIZING: 1_000, RUNNING: 1_100 });
      const ahead = { ...event, node: 'jobmanager-1', now: WALL + t + 60_000 } as EventBody;
      const found = restarts([t, ahead], told(20_000, made), failed(22_000, 19_000), failed(30_000));
      assert.deepEqual(found?.measured, between(1, null));
    });

    it('at least that often where nobody looked at its failures afterwards', () => {
      assert.deepEqual(restarts(told(20_000, made), failed(22_000))?.measured, between(1, null));
      assert.equal(restarts(failed(30_000)), undefined, 'without any clock');
    });

    it('is told where it is not as promised', () => {
      const events = withSettings(
        [told(21_000, { ...made, RESTARTING: 19_000 }), failed(30_000)].reduce(
          (all, [t, body]) => plus(all, t, body),
          killed,
        ),
        SIX,
      );
      const [fault] = judge(events).faults;
      assert.match(
        expectationLines(fault ?? {}).join('\n'),
        /the job was started anew 2 times; promised: once \(by the JobManager that takes over\)/,
      );
    });
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
