import type { InvariantSpec } from '../core/record-spec.js';
import type { AggregatedExample, ReconciledSide } from '../journal/attached-events.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { EXAMPLES, sinceFault } from './balance-examples.js';
import { notDrained } from './drained.js';
import { lastOf } from './events-of.js';
import { between, exactly } from './extent.js';
import type { AggregatedBalance, Balance, BalanceExample } from './findings.js';

const UNKNOWN = between(0, null);

/** The totals of a job that is not Flinch's own; undefined when its topics were not compared. */
export function aggregatedBalance(events: readonly JournalEvent[]): Balance | undefined {
  const found = lastOf(events, 'data.aggregated');
  if (!found) return undefined;
  const { sourceRecords, filteredRecords, groups, sinkGroups, wrongBefore, unclear, wrong, complete } = found;
  const undrained = notDrained(events);
  const reasons = [
    ...found.reasons,
    // The run says so itself where draining was what failed.
    ...(undrained && found.reasons.length === 0 ? [undrained] : []),
    ...(sourceRecords === 0 && !undrained ? ['no record of the source counts, so nothing was compared'] : []),
  ];
  const aggregated: AggregatedBalance = {
    source: found.source.topic,
    sink: found.sink.topic,
    sourceRecords,
    filteredRecords,
    sinkRecords: found.sink.records,
    groups,
    sinkGroups,
    wrongBefore,
    unclear,
    invariants: found.invariants.map(({ invariant, wrong: of }) => ({ text: textOf(invariant), wrong: of })),
    window: [...windowOf('source', found.source), ...windowOf('sink', found.sink)],
  };
  // Groups that cannot be judged are the only doubt that leaves a number of others.
  const counted = undrained === undefined && sourceRecords > 0 && (complete || unclear > 0);
  return {
    job: 'attached',
    complete: reasons.length === 0,
    reasons,
    attempted: sourceRecords,
    acknowledged: sourceRecords,
    failed: 0,
    unknown: 0,
    // Totals do not tell which records they are of.
    seen: UNKNOWN,
    lost: UNKNOWN,
    duplicated: UNKNOWN,
    unexpected: UNKNOWN,
    recovered: exactly(0),
    failedYetSeen: exactly(0),
    // What may still have been on its way is not missing from a total.
    wrongState: between(undrained === undefined ? wrong.atLeast : 0, counted ? wrong.atMost : null),
    openTransactions: [],
    examples: examplesOf(events, found),
    aggregated,
  };
}

/** `SUM(/amount) at /total, give or take 0.01`. */
function textOf(invariant: InvariantSpec): string {
  const { kind, sink } = invariant;
  const of = kind === 'count' ? '*' : invariant.source;
  const tolerance = kind === 'sum' && invariant.tolerance > 0 ? `, give or take ${invariant.tolerance}` : '';
  return `${kind.toUpperCase()}(${of}) at ${sink}${tolerance}`;
}

const windowOf = (of: 'source' | 'sink', { partitions }: ReconciledSide): AggregatedBalance['window'] =>
  partitions.map(({ partition, from, to }) => ({ of, partition, from, to }));

const examplesOf = (events: readonly JournalEvent[], { examples }: EventOf<'data.aggregated'>): BalanceExample[] =>
  (['wrong', 'wrongBefore'] as const).flatMap((problem) =>
    examples
      .filter((it) => it.problem === problem)
      .slice(0, EXAMPLES)
      .map((it) => exampleOf(events, it)),
  );

function exampleOf(
  events: readonly JournalEvent[],
  { problem, group, invariant, expected, found, place }: AggregatedExample,
): BalanceExample {
  const since = place && sinceFault(events, place.timestamp);
  const what = invariant === undefined ? '' : `${invariant} `;
  return {
    problem: 'wrong state',
    id: group,
    ...(place ? { partition: place.partition, offset: place.offset, time: place.timestamp } : {}),
    ...(since === undefined ? {} : { sinceFault: since }),
    detail: `${what}expected ${expected}, found ${found}${problem === 'wrong' ? '' : '; so before anything was broken'}`,
  };
}
