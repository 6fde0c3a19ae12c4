import { intersect, type Range, size, subtract } from '../core/ranges.js';
import { formatDuration } from '../core/units.js';
import type { DatedRange, EventOf, HeldRecords, JournalEvent, ProducerIdentity } from '../journal/events.js';
import { eventsOf, lastOf } from './events-of.js';
import type { FaultFinding, LossFinding } from './findings.js';
import { missingPieces, type Piece, type Reads, readsOf } from './pieces.js';
import { seenIn } from './seen.js';
import { type FaultWindow, faultWindows } from './windows.js';

/** Ranges shown of one fate. */
const FIRST = 5;

type Fate = Pick<LossFinding, 'output' | 'input' | 'fault'> & { held?: HeldRecords };

interface Group {
  fate: Fate;
  pieces: Piece[];
  dated: DatedRange[];
}

/**
 * What became of the acknowledged records that the committed output lacks, those of one fate together, the largest
 * group first. A fate is: what the output and the input still hold of them, and the fault they belong to.
 */
export function lossesOf(events: readonly JournalEvent[], faults: readonly FaultFinding[]): LossFinding[] {
  const reads = readsOf(events);
  if (!reads) return [];
  const dates = lastOf(events, 'data.dated')?.ranges ?? [];
  const producers = lastOf(events, 'data.producers')?.producers ?? [];
  const windows = faultWindows(events, faults);
  const failed = eventsOf(events, 'commit.failed').filter(({ silent }) => silent);
  const groups = new Map<string, Group>();
  for (const piece of missingPieces(reads)) {
    for (const { sequences, input } of inInput(piece, reads)) {
      const dated = datesOf(dates, piece);
      const fate = fateOf({ ...piece, sequences }, reads, input, faultOf(windows, dated));
      const { held, ...plain } = fate;
      const key = JSON.stringify([plain, held?.producerId, held?.producerEpoch]);
      const group = groups.get(key) ?? { fate, pieces: [], dated: [] };
      group.pieces.push({ ...piece, sequences });
      if (dated) group.dated.push(dated);
      groups.set(key, group);
    }
  }
  return [...groups.values()]
    .map((group) => findingOf(group, producers, failed, windows))
    .sort((a, b) => b.count - a.count);
}

/** The piece, split by whether the input holds it. */
function inInput({ lane, sequences }: Piece, { input }: Reads): { sequences: Range; input: LossFinding['input'] }[] {
  const there = intersect([sequences], seenIn(input?.lanes ?? [], lane));
  const parts = there.map((part) => ({ sequences: part, input: 'held' as const }));
  const rest = subtract([sequences], there);
  const otherwise = input?.complete ? ('gone' as const) : ('unknown' as const);
  return [...parts, ...rest.map((part) => ({ sequences: part, input: otherwise }))];
}

function fateOf({ held }: Piece, { uncommitted }: Reads, input: LossFinding['input'], fault: number | undefined): Fate {
  const nowhere = uncommitted?.complete ? ('nowhere' as const) : ('unknown' as const);
  return {
    output: held?.state ?? nowhere,
    input,
    ...(held ? { held } : {}),
    ...(fault === undefined ? {} : { fault }),
  };
}

/** The piece was dated as a whole; a part of it lies within these times. */
const datesOf = (dates: readonly DatedRange[], { lane, sequences: [from, to] }: Piece): DatedRange | undefined =>
  dates.find((date) => date.lane === lane && date.from <= from && to <= date.to);

/** The fault that was effective, or not yet recovered from, when the records were produced. */
function faultOf(windows: readonly FaultWindow[], dated: DatedRange | undefined): number | undefined {
  if (!dated) return undefined;
  return windows.find(({ from, to }) => dated.lastTime >= from && dated.firstTime <= to)?.fault;
}

function findingOf(
  { fate, pieces, dated }: Group,
  producers: readonly ProducerIdentity[],
  failed: readonly EventOf<'commit.failed'>[],
  windows: readonly FaultWindow[],
): LossFinding {
  const { held, ...rest } = fate;
  const identity = held && producers.find(({ producerId }) => producerId === held.producerId);
  const given = held && failed.find((event) => isOf(event, held, identity?.transactionalId));
  const finding: LossFinding = {
    count: pieces.reduce((n, { sequences }) => n + size([sequences]), 0),
    first: pieces.slice(0, FIRST).map(({ lane, sequences }) => ({ lane, sequences })),
    ...rest,
    ...(held ? { producer: producerOf(held, identity) } : {}),
    ...(given ? { commitFailed: given.reason } : {}),
    ...(dated.length > 0
      ? {
          firstTime: Math.min(...dated.map(({ firstTime }) => firstTime)),
          lastTime: Math.max(...dated.map(({ lastTime }) => lastTime)),
        }
      : {}),
    text: '',
  };
  finding.text = textOf(finding, windows);
  return finding;
}

function producerOf(
  { producerId: id, producerEpoch: epoch }: HeldRecords,
  identity: ProducerIdentity | undefined,
): NonNullable<LossFinding['producer']> {
  const { transactionalId, timeoutMs, reason } = identity ?? {};
  return {
    id,
    epoch,
    ...(transactionalId === undefined ? {} : { transactionalId }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** An id is used again with a higher epoch, so it alone names no transaction where the log tells more. */
function isOf(
  { producerId, producerEpoch, transactionalId }: EventOf<'commit.failed'>,
  held: HeldRecords,
  id: string | undefined,
): boolean {
  if (producerId === undefined) return transactionalId !== undefined && transactionalId === id;
  return producerId === held.producerId && (producerEpoch ?? held.producerEpoch) === held.producerEpoch;
}

const INPUT: Record<LossFinding['input'], string> = {
  held: 'the input still holds them',
  gone: 'the input does not hold them either',
  unknown: 'whether the input holds them is not known',
};

function outputText({ output, producer, commitFailed }: LossFinding): string {
  if (output === 'nowhere') return 'they never reached the output';
  if (output === 'unknown') return 'whether the output ever held them is not known';
  const id = producer?.transactionalId;
  const who = id === undefined ? `a transaction of producer ${producer?.id}` : `transaction ${id}`;
  const limit = producer?.timeoutMs === undefined ? '' : ` (timeout ${formatDuration(producer.timeoutMs)})`;
  const gaveUp =
    commitFailed === undefined ? '' : `, and Flink's committer gave it up without failing the job (${commitFailed})`;
  return output === 'open'
    ? `they are in ${who}${limit}, which is still open`
    : `they were written in ${who}${limit}, which was aborted and not committed${gaveUp}`;
}

function textOf(finding: LossFinding, windows: readonly FaultWindow[]): string {
  const { count, fault, firstTime, lastTime } = finding;
  const window = windows.find((w) => w.fault === fault);
  const when =
    window && firstTime !== undefined && lastTime !== undefined
      ? `, produced ${since(firstTime - window.from)} to ${since(lastTime - window.from)} after fault ${window.fault + 1} took effect`
      : '';
  return `${count} records${when}: ${outputText(finding)}; ${INPUT[finding.input]}`;
}

const since = (ms: number): string => (ms < 0 ? `-${formatDuration(-ms)}` : formatDuration(ms));
