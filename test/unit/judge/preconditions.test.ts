import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/core/error.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { preconditions } from '../../../src/judge/preconditions.js';
import { edited, journalOf, leaderKill, MONO, plus, without } from '../../support/journal-builder.js';

const clean = journalOf(leaderKill());
const trouble = (events: JournalEvent[], t: number, code: ErrorCode, message: string) =>
  plus(events, t, { type: 'trouble', code, message });

describe('what a run must have to count', () => {
  /** A run that ended before it looked for the steady state. */
  const ended = (...troubles: [code: ErrorCode, message: string][]) =>
    troubles.reduce(
      (events, [code, message], i) => trouble(events, 100 + i, code, message),
      without(clean, 'steady-state', 'fault.resolved', 'fault.effective', 'fault.confirmed', 'fault.healed'),
    );

  it('lacks nothing in a run that went well', () => {
    assert.deepEqual(preconditions(clean), []);
  });

  it('names any trouble of a run that never came to the steady state, the cause before its consequences', () => {
    assert.deepEqual(
      preconditions(ended(['KAFKA_WIRE', 'no broker answers'], ['DEADLINE', 'it took too long'], ['CLEANUP', 'left'])),
      [
        'KAFKA_WIRE: no broker answers',
        'DEADLINE: it took too long',
        'CLEANUP: left',
        'no steady state was established',
        'fault 1 was not proven effective',
      ],
    );
  });

  it('does not stumble over a run in which no job ever came about', () => {
    const events = trouble(
      without(clean, 'job.submitted', 'steady-state', 'observed.jobs'),
      100,
      'KAFKA_WIRE',
      'no broker',
    );
    assert.deepEqual(preconditions(events).slice(0, 2), ['KAFKA_WIRE: no broker', 'no steady state was established']);
  });

  it('names each fault before which the job was not seen running', () => {
    const down = (from: number, to: number) =>
      edited(clean, (event) =>
        event.type === 'observed.jobs' && event.start >= MONO + from && event.start < MONO + to
          ? { ...event, jobs: event.jobs?.map((job) => ({ ...job, running: 0 })) ?? [] }
          : event,
      );
    const two = (events: JournalEvent[]) =>
      plus(
        plus(
          edited(events, (event) =>
            event.type === 'run.started'
              ? {
                  ...event,
                  scenario: { ...event.scenario, faults: [...event.scenario.faults, ...event.scenario.faults] },
                }
              : event,
          ),
          32_010,
          { type: 'fault.effective', fault: 1, after: MONO + 32_000, by: MONO + 32_010, evidence: [] },
        ),
        32_600,
        { type: 'fault.healed', fault: 1, after: MONO + 32_500, by: MONO + 32_600, evidence: [] },
      );
    assert.deepEqual(preconditions(two(clean)), []);
    assert.deepEqual(preconditions(two(down(30_000, 32_000))), ['the job was not seen running right before fault 2']);
  });

  it('takes the same trouble for an observation where the steady state was looked for', () => {
    for (const code of ['KAFKA_WIRE', 'FLINK_REST', 'DEADLINE', 'ZOOKEEPER'] as const) {
      assert.deepEqual(preconditions(trouble(clean, 100, code, 'no answer')), [], code);
    }
  });

  it('without a steady state still leaves to the judge what came after the fault', () => {
    const { after = 0 } = clean.find((event) => event.type === 'fault.effective') ?? {};
    const { mono = 0 } = clean[0] ?? {};
    const events = trouble(without(clean, 'steady-state'), after - mono + 500, 'FLINK_REST', 'no answer');
    assert.deepEqual(preconditions(events), ['no steady state was established']);
    const early = trouble(events, after - mono - 500, 'FLINK_REST', 'refused');
    assert.deepEqual(preconditions(early), ['FLINK_REST: refused', 'no steady state was established']);
  });
});
