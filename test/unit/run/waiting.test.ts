import assert from 'node:assert/strict';
import type { PartitionOffsets } from '../../../src/client/kafka/log/offsets.js';
import type { LaneProduced } from '../../../src/journal/events.js';
import { awaitRecovery, isOver, longestWait } from '../../../src/run/steps/await-recovery.js';
import { quiesce } from '../../../src/run/steps/quiesce.js';
import { settle } from '../../../src/run/steps/settle.js';
import type { RunningWorkload } from '../../../src/run/steps/workload.js';
import type { TimelineNow } from '../../../src/run/timeline-now.js';
import { waitFor } from '../../../src/run/wait-for.js';
import { handClock } from '../../support/hand-clock.js';
import { DETECTION } from '../../support/hand-made-cluster.js';
import { firstOf, handMadeRun, outcomeOf } from '../../support/hand-made-run.js';
import { atMost, journalOf, leaderKill, MONO, type Story, standbyKill } from '../../support/journal-builder.js';

const FAULT_AT = 12_000;

/** A run in which a story plays, at the moment just after its fault. */
async function playing(story: Story, drop: (at: number) => boolean = () => false) {
  const run = handMadeRun();
  for (const event of journalOf(story)) {
    const at = event.mono - MONO;
    if (event.type !== 'fault.healed' && !drop(at)) run.clock.plan(at, () => run.recorder.push(event));
  }
  await run.clock.sleep(FAULT_AT + 20);
  return { ...run, since: () => run.clock.passed() - FAULT_AT };
}

