import type { FaultSpec } from '../core/scenario.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import { elapsed } from './extent.js';
import type { FaultFinding } from './findings.js';

/** "taskmanager-1, taskmanager-2" */
const namesOf = ({ node, also = [] }: EventOf<'fault.resolved'>): string =>
  [node, ...also.map((other) => other.node)].join(', ');

/** The faults of a run and the evidence for them, without what they did to the job. */
export function faultsOf(events: readonly JournalEvent[], faults: readonly FaultSpec[]): FaultFinding[] {
  return faults.map(({ kind, beside, options }, index) => {
    const of = <T extends { fault: number }>(list: T[]): T[] => list.filter((event) => event.fault === index);
    const resolved = of(eventsOf(events, 'fault.resolved')).at(-1);
    const effective = of(eventsOf(events, 'fault.effective'))[0];
    const healed = of(eventsOf(events, 'fault.healed')).at(-1);
    const denied = of(eventsOf(events, 'fault.not-effective')).at(-1);
    const unhealed = of(eventsOf(events, 'fault.heal-failed')).at(-1);
    const confirmed = of(eventsOf(events, 'fault.confirmed'));
    const evidence: FaultFinding['evidence'] = [];
    const triggered = of(eventsOf(events, 'fault.triggered')).at(-1);
    if (triggered) evidence.push({ of: 'triggered', lines: [triggered.on, ...triggered.evidence] });
    if (resolved) evidence.push({ of: 'resolved', lines: resolved.evidence });
    if (effective) evidence.push({ of: 'effective', lines: effective.evidence });
    if (confirmed.length > 0) evidence.push({ of: 'confirmed', lines: confirmed.flatMap((e) => e.evidence) });
    const ended = of(eventsOf(events, 'operation.ended')).at(-1);
    if (ended) evidence.push({ of: 'ended', lines: [ended.text] });
    if (healed) evidence.push({ of: 'healed', lines: healed.evidence });
    const finding: FaultFinding = { index, kind, ...(beside ? { beside } : {}), evidence, phases: [] };
    if (resolved) Object.assign(finding, { selector: resolved.selector, node: namesOf(resolved) });
    if (effective) finding.effective = { after: effective.after, by: effective.by };
    if (healed) finding.healed = { after: healed.after, by: healed.by };
    if (finding.effective && finding.healed) finding.window = elapsed(finding.effective, finding.healed);
    const { expect } = options;
    if (expect === 'completed' || expect === 'failed' || expect === 'either') {
      const { state, text = 'it was not seen to end' } = ended ?? {};
      finding.operation = { expected: expect, text, ...(state ? { state } : {}) };
    }
    if (denied) finding.notEffective = denied.reason;
    // A later attempt that healed, as `flinch heal` makes, answers an earlier one that failed.
    if (unhealed && !(healed && healed.seq > unhealed.seq)) {
      finding.healFailed = { reason: unhealed.reason, remains: unhealed.remains };
    }
    return finding;
  });
}
