import type { EventOf, JournalEvent } from '../journal/events.js';
import { monoOffset } from './checkpoints.js';
import { eventsOf, loadEnd } from './events-of.js';
import type { Balance } from './findings.js';
import { jobLooks } from './job-looks.js';

export interface FailedCommit
  extends Pick<
    EventOf<'commit.failed'>,
    'node' | 'at' | 'reason' | 'maybeHarmless' | 'transactionalId' | 'producerId' | 'producerEpoch' | 'cause'
  > {
  /** Milliseconds from the first fault's taking effect; negative before it. */
  sinceFault?: number;
}

/** Transactions that the sink's committer dropped without failing the job. Evidence of loss, not a count of records. */
export interface SilentCommitFailures {
  /** As many at least: the logs' lines or the metric, whichever tells of more. */
  atLeast: number;
  byLog: number;
  /** `failedCommittables`, summed over restarts; absent where Flink did not tell it. */
  byMetric?: number;
  transactions: FailedCommit[];
  /** Whether every look at the job from then on found all of its tasks running; absent without such looks. */
  stayedGreen?: boolean;
  text: string;
}

/** Most transactions that a report lists. */
const LISTED = 20;

/**
 * Failures by the metric, at least: a counter of each subtask, which begins again when its task restarts. A subtask that
 * is missing from a look may only have been slow to answer.
 */
function byMetric(events: readonly JournalEvent[]): number | undefined {
  const looks = eventsOf(events, 'observed.metrics').filter(({ committables }) => committables?.failed !== undefined);
  if (looks.length === 0) return undefined;
  const known = new Map<string, number>();
  let sum = 0;
  for (const { failedOf = [] } of looks) {
    for (const { subtask, failed } of failedOf) {
      const before = known.get(subtask) ?? 0;
      sum += failed < before ? failed : failed - before;
      known.set(subtask, failed);
    }
  }
  return sum;
}

function stayedGreen(events: readonly JournalEvent[], from: number): boolean | undefined {
  const until = loadEnd(events);
  const looks = [...jobLooks(events).values()].flat().filter((look) => look.start >= from && look.start < until);
  const told = looks.filter(({ view }) => view === 'good' || view === 'down');
  return told.length === 0 ? undefined : told.every(({ view }) => view === 'good');
}

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** Undefined where nothing tells of a failed commit. */
export function silentCommitFailures(
  events: readonly JournalEvent[],
  balance: Pick<Balance, 'lost'> | undefined,
): SilentCommitFailures | undefined {
  const failed = eventsOf(events, 'commit.failed').filter(({ silent }) => silent);
  const byLog = failed.reduce((n, { omitted = 0 }) => n + 1 + omitted, 0);
  const metric = byMetric(events);
  const loud = eventsOf(events, 'commit.failed').length - failed.length;
  // Failures that failed their task count for the metric too.
  const atLeast = Math.max(byLog, (metric ?? 0) - loud);
  if (atLeast === 0) return undefined;
  const fault = eventsOf(events, 'fault.effective')[0];
  const transactions = failed
    .sort((a, b) => a.at - b.at)
    .slice(0, LISTED)
    .map((event): FailedCommit => {
      const { node, at, reason, maybeHarmless, transactionalId, producerId, producerEpoch, cause } = event;
      return {
        ...{ node, at, reason },
        ...(maybeHarmless && { maybeHarmless }),
        ...(transactionalId !== undefined && { transactionalId }),
        ...(producerId !== undefined && { producerId }),
        ...(producerEpoch !== undefined && { producerEpoch }),
        ...(cause !== undefined && { cause }),
        ...(fault && { sinceFault: Math.round(at + monoOffset(fault) - fault.by) }),
      };
    });
  const first = failed[0];
  const green = first && stayedGreen(events, first.at + monoOffset(first));
  return {
    atLeast,
    byLog,
    ...(metric !== undefined && { byMetric: metric }),
    transactions,
    ...(green !== undefined && { stayedGreen: green }),
    text: textOf({ atLeast, byLog, transactions, green, balance }),
  };
}

function textOf(of: {
  atLeast: number;
  byLog: number;
  transactions: readonly FailedCommit[];
  green: boolean | undefined;
  balance: Pick<Balance, 'lost'> | undefined;
}): string {
  const ids = of.transactions.flatMap(({ transactionalId }) => transactionalId ?? []);
  const named = ids.length > 0 ? ` (${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', ...' : ''})` : '';
  const source = of.byLog > 0 ? '' : ', as its metric failedCommittables says; no log names them';
  const green =
    of.green === undefined ? '' : of.green ? ' and the job stayed green' : ', and the job went down later on';
  return `the sink's committer gave up ${plural(of.atLeast, 'transaction')}${named}${source}${green}: ${byIdentity(of)}`;
}

function byIdentity({
  balance,
  transactions,
}: {
  balance: Pick<Balance, 'lost'> | undefined;
  transactions: readonly FailedCommit[];
}): string {
  const { atLeast = 0, atMost = null } = balance?.lost ?? {};
  if (balance && atMost === 0) return 'by identity nothing is lost';
  if (atLeast > 0) return `by identity at least ${plural(atLeast, 'record')} are lost`;
  const harmless = transactions.length > 0 && transactions.every(({ maybeHarmless }) => maybeHarmless);
  return harmless ? 'it may be a part of the recovery' : 'what they held may be lost';
}
