import { FlinchError } from '../../core/error.js';
import type { Place } from '../ids/sighting.js';
import type { PlaceName, Tallied } from '../ids/tallied.js';
import type { MultisetCounter } from '../multiset-balance.js';
import { identityBytes } from './identity-text.js';

/** A record that takes no part, by its place in its topic. */
export interface Outsider {
  partition: number;
  offset: number;
}

/** What the rows of `balanceSql` say of one topic. */
export interface SideCount {
  /** Committed records, and those that only read_uncommitted shows. */
  records: number;
  uncommitted: number;
  /** Records without an identity, or that the filter could not judge; and the first of them. */
  unjudged: number;
  first: Outsider[];
  /** Records that SQL cannot judge exactly, and the first of them with the reason. */
  odd: number;
  firstOdd?: Outsider & { reason: string };
}

const PLACES = ['source', 'sink', 'repeat', 'uncommitted'] as const satisfies readonly PlaceName[];
const PER_MILLISECOND = 10n ** 25n;
const PER_PARTITION = 10n ** 19n;

interface Row {
  /** `=` of ids, `#Sn` and the like of other records, or a problem. */
  about: string;
  /** Of a single id or record. */
  key: string | undefined;
  source: number;
  filtered: number;
  sink: number;
  uncommitted: number;
  /** Source records that are not committed. */
  sourceUncommitted: number;
  /** Records that were not seen as often as there are scans that should show them. */
  wrong: number;
  /** Ids, or records. */
  ids: number;
  places: Partial<Record<PlaceName, Place>>;
}

/**
 * Counts what Flink has summed up into `counter`: each example by itself, with its places, and all other ids by their
 * numbers. @throws FlinchError SQL_GATEWAY when the rows contradict each other.
 */
export function countRows(
  rows: readonly (readonly unknown[])[],
  counter: MultisetCounter,
): { source: SideCount; sink: SideCount } {
  const source: SideCount = { records: 0, uncommitted: 0, unjudged: 0, first: [], odd: 0 };
  const sink: SideCount = { records: 0, uncommitted: 0, unjudged: 0, first: [], odd: 0 };
  const groups = new Map<string, Row>();
  const examples = new Map<string, Row>();
  for (const row of rows.map(readRow)) {
    const side = row.about.startsWith('#S') ? source : sink;
    if (row.key !== undefined && row.about.startsWith('#')) keepOutsider(side, row.key);
    else if (row.key !== undefined) examples.set(row.key, row);
    else {
      if (row.wrong > 0) throw contradiction(`${row.wrong} records were not seen once by each scan`);
      source.records += row.ids * (row.source + row.filtered);
      source.uncommitted += row.sourceUncommitted;
      sink.records += row.ids * row.sink;
      sink.uncommitted += row.ids * row.uncommitted;
      if (row.about.endsWith('n')) side.unjudged += row.ids;
      if (row.about.endsWith('!')) side.odd += row.ids;
      if (row.about === '=') groups.set(numbersOf(row), row);
    }
  }
  for (const [key, example] of examples) {
    const group = groups.get(numbersOf(example));
    if (!group || group.ids === 0) throw contradiction(`no id is counted like ${key}`);
    group.ids--;
    counter.add(tallied(example, key));
  }
  for (const group of groups.values()) counter.add(tallied({ ...group, places: {} }, ''), group.ids);
  const byPlace = (a: Outsider, b: Outsider) => a.partition - b.partition || a.offset - b.offset;
  source.first.sort(byPlace);
  sink.first.sort(byPlace);
  return { source, sink };
}

const numbersOf = ({ source, filtered, sink, uncommitted }: Row): string =>
  [source, filtered, sink, uncommitted].join();

/** `#Sn0:17`, or `#S!0:17!` and a reason, which is missing where the filter or the time is what cannot be judged. */
function keepOutsider(side: SideCount, key: string): void {
  const [, what, partition, offset, reason = ''] = /^#[SK](.)(\d+):(\d+)(.*)$/s.exec(key) ?? [];
  const record = { partition: Number(partition), offset: Number(offset) };
  if (what === 'n') side.first.push(record);
  const why = reason.startsWith('!') ? reason.slice(1) : 'a value of its filter, or its time';
  if (what === '!') side.firstOdd ??= { ...record, reason: why };
}

const tallied = ({ source, filtered, sink, uncommitted, places }: Row, key: string): Tallied => ({
  source,
  filtered,
  around: 0,
  earlier: 0,
  sink,
  uncommitted,
  id: () => identityBytes(key),
  place: (name) => (name === 'repeat' && sink < 2 ? undefined : places[name]),
});

function readRow(row: readonly unknown[]): Row {
  const [about, key, ...rest] = row;
  const numbers = rest.slice(0, 7);
  const known = (key === null || typeof key === 'string') && typeof about === 'string' && row.length === 13;
  if (!known || !numbers.every((it) => Number.isSafeInteger(it))) {
    throw contradiction(`a row is ${JSON.stringify(row).slice(0, 200)}`);
  }
  const [source = 0, filtered = 0, sink = 0, uncommitted = 0, sourceUncommitted = 0, wrong = 0, ids = 0] =
    numbers as number[];
  const places: Row['places'] = {};
  for (const [i, name] of PLACES.entries()) {
    const packed = rest[7 + i];
    if (typeof packed === 'string') places[name] = placeOf(BigInt(packed));
  }
  return { about, key: key ?? undefined, source, filtered, sink, uncommitted, sourceUncommitted, wrong, ids, places };
}

const placeOf = (packed: bigint): Place => ({
  partition: Number((packed % PER_MILLISECOND) / PER_PARTITION),
  offset: Number(packed % PER_PARTITION),
  timestamp: Number(packed / PER_MILLISECOND) - 1,
});

const contradiction = (what: string): FlinchError =>
  new FlinchError('SQL_GATEWAY', { what: `the job's result is not what was asked for: ${what}` });
