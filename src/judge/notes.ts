import { formatDuration } from '../core/units.js';
import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import { countText } from './extent.js';
import type { Balance, FaultFinding, Findings } from './findings.js';
import { heldBackNotes } from './held-back.js';

/** What was found beside the balance by identity. */
export type Beside = Pick<Findings, 'offsets' | 'silentCommitFailures' | 'heldBack'>;

function besideNotes({ offsets, silentCommitFailures, heldBack }: Beside): string[] {
  return [
    ...(silentCommitFailures ? [silentCommitFailures.text] : []),
    ...(heldBack ? heldBackNotes(heldBack) : []),
    ...(offsets?.deleted ?? [])
      .filter(({ unread, wentBack }) => unread.atMost !== 0 || wentBack)
      .map(({ text }) => text),
    ...(offsets?.disagreements ?? []),
  ];
}

function balanceNotes(balance: Balance): string[] {
  const { failedYetSeen, duplicatedUncommittedOnly, lostBeforeFlink, unknown, recovered, openTransactions } = balance;
  const notes: string[] = [];
  if (failedYetSeen.atLeast > 0)
    notes.push(`${countText(failedYetSeen)} records whose send failed are in the committed output`);
  if (duplicatedUncommittedOnly) {
    notes.push(
      `${duplicatedUncommittedOnly} extra records are visible at read_uncommitted only: left by aborted transactions, fine`,
    );
  }
  if (lostBeforeFlink)
    notes.push(`${lostBeforeFlink} of the lost records are not in the input topic either: lost before Flink`);
  if (unknown > 0)
    notes.push(`${unknown} sends have an unknown outcome; ${countText(recovered)} of them arrived, which is fine`);
  for (const { partition, lastStableOffset, highWatermark } of openTransactions) {
    notes.push(
      `partition ${partition} of the output has an open transaction: last stable offset ${lastStableOffset}, high watermark ${highWatermark}`,
    );
  }
  return notes;
}

/** Two answers to one question, a look apart at most. Milliseconds. */
const CONTRADICTS = 300;

/** Flink's own times of its tasks against the counts of those that run, which have nothing in common. */
function contradiction({ index, phases }: FaultFinding): string[] {
  const at = (name: string) => phases.find((phase) => phase.name === name)?.at;
  const [restored, running] = [at('stateRestored'), at('tasksRunning')];
  if (!restored || !running) return [];
  const apart = Math.max(restored.after - running.by, running.after - restored.by);
  if (apart <= CONTRADICTS) return [];
  const what = 'the moments of the tasks as Flink tells them, and the counts of those that ran, contradict each other';
  return [`fault ${index + 1}: ${what} by ${formatDuration(apart)}`];
}

/** Worth knowing, without weight in the verdict. */
export function notesOf(
  events: readonly JournalEvent[],
  balance: Balance | undefined,
  faults: readonly FaultFinding[],
  beside: Beside = {},
): string[] {
  const notes = [...(balance ? balanceNotes(balance) : []), ...besideNotes(beside)];
  for (const fault of faults) {
    const { impact, index } = fault;
    notes.push(...contradiction(fault));
    if (impact && impact.outages > 1) {
      notes.push(
        `fault ${index + 1}: the job went down ${impact.outages} times; recovery is the last time that it came back`,
      );
    }
  }
  const exceptions = eventsOf(events, 'observed.exceptions').reduce((n, look) => n + (look.entries?.length ?? 0), 0);
  if (exceptions > 0) notes.push(`Flink reported ${exceptions} exception${exceptions === 1 ? '' : 's'}`);
  return notes;
}
