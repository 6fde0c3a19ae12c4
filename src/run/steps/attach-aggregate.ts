import type { AggregateRelation } from '../../core/record-spec.js';
import type { AggregatedExample } from '../../journal/attached-events.js';
import type { EventBody } from '../../journal/events.js';
import { type Aggregation, aggregateWindow } from '../../reconcile/aggregate/aggregate-window.js';
import type { GroupExample } from '../../reconcile/aggregate/count-groups.js';
import { showIdentity } from '../../reconcile/identity/show.js';
import type { Window } from '../../reconcile/window/window.js';
import { sideOf } from './attach-side.js';
import type { AttachedJob } from './attach-start.js';

/** Memory for groups; for what does not fit the topics are read again. Bytes. */
const MEMORY = 512 * 1024 * 1024;
/** Examples of each problem. */
const EXAMPLES = 5;

/** Holds the totals of an attached job against its source. */
export async function aggregated(
  { sides }: Pick<AttachedJob, 'sides'>,
  window: Window,
  relation: AggregateRelation,
): Promise<Extract<EventBody, { type: 'data.aggregated' }>> {
  const { source, sink } = await sides();
  const found = await aggregateWindow({ source, sink, window, relation, budgetBytes: MEMORY, examples: EXAMPLES });
  const { parts, before, invariants, reasons, examples, ...counts } = found;
  return {
    type: 'data.aggregated',
    ...counts,
    source: sideOf(found.source, parts.source),
    sink: sideOf(found.sink, parts.sink),
    complete: reasons.length === 0,
    reasons,
    wrongBefore: before,
    invariants: invariants.map(({ spec, wrong }) => ({ invariant: spec, wrong })),
    examples: examples.map((it) => exampleOf(it, invariants)),
  };
}

function exampleOf(
  { state, group, invariant, expected, found, said }: GroupExample,
  invariants: Aggregation['invariants'],
): AggregatedExample {
  const of = invariant === undefined ? undefined : invariants[invariant];
  return {
    problem: state === 'wrong' ? 'wrong' : 'wrongBefore',
    group: showIdentity({ bytes: group, start: 0, end: group.length }),
    ...(of ? { invariant: of.spec.kind } : {}),
    expected,
    found,
    ...(said ? { place: { partition: said.partition, offset: said.offset, timestamp: said.timestamp } } : {}),
  };
}
