import { highest, intersect, type Range, size, subtract } from '../core/ranges.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { EXAMPLES, sinceFault } from './balance-examples.js';
import { notDrained } from './drained.js';
import { eventsOf, lastOf } from './events-of.js';
import { between, exactly, sum } from './extent.js';
import type { Balance, BalanceExample, Extent } from './findings.js';
import type { LaneLedger } from './produced.js';
import { openTransactions } from './seen.js';

interface LaneState {
  lost: Extent;
  duplicated: Extent;
  unexpected: Extent;
  recovered: Extent;
}

/**
 * What the final COUNT and MAX of a lane say. Sequences have no gaps, so in a right state they are equal, and the
 * lane holds exactly 1 to MAX; then the answer is as sharp as by identity. Otherwise a count cannot tell a lost
 * record from an uncertain one that arrived, nor a loss that a duplicate hides, and the bounds open accordingly.
 */
export function laneState(
  lane: LaneLedger,
  final: { count: number; max: number },
  { clean, drained }: { clean: boolean; drained: boolean },
): LaneState {
  const { count, max } = final;
  const acknowledged = size(lane.acknowledged);
  const uncertain = size(lane.unknown) + size(lane.failed);
  const unexpected = exactly(Math.max(0, max - lane.attempted));
  const upTo: Range[] = [[1, max]];
  const tail = size(subtract(lane.acknowledged, upTo));
  if (clean && count === max) {
    const recovered = exactly(size(intersect(lane.unknown, upTo)));
    return { lost: between(drained ? tail : 0, tail), duplicated: exactly(0), unexpected, recovered };
  }
  const due = drained ? acknowledged : size(intersect(lane.acknowledged, upTo));
  const certain = Math.max(0, due - count);
  const most = clean ? Math.max(certain, Math.min(acknowledged, acknowledged - count + uncertain)) : acknowledged;
  const twice = Math.max(0, count - max);
  return {
    lost: between(certain, most),
    duplicated: between(twice, clean ? twice : null),
    unexpected,
    recovered: between(0, size(lane.unknown)),
  };
}

const UNKNOWN = between(0, null);

/** The balance of the `count` job: its state against the producer's ledger. */
export function stateBalance(events: readonly JournalEvent[], ledger: ReadonlyMap<number, LaneLedger>): Balance {
  const state = lastOf(events, 'data.state');
  const undrained = notDrained(events);
  const lanes = [...ledger.values()];
  const add = (of: (lane: LaneLedger) => number): number => lanes.reduce((n, lane) => n + of(lane), 0);
  const failed = add((lane) => size(lane.failed));
  const unknown = add((lane) => size(lane.unknown));
  const acknowledged = add((lane) => size(lane.acknowledged));
  const finalOf = (lane: number) => state?.lanes.find((l) => l.lane === lane) ?? { lane, count: 0, max: 0 };
  const clean = state?.wrong === 0;
  const each = lanes.map((lane) => laneState(lane, finalOf(lane.lane), { clean, drained: undrained === undefined }));
  const strangers = (state?.lanes ?? []).filter((l) => !ledger.has(l.lane)).reduce((n, l) => n + l.count, 0);
  const counted = (state?.lanes ?? []).reduce((n, lane) => n + lane.count, 0);
  const read = eventsOf(events, 'data.read').filter((r) => r.of === 'output' && r.isolation === 'read_committed');
  const open = read.slice(-1).flatMap(openTransactions);
  const complete = state?.complete === true && open.length === 0;
  // Read in part, a final count is not known, but a contradiction that was read stays one.
  const cut = (extent: Extent, most: number | null): Extent => between(extent.atLeast, complete ? extent.atMost : most);
  const lost = complete ? sum(each.map((e) => e.lost)) : between(0, acknowledged);
  // A failed send leaves a gap in the input, and then COUNT may differ from MAX in a right state.
  const wrong = state?.wrong ?? 0;
  const sure = failed + unknown === 0 ? wrong : 0;
  const reasons = [
    ...(state ? [] : ['the state output was not read']),
    ...(state && !state.complete
      ? [`the state output was not read to its end: ${state.reason ?? 'no reason given'}`]
      : []),
    ...(open.length > 0 ? ['a transaction is still open in the output: what it holds is not committed yet'] : []),
    ...(undrained && (lost.atMost ?? 1) > 0 ? [undrained] : []),
  ];
  return {
    job: 'count',
    complete: reasons.length === 0,
    reasons,
    attempted: add((lane) => lane.attempted),
    acknowledged,
    failed,
    unknown,
    seen: between(complete ? counted : 0, complete ? counted : null),
    lost,
    duplicated: cut(sum(each.map((e) => e.duplicated)), null),
    unexpected: cut(sum([...each.map((e) => e.unexpected), exactly(strangers)]), null),
    recovered: complete ? sum(each.map((e) => e.recovered)) : between(0, unknown),
    failedYetSeen: failed === 0 ? exactly(0) : between(0, failed),
    wrongState: state ? between(sure, complete ? wrong : null) : UNKNOWN,
    openTransactions: open,
    examples: state ? stateExamples(events, state, lanes) : [],
  };
}

function stateExamples(
  events: readonly JournalEvent[],
  state: EventOf<'data.state'>,
  lanes: readonly LaneLedger[],
): BalanceExample[] {
  const wrong = state.examples.slice(0, EXAMPLES).map((e): BalanceExample => {
    const since = sinceFault(events, e.time);
    const detail = `count ${e.count}, max ${e.max}: ${e.problem}`;
    const base = {
      problem: 'wrong state',
      lane: e.lane,
      partition: e.partition,
      offset: e.offset,
      time: e.time,
      detail,
    } as const;
    return since === undefined ? base : { ...base, sinceFault: since };
  });
  const short = lanes.flatMap((lane): BalanceExample[] => {
    const final = state.lanes.find((l) => l.lane === lane.lane);
    const last = highest(lane.acknowledged);
    if (!state.complete || (final?.count ?? 0) >= size(lane.acknowledged)) return [];
    const detail = `final count ${final?.count ?? 0}, max ${final?.max ?? 0}; ${size(lane.acknowledged)} acknowledged, last ${last}`;
    return [{ problem: 'lost', lane: lane.lane, detail }];
  });
  return [...short.slice(0, EXAMPLES), ...wrong];
}
