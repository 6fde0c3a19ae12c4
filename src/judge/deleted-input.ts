import type { Interval } from '../core/poll.js';
import { normalise, type Range, size } from '../core/ranges.js';
import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import { between } from './extent.js';
import type { Extent } from './findings.js';

/** The input lost records at its log start while the job ran: to the job they are lost, but not by it. */
export interface DeletedInput {
  partition: number;
  /** How far the log start rose, and between which looks. Absent where only a log line tells. */
  logStart?: { before: number; after: number; at: Interval };
  /** What the job's group had committed before: it had read that far at least. */
  committed?: number;
  /** Positions that the job's consumer found out of range, and where it went on. */
  resets: { node: string; at: number; from: number; to?: number }[];
  /** Offsets deleted before the job had read them; as many records where none of them was a control record. */
  unread: Extent;
  /** A position was not in the log and reading went on before it: what lies between is read again, or was cut off. */
  wentBack?: true;
  text: string;
}

interface Rise {
  before: number;
  after: number;
  at: Interval;
}

/** When the log start of each partition rose. */
function risesOf(events: readonly JournalEvent[]): Map<number, Rise[]> {
  const rises = new Map<number, Rise[]>();
  const known = new Map<number, { earliest: number; start: number }>();
  const looks = eventsOf(events, 'observed.topic').filter((look) => look.of === 'input' && look.partitions);
  for (const { partitions = [], start, end } of looks.sort((a, b) => a.end - b.end)) {
    for (const { partition, earliest } of partitions) {
      const before = known.get(partition);
      known.set(partition, { earliest: Math.max(earliest, before?.earliest ?? 0), start });
      if (!before || earliest <= before.earliest) continue;
      const rise = { before: before.earliest, after: earliest, at: { after: before.start, by: end } };
      rises.set(partition, [...(rises.get(partition) ?? []), rise]);
    }
  }
  return rises;
}

/** The highest offset that the group had committed before a moment, as looks at it tell. */
function committedBefore(events: readonly JournalEvent[], partition: number, moment: number): number | undefined {
  const offsets = eventsOf(events, 'observed.group')
    .filter((look) => look.end <= moment)
    .flatMap((look) => look.partitions?.find((entry) => entry.partition === partition)?.offset ?? []);
  return offsets.length === 0 ? undefined : Math.max(...offsets);
}

/** What was deleted from the input under the job, by partition; none where its log starts stood still. */
export function deletedInputOf(events: readonly JournalEvent[]): DeletedInput[] {
  const input = eventsOf(events, 'job.submitted')[0]?.input;
  const resets = eventsOf(events, 'offset.reset').filter(({ topic }) => topic === input);
  const rises = risesOf(events);
  const counted = eventsOf(events, 'data.counted').findLast(({ of }) => of === 'input');
  const plain = counted?.complete === true && counted.partitions.every(({ control }) => control === 0);
  const noun = plain ? 'records' : 'offsets';
  const partitions = [...new Set([...rises.keys(), ...resets.map(({ partition }) => partition)])].sort((a, b) => a - b);
  return partitions.map((partition) => {
    const mine = resets.filter((reset) => reset.partition === partition);
    const risen = rises.get(partition) ?? [];
    // The same records are skipped again by a job that restarts from before them.
    const skipped = normalise(mine.flatMap(({ from, to }): Range[] => (to === undefined ? [] : [[from, to - 1]])));
    const committed = risen[0] && committedBefore(events, partition, risen[0].at.after);
    const possible = risen.map(({ before, after, at }): Range => {
      return [Math.max(before, committedBefore(events, partition, at.after) ?? 0), after - 1];
    });
    // Where the log does not tell the end, the log start does.
    const last = risen.at(-1);
    if (last) for (const { from, to } of mine) if (to === undefined) possible.push([from, last.after - 1]);
    const unread = between(size(skipped), openEnded(mine, risen) ? null : size([...skipped, ...possible]));
    const first = risen[0];
    const finding = {
      partition,
      ...(first &&
        last && {
          logStart: { before: first.before, after: last.after, at: { after: first.at.after, by: last.at.by } },
        }),
      ...(committed !== undefined && { committed }),
      resets: mine.map(({ node, at, from, to }) => ({ node, at, from, ...(to !== undefined && { to }) })),
      unread,
      ...(mine.some(({ from, to }) => to !== undefined && to < from) && { wentBack: true as const }),
    };
    return { ...finding, text: textOf(finding, skipped, noun) };
  });
}

/** A reset without its end, and no rise of the log start that would bound it. */
const openEnded = (resets: readonly { to?: number }[], rises: readonly Rise[]): boolean =>
  rises.length === 0 && resets.some(({ to }) => to === undefined);

function textOf(
  { partition, logStart, committed, unread, resets, wentBack }: Omit<DeletedInput, 'text'>,
  skipped: readonly Range[],
  noun: string,
): string {
  const where = `partition ${partition} of the input`;
  const ranges = skipped.map(([from, to]) => `${from} to ${to}`).join(', ');
  if (unread.atLeast > 0) {
    return `${where}: ${unread.atLeast} ${noun} were deleted before they were read (offsets ${ranges}): lost to the job, but not by it`;
  }
  const back = wentBack && resets.find(({ from, to = from }) => to < from);
  if (back) {
    return `${where}: the job stood at offset ${back.from}, which the log did not hold, and went back to ${back.to}: what lies between was cut off, or is read again`;
  }
  const risen = logStart
    ? `its log start rose from ${logStart.before} to ${logStart.after} during the run`
    : 'a position of the job was out of range';
  if (unread.atMost === 0) return `${where}: ${risen}; the job had read what was deleted`;
  const known =
    committed === undefined ? 'how far the job had read is not known' : `the job had read to ${committed} at least`;
  const most = unread.atMost === null ? noun : `up to ${unread.atMost} ${noun}`;
  return `${where}: ${risen}, and ${known}: ${most} may have been deleted before they were read`;
}
