import { highest, intersect, type Range, size, subtract } from '../core/ranges.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { aggregatedBalance } from './aggregated.js';
import { EXAMPLES, lossExamples, readExamples } from './balance-examples.js';
import { notDrained } from './drained.js';
import { eventsOf, lastOf } from './events-of.js';
import { between, sum } from './extent.js';
import type { Balance, Extent } from './findings.js';
import { type LaneLedger, ledgerOf } from './produced.js';
import { reconciledBalance } from './reconciled.js';
import { reorderedOf } from './reordered.js';
import { countSeen, extras, neverAttempted, openTransactions, seenIn } from './seen.js';
import { stateBalance } from './state-balance.js';

type Read = EventOf<'data.read'>;

const total = (ledger: ReadonlyMap<number, LaneLedger>, of: (lane: LaneLedger) => number): number =>
  [...ledger.values()].reduce((n, lane) => n + of(lane), 0);

/** The numbers of the producer's side; the same for every job. */
export const producedCounts = (ledger: ReadonlyMap<number, LaneLedger>) => ({
  attempted: total(ledger, (lane) => lane.attempted),
  acknowledged: total(ledger, (lane) => size(lane.acknowledged)),
  failed: total(ledger, (lane) => size(lane.failed)),
  unknown: total(ledger, (lane) => size(lane.unknown)),
});

/**
 * How many acknowledged records of a lane are lost. Certain is what is missing below the highest record seen; the
 * tail above it counts as lost only once the job has drained.
 */
function lostIn(lane: LaneLedger, seen: Range[], uncommitted: Range[] | undefined, drained: boolean): Extent {
  const missing = subtract(lane.acknowledged, seen);
  // What an open transaction still holds may yet be committed; what not even read_uncommitted shows will not.
  const gone = uncommitted ? subtract(missing, uncommitted) : missing;
  const certain = drained ? gone : intersect(gone, [[1, highest(seen)]]);
  return between(size(certain), size(missing));
}

function lostOf(
  ledger: ReadonlyMap<number, LaneLedger>,
  read: Read | undefined,
  uncommitted: Read | undefined,
  drained: boolean,
): Extent {
  if (!read?.complete) {
    const lanes = read?.lanes ?? [];
    return between(
      0,
      total(ledger, (lane) => size(subtract(lane.acknowledged, seenIn(lanes, lane.lane)))),
    );
  }
  const open = openTransactions(read).reduce((n, p) => n + p.highWatermark - p.lastStableOffset, 0);
  const all = (usePeek: boolean): Extent =>
    sum(
      [...ledger.values()].map((lane) => {
        const peek = usePeek ? seenIn(uncommitted?.lanes ?? [], lane.lane) : undefined;
        return lostIn(lane, seenIn(read.lanes, lane.lane), peek, drained);
      }),
    );
  if (open === 0) return all(false);
  // No more records can hide behind the last stable offset than there are offsets.
  const plain = all(false);
  const peeked = uncommitted?.complete ? all(true).atLeast : 0;
  return between(Math.max(peeked, plain.atLeast - open, 0), plain.atMost);
}

/** The balance of the `pass-through` job, by record identity. */
function passThroughBalance(events: readonly JournalEvent[], ledger: ReadonlyMap<number, LaneLedger>): Balance {
  const reads = eventsOf(events, 'data.read');
  const output = (isolation: Read['isolation']): Read | undefined =>
    reads.filter((r) => r.of === 'output' && r.isolation === isolation).at(-1);
  const read = output('read_committed');
  const uncommitted = output('read_uncommitted');
  const input = reads.filter((r) => r.of === 'input').at(-1);
  const undrained = notDrained(events);
  const complete = read?.complete === true;
  const lanes = read?.lanes ?? [];
  const open = read ? openTransactions(read) : [];
  const produced = producedCounts(ledger);
  const found = (n: number, most: number | null): Extent => between(n, complete && open.length === 0 ? n : most);

  const lost = lostOf(ledger, read, uncommitted, undrained === undefined);
  const { ours: extra, strange } = extras(lanes, ledger);
  // What the input holds twice comes out twice from a job that is exactly-once.
  const inputExtra = input ? extras(input.lanes, ledger).ours : 0;
  const duplicated = between(Math.max(0, extra - inputExtra), found(extra, null).atMost);
  const phantoms = neverAttempted(lanes, ledger);
  const altered = read?.altered ?? 0;
  const invented = phantoms.reduce((n, p) => n + size(p.ranges), strange);
  const unexpected = invented + (read?.unreadable ?? 0) + altered;
  const reordered = reorderedOf(ledger, read, input);
  const seen = countSeen(ledger, lanes, (lane) => [[1, lane.attempted]]);
  const reasons = [
    ...(read ? [] : ['the committed output was not read']),
    ...(read && !read.complete
      ? [`the committed output was not read to its end: ${read.reason ?? 'no reason given'}`]
      : []),
    ...(undrained && (lost.atMost ?? 1) > 0 ? [undrained] : []),
    ...(open.length > 0 ? ['a transaction is still open in the output: what it holds is not committed yet'] : []),
  ];
  const balance: Balance = {
    job: 'pass-through',
    complete: reasons.length === 0,
    reasons,
    ...produced,
    seen: found(seen, produced.attempted),
    lost,
    duplicated,
    unexpected: found(unexpected, null),
    ...(read?.altered === undefined ? {} : { altered: found(altered, null) }),
    ...(reordered ? { reordered: reordered.count } : {}),
    recovered: found(
      countSeen(ledger, lanes, (lane) => lane.unknown),
      produced.unknown,
    ),
    failedYetSeen: found(
      countSeen(ledger, lanes, (lane) => lane.failed),
      produced.failed,
    ),
    openTransactions: open,
    examples: [],
  };
  if (uncommitted) {
    balance.seenUncommitted = countSeen(ledger, uncommitted.lanes, (lane) => [[1, lane.attempted]]);
    if (complete) balance.duplicatedUncommittedOnly = Math.max(0, extras(uncommitted.lanes, ledger).ours - extra);
  }
  if (input?.complete && complete) {
    balance.lostBeforeFlink = total(ledger, (lane) => {
      const missing = subtract(lane.acknowledged, seenIn(lanes, lane.lane));
      return size(subtract(missing, seenIn(input.lanes, lane.lane)));
    });
  }
  balance.examples = [
    ...(complete ? lossExamples(ledger, lanes) : []),
    ...(read ? readExamples(events, read, phantoms) : []),
    ...(reordered?.examples.slice(0, EXAMPLES) ?? []),
  ];
  return balance;
}

/** The data balance of a run; undefined when the producer's ledger is not in the journal. @throws Error */
export function balanceOf(events: readonly JournalEvent[]): Balance | undefined {
  const produced = lastOf(events, 'data.produced');
  const started = lastOf(events, 'run.started');
  const workload = started?.scenario.workload;
  if (workload?.job === 'attached') {
    return workload.attach.relation.kind === 'aggregate'
      ? aggregatedBalance(events)
      : reconciledBalance(events, workload);
  }
  if (!produced || !started) return undefined;
  const ledger = ledgerOf(produced.lanes);
  return started.scenario.workload.job === 'count' ? stateBalance(events, ledger) : passThroughBalance(events, ledger);
}
