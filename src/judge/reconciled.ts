import type { AttachedWorkload } from '../core/scenario.js';
import type { ReconciledExample, ReconciledSide } from '../journal/attached-events.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { EXAMPLES, sinceFault } from './balance-examples.js';
import { notDrained } from './drained.js';
import { lastOf } from './events-of.js';
import { between, exactly } from './extent.js';
import type { AttachedBalance, Balance, BalanceExample, Extent } from './findings.js';

type Reconciled = EventOf<'data.reconciled'>;

/** The balance of a job that is not Flinch's own; undefined when its topics were not matched. */
export function reconciledBalance(events: readonly JournalEvent[], { attach }: AttachedWorkload): Balance | undefined {
  const found = lastOf(events, 'data.reconciled');
  if (!found) return undefined;
  const undrained = notDrained(events);
  const reasons = [
    ...found.reasons,
    // The run says so itself where draining was what failed.
    ...(undrained && found.reasons.length === 0 ? [undrained] : []),
    ...(found.sourceRecords === 0 ? ['no record of the source was due, so nothing was matched'] : []),
  ];
  const known = found.complete && undrained === undefined;
  // Whatever may still have been on its way is not lost, and may come out more than once.
  const more = ({ atLeast, atMost }: Extent): Extent => between(atLeast, known ? atMost : null);
  const lost = between(
    undrained === undefined ? found.lost.atLeast : 0,
    found.sourceRecords === 0 ? null : found.lost.atMost,
  );
  const { relation } = attach;
  const times = relation.kind === 'one-to-many' && relation.times !== undefined ? `:${relation.times}` : '';
  const attached: AttachedBalance = {
    source: found.source.topic,
    sink: found.sink.topic,
    relation: `${relation.kind}${times}`,
    sourceRecords: found.sourceRecords,
    sourceIds: found.sourceIds,
    filteredRecords: found.filteredRecords,
    sinkRecords: found.sinkRecords,
    sinkIds: found.sinkIds,
    lostYetUncommitted: found.lostYetUncommitted,
    shouldHaveBeenFiltered: more(found.shouldHaveBeenFiltered),
    ...(found.uncommittedOnly ? { uncommittedOnly: found.uncommittedOnly } : {}),
    window: [...windowOf('source', found.source), ...windowOf('sink', found.sink)],
  };
  return {
    job: 'attached',
    complete: reasons.length === 0,
    reasons,
    attempted: found.sourceRecords,
    acknowledged: found.sourceRecords,
    failed: 0,
    unknown: 0,
    seen: between(known ? found.sinkIds : 0, known ? found.sinkIds : null),
    lost,
    duplicated: known ? found.duplicated : more(found.duplicated),
    unexpected: known ? found.unexpected : more(found.unexpected),
    recovered: exactly(0),
    failedYetSeen: exactly(0),
    openTransactions: [],
    examples: examplesOf(events, found),
    attached,
  };
}

const windowOf = (of: 'source' | 'sink', { partitions }: ReconciledSide): AttachedBalance['window'] =>
  partitions.map(({ partition, from, to }) => ({ of, partition, from, to }));

const PROBLEMS = ['lost', 'duplicated', 'unexpected', 'shouldHaveBeenFiltered'] as const;

function examplesOf(events: readonly JournalEvent[], { examples }: Reconciled): BalanceExample[] {
  return PROBLEMS.flatMap((problem) =>
    examples
      .filter((it) => it.problem === problem)
      .slice(0, EXAMPLES)
      .map((it) => exampleOf(events, it)),
  );
}

function exampleOf(events: readonly JournalEvent[], it: ReconciledExample): BalanceExample {
  const place = it.problem === 'lost' ? it.places.source : (it.places.repeat ?? it.places.sink);
  const since = place && sinceFault(events, place.timestamp);
  const leaked = it.problem === 'shouldHaveBeenFiltered';
  const detail = [
    `${it.source} at the source, ${it.sink} at the sink`,
    ...(it.problem === 'lost' && place ? ['the place is the source\u2019s'] : []),
    ...(it.problem === 'lost' && it.uncommitted > 0 ? [`${it.uncommitted} not committed`] : []),
    ...(leaked ? ['the filter should have dropped it'] : []),
  ].join('; ');
  return {
    problem: it.problem === 'lost' || it.problem === 'duplicated' ? it.problem : 'unexpected',
    id: it.id,
    ...(place ? { partition: place.partition, offset: place.offset, time: place.timestamp } : {}),
    ...(since === undefined ? {} : { sinceFault: since }),
    detail,
  };
}