describe('waiting', () => {
  describe('for the recovery', () => {
    it('ends when every task runs and committed output flows again', async () => {
      const { state, since } = await playing(leaderKill());
      await awaitRecovery(state, [0]);
      assert.ok(since() > 12_900 && since() < 14_500, `${since()} ms`);
    });

    it('ends without an outage once one would have been noticed', async () => {
      const { state, since } = await playing(standbyKill());
      await awaitRecovery(state, [0]);
      assert.ok(since() >= DETECTION && since() < DETECTION + 1000, `${since()} ms`);
    });

    it('counts that time from its own beginning: the end of a fault of a given length can be felt too', async () => {
      const { state, clock, since } = await playing(standbyKill());
      await clock.sleep(10_000);
      const begun = since();
      await awaitRecovery(state, [0]);
      assert.ok(since() - begun >= DETECTION && since() - begun < DETECTION + 1000, `${since() - begun} ms`);
    });

    it('goes on beyond every bound when nothing comes back, and then ends', async () => {
      const { state, since } = await playing(leaderKill({ newLeaderAt: undefined, every: 4000 }), (at) => at > 25_000);
      await awaitRecovery(state, [0]);
      assert.ok(since() >= longestWait(state.scenario.objectives, DETECTION), `${since()} ms`);
    });

    it('ends at once when interrupted', async () => {
      const { state, abort, clock, since } = await playing(leaderKill());
      clock.plan(FAULT_AT + 2000, () => abort.abort(new Error('enough')));
      assert.equal(await outcomeOf(awaitRecovery(state, [0])), 'enough');
      assert.ok(since() < 2500);
    });

    it('lasts longer than the longest bound, and than noticing takes', () => {
      assert.equal(longestWait([atMost('recovery', 90_000), atMost('lost', 500_000, 'count')], 14_000), 100_000);
      assert.equal(longestWait([{ ...atMost('recovery', 0), atLeast: 120_000 }], 14_000), 130_000);
      assert.equal(longestWait([], 58_000), 118_000);
    });

    it('is over when nothing is open but what comes after healing', () => {
      const now = (state: 'seen' | 'none' | 'unclear', ...phases: [string, string][]): TimelineNow =>
        ({
          effective: 1000,
          impact: { state },
          phases: phases.map(([name, reached]) => ({ name, state: reached })),
        }) as unknown as TimelineNow;
      assert.equal(isOver(now('seen', ['tasksRunning', 'reached'], ['caughtUp', 'not-reached']), 1001, 500), true);
      assert.equal(
        isOver(now('seen', ['tasksRunning', 'reached'], ['capacityRegained', 'not-reached']), 1001, 500),
        true,
      );
      assert.equal(isOver(now('seen', ['tasksRunning', 'not-reached']), 99_999, 500), false);
      for (const state of ['none', 'unclear'] as const) {
        assert.equal(isOver(now(state, ['tasksRunning', 'not-impacted']), 1499, 500), false);
        assert.equal(isOver(now(state, ['tasksRunning', 'not-impacted']), 1500, 500), true);
      }
    });
  });

  describe('for the cluster to settle', () => {
    it('ends when the lag is back in its band, not earlier than two seconds', async () => {
      const { state, clock, since } = await playing(leaderKill());
      await clock.sleep(18_000);
      const before = since();
      await settle(state, [0]);
      assert.ok(since() - before >= 2000 && since() - before < 3000, `${since() - before} ms`);
    });

    it('ends after a minute when it never is', async () => {
      const { state, since } = await playing(leaderKill({ commits: [1400, 3400, 5400], every: 4000 }));
      await settle(state, [0]);
      assert.ok(since() >= 60_000 && since() < 61_000, `${since()} ms`);
    });

    it('ends soon where tasks have not come back for as long as they are waited for, once all was healed', async () => {
      const stuck = (_: string, t: number) => (t > 14_000 ? 'down' : 'good');
      for (const [healed, least, most] of [
        [true, 2000, 3000],
        // Healing may bring them back.
        [false, 60_000, 61_000],
      ] as const) {
        const run = await playing(leaderKill({ job: stuck, commits: [1400, 3400], endAt: 130_000, every: 4000 }));
        const { state, clock, recorder, since } = run;
        const by = clock.mono();
        if (healed)
          recorder.push({ seq: 0, mono: by, wall: 0, type: 'fault.healed', fault: 0, after: by, by, evidence: [] });
        await awaitRecovery(state, [0]);
        const before = since();
        await settle(state, [0]);
        assert.ok(since() - before >= least && since() - before < most, `${healed} ${since() - before} ms`);
      }
    });
  });

  describe('for the job to drain', () => {
    const produced: LaneProduced[] = [{ lane: 0, attempted: 9, acknowledged: [[1, 9]], failed: [], unknown: [] }];
    const offsets = (lastStableOffset: number): PartitionOffsets[] =>
      [7, 20].map((highWatermark, partition) => ({
        partition,
        leaderEpoch: 0,
        earliest: 0,
        highWatermark,
        lastStableOffset: highWatermark,
        ...(partition ? { lastStableOffset } : {}),
      }));

    function draining() {
      const run = handMadeRun();
      const now = { lag: 0, stable: 20, broken: false };
      const workload = {
        output: 'out',
        lag: () => now.lag,
        producer: {
          stop: async () => {
            run.log.push('stop');
            return produced;
          },
        },
        reader: {
          offsets: async (topic: string) => {
            run.log.push(`offsets ${topic}`);
            if (now.broken) throw new Error('broker 1 hangs');
            return offsets(now.stable);
          },
        },
      } as unknown as RunningWorkload;
      return { ...run, now, workload, quiesce: () => quiesce(run.state, workload) };
    }

    it('stops producing first, and looks twice', async () => {
      const { quiesce: drain, log, recorder } = draining();
      assert.deepEqual(await drain(), produced);
      assert.deepEqual(log, ['stop', 'offsets out', 'offsets out']);
      assert.deepEqual(recorder.events, []);
    });

    it('waits for the lag and for open transactions, and begins anew when one opens', async () => {
      const { quiesce: drain, now, clock, recorder } = draining();
      Object.assign(now, { lag: 3, stable: 19 });
      clock.plan(1000, () => {
        now.lag = 0;
      });
      clock.plan(3000, () => {
        now.stable = 20;
      });
      clock.plan(3100, () => {
        now.stable = 18;
      });
      clock.plan(5000, () => {
        now.stable = 20;
      });
      await drain();
      assert.ok(clock.passed() >= 5400 && clock.passed() < 6000, `${clock.passed()} ms`);
      assert.deepEqual(recorder.events, []);
    });

    it('gives up soon where the tasks have not come back', async () => {
      const stuck = (_: string, t: number) => (t > 14_000 ? 'down' : 'good');
      const { state, clock, recorder } = await playing(leaderKill({ job: stuck, endAt: 130_000, every: 4000 }));
      const by = clock.mono();
      recorder.push({ seq: 0, mono: by, wall: 0, type: 'fault.healed', fault: 0, after: by, by, evidence: [] });
      await awaitRecovery(state, [0]);
      const { workload } = draining();
      const before = clock.passed();
      await quiesce(state, { ...workload, lag: () => 3 });
      assert.ok(clock.passed() - before >= 10_000 && clock.passed() - before < 11_000);
      assert.match(firstOf(recorder.events, 'trouble')?.message ?? '', /not drained 10.00 s after .*: 3 acknowledged/);
    });

    for (const [name, change, says] of [
      ['records are missing', { lag: 3 }, /3 acknowledged records are not in the committed output/],
      ['a transaction stays open', { stable: 19 }, /a transaction is open on partition 1/],
      ['the broker does not answer', { broken: true }, /broker 1 hangs/],
    ] as const) {
      it(`tells as trouble that ${name} a minute later`, async () => {
        const { quiesce: drain, now, clock, recorder } = draining();
        Object.assign(now, change);
        assert.deepEqual(await drain(), produced);
        const trouble = firstOf(recorder.events, 'trouble');
        assert.equal(trouble?.code, 'DEADLINE');
        assert.match(trouble?.message ?? '', says);
        assert.ok(clock.passed() >= 60_000 && clock.passed() < 61_000);
      });
    }
  });

  describe('for an answer from the journal', () => {
    const { signal } = new AbortController();

    it('looks at once, and a last time when the time is up', async () => {
      const clock = handClock();
      const now = clock.mono();
      assert.equal(await waitFor(() => 'there', { until: now, clock, signal }), 'there');
      const at = 1250;
      const late = () => (clock.passed() >= at ? 'late' : undefined);
      assert.equal(await waitFor(late, { until: now + at, clock, signal, every: 1000 }), 'late');
      assert.equal(clock.passed(), at);
      assert.equal(await waitFor(() => undefined, { until: now + 5000, clock, signal }), undefined);
      assert.equal(clock.passed(), 5000);
    });
  });
});
