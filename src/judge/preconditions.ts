import type { ErrorCode } from '../core/error.js';
import type { FaultSpec } from '../core/scenario.js';
import type { JournalEvent } from '../journal/events.js';
import { eventsOf, lastOf, stepAt } from './events-of.js';
import { jobLooks } from './job-looks.js';
import { jobIds } from './the-job.js';
import { goodBefore } from './timeline.js';

/**
 * Trouble that says of itself that the run proves nothing. Other trouble (a probe without an answer, a deadline) leaves
 * its mark in the observations, and there it is judged: making the whole run inconclusive would hide a failure.
 */
const INVALIDATING: ReadonlySet<string> = new Set<ErrorCode>([
  'CLUSTER_START',
  'STEADY_STATE',
  'FAULT_INJECT',
  'FAULT_NOT_EFFECTIVE',
  'JOURNAL_WRITE',
  'INTERNAL',
  'CAPABILITY_MISSING',
  'GUARD',
  'LEFTOVER_FAULT',
  'CLUSTER_BUSY',
]);
/** Invalidates only before a fault is effective: afterwards it may be what the fault did. */
const BEFORE_THE_FAULT: ReadonlySet<string> = new Set<ErrorCode>(['NODE_EXITED', 'WORKLOAD', 'SQL_GATEWAY']);

/** Why nothing may be concluded from this journal, whatever was measured. Empty when the run counts. */
export function preconditions(events: readonly JournalEvent[]): string[] {
  const reasons: string[] = [];
  const start = lastOf(events, 'run.started');
  if (!start) return ['the journal has no start of a run'];
  const interrupted = lastOf(events, 'interrupted');
  if (interrupted) reasons.push(`the run was interrupted by ${interrupted.signal}`);
  // The cause first, then what it led to.
  const effective = eventsOf(events, 'fault.effective')[0];
  const steady = lastOf(events, 'steady-state');
  for (const { code, message, mono } of eventsOf(events, 'trouble')) {
    const early = effective === undefined || mono < effective.after;
    // A run that never came to look for the steady state was ended by its trouble, whatever that is.
    const fatal = INVALIDATING.has(code) || (early && (steady === undefined || BEFORE_THE_FAULT.has(code)));
    if (fatal) reasons.push(`${code}: ${message}`);
  }
  if (!steady) reasons.push('no steady state was established');
  else if (!steady.reached) reasons.push(`the steady state was not reached: ${steady.reason ?? 'no reason given'}`);
  const stopped = lastOf(events, 'stopped');
  if (stopped?.verdict === 'inconclusive') reasons.push(`the run was stopped: ${stopped.text}`);
  // The faults that it did not come to any more prove nothing, and are missed by nobody.
  const planned = stopped ? 1 + Math.max(-1, ...eventsOf(events, 'fault.effective').map((e) => e.fault)) : undefined;
  if (planned === 0) reasons.push(`the run was stopped before a fault was effective: ${stopped?.text}`);
  else reasons.push(...faultReasons(events, start.scenario.faults, planned ?? start.scenario.faults.length));
  if (!lastOf(events, 'run.ended')) reasons.push('the journal has no end: the run crashed, or still goes on');
  if (start.scenario.objectives.length === 0)
    reasons.push('the scenario sets no objective, so there is nothing to pass');
  return reasons;
}

function faultReasons(events: readonly JournalEvent[], faults: readonly FaultSpec[], planned: number): string[] {
  const reasons: string[] = [];
  if (planned === 0) reasons.push('the scenario has no fault');
  for (const { fault, reason } of eventsOf(events, 'fault.not-effective')) {
    reasons.push(`fault ${fault + 1} was not effective: ${reason}`);
  }
  // Of a job that may or may not have ended nothing can be said; a savepoint alone leaves it as it was.
  for (const { fault, state, text } of eventsOf(events, 'operation.ended')) {
    if (state === 'unknown' && faults[fault]?.kind !== 'savepoint') reasons.push(`fault ${fault + 1}: ${text}`);
  }
  const effective = eventsOf(events, 'fault.effective');
  for (let fault = 0; fault < planned; fault++) {
    const proof = effective.find((event) => event.fault === fault);
    const denied = eventsOf(events, 'fault.not-effective').some((event) => event.fault === fault);
    if (!proof) {
      if (!denied) reasons.push(`fault ${fault + 1} was not proven effective`);
      continue;
    }
    const ended = [...eventsOf(events, 'fault.healed'), ...eventsOf(events, 'fault.heal-failed')];
    if (!ended.some((event) => event.fault === fault)) reasons.push(`fault ${fault + 1} was not proven healed`);
  }
  const [first] = effective;
  const submitted = jobIds(events).length > 0;
  if (first && !submitted) reasons.push('no job was submitted');
  // Without a job there are no looks at it.
  const looks = submitted ? jobLooks(events) : new Map();
  for (const { fault, after } of submitted ? effective : []) {
    // One beside another need not find the job running: that is what the other is for.
    if (faults[fault]?.beside || goodBefore(looks, after)) continue;
    const which = planned === 1 ? 'the fault' : `fault ${fault + 1}`;
    reasons.push(`the job was not seen running right before ${which}`);
  }
  const settled = stepAt(events, 'steady-state', 'started');
  if (first && settled !== undefined && first.after < settled) {
    reasons.push('the fault took effect before the steady state was looked for');
  }
  return reasons;
}
