import type { EventOf, JournalEvent } from '../../journal/events.js';
import { endOf, eventsOf, lastOf, loadEnd } from '../../judge/events-of.js';
import type { Findings } from '../../judge/findings.js';

/** What every section of the report is made from. */
export interface Frame {
  events: readonly JournalEvent[];
  findings: Findings;
  start: EventOf<'run.started'> | undefined;
  /** Time 0 of all plots: the first fault took effect, or the run started. Monotonic milliseconds. */
  zero: number;
  zeroName: string;
  /** What the plots show. Monotonic milliseconds. */
  span: [from: number, to: number];
  /** Fault windows, effective to healed. Monotonic milliseconds. */
  windows: { from: number; to: number; name: string }[];
}

/** How much of the steady state the plots show, in milliseconds. */
const BEFORE = 10_000;

export function frameOf(events: readonly JournalEvent[], findings: Findings): Frame {
  const start = lastOf(events, 'run.started');
  const end = Math.max(loadEnd(events), (start?.mono ?? 0) + 1);
  const felt = findings.faults.filter((fault) => fault.effective);
  const zero = felt[0]?.effective?.by ?? start?.mono ?? 0;
  const windows = felt.map((fault) => ({
    from: fault.effective?.by ?? zero,
    to: fault.healed?.by ?? endOf(events),
    name: fault.node ? `${fault.kind} ${fault.node}` : fault.kind,
  }));
  const firstLook = eventsOf(events, 'observed.jobs')[0]?.start ?? start?.mono ?? 0;
  const from = felt.length > 0 ? Math.max(firstLook, zero - BEFORE) : firstLook;
  const span: [number, number] = [from, Math.max(end, from + 1)];
  const fault = felt.length > 1 ? 'the first fault took effect' : 'the fault took effect';
  const zeroName = felt.length > 0 ? fault : 'the run started';
  return { events, findings, start, zero, zeroName, span, windows };
}
