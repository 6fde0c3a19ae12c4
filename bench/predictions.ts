/**
 * Holds what the settings promise against what runs measured: `npm run bench:predictions -- reports/*`. Of every phase, how many came
 * within their interval, and of every setting that decides one, what was promised and what came.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../src/journal/reader.js';
import type { ExpectedPhase } from '../src/judge/findings.js';
import { judge } from '../src/judge/judge.js';

interface Row extends ExpectedPhase {
  run: string;
  fault: string;
  flink: string;
}

function rowsOf(run: string): { rows: Row[]; courses: string[] } {
  const { events } = readJournal(join(run, 'journal.ndjson'));
  const { scenario, faults } = judge(events);
  const up = events.find((event) => event.type === 'cluster.up');
  const flink = up?.type === 'cluster.up' ? up.flinkVersion : '?';
  const told = faults.flatMap(({ kind, expectation }) => (expectation ? [{ kind, expectation }] : []));
  return {
    rows: told.flatMap(({ kind, expectation }) =>
      expectation.phases.map((phase) => ({ ...phase, run: scenario.name, fault: kind, flink })),
    ),
    courses: told.map(({ expectation: { course, within } }) => `${course}: ${within}`),
  };
}

const seconds = (ms: number | null): string =>
  ms === null || ms === Number.POSITIVE_INFINITY ? 'unbounded' : (ms / 1000).toFixed(2);
const extent = ({ atLeast, atMost }: { atLeast: number; atMost: number | null }): string =>
  `${seconds(atLeast)} to ${seconds(atMost)}`;
const count = <T>(of: readonly T[], which: (it: T) => boolean): number => of.filter(which).length;
function grouped<T>(of: readonly T[], key: (it: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const it of of) groups.set(key(it), [...(groups.get(key(it)) ?? []), it]);
  return groups;
}
const print = (cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

const runs = process.argv.slice(2).filter((run) => existsSync(join(run, 'journal.ndjson')));
const all = runs.map(rowsOf);
const rows = all.flatMap((one) => one.rows);

console.log(`${runs.length} runs of ${new Set(rows.map(({ run }) => run)).size} scenarios\n`);
print(['Phase', 'Promised', 'Within', 'Perhaps', 'Outside']);
print(['---', '---', '---', '---', '---']);
for (const name of [...new Set(rows.map((row) => row.name)), 'all']) {
  const of = rows.filter((row) => name === 'all' || row.name === name);
  const [yes, unclear, no] = (['yes', 'unclear', 'no'] as const).map((state) => count(of, (it) => it.within === state));
  print([name, of.length, yes ?? 0, unclear ?? 0, no ?? 0]);
}

console.log();
print(['Decided by', 'Phase, since', 'Promised, s', 'Times', 'Measured, s']);
print(['---', '---', '---', '---', '---']);
const groups = grouped(
  rows.filter(({ decidedBy }) => decidedBy.length > 0),
  (row) => JSON.stringify([row.decidedBy.map((text) => text.replace(' (default)', '')), row.name, row.since]),
);
for (const group of [...groups.values()].sort((a, b) => `${a[0]?.decidedBy}`.localeCompare(`${b[0]?.decidedBy}`))) {
  const [{ decidedBy, name, since } = {} as Row] = group;
  const widest = (of: readonly ExpectedPhase['takes'][]): string =>
    extent({
      atLeast: Math.min(...of.map(({ atLeast }) => atLeast)),
      atMost: Math.max(...of.map(({ atMost }) => atMost ?? Number.POSITIVE_INFINITY)),
    });
  const [promised, measured] = [group.map(({ takes }) => takes), group.map((it) => it.measured)];
  print([decidedBy.join(', '), `${name}, ${since}`, widest(promised), group.length, widest(measured)]);
}

console.log();
for (const [course, times] of grouped(
  all.flatMap((one) => one.courses),
  (it) => it,
)) {
  console.log(`${course} ${times.length}`);
}
for (const { run, flink, fault, name, since, measured, takes } of rows.filter(({ within }) => within === 'no')) {
  console.log(
    `outside: ${run} ${flink} ${fault} ${name} since ${since}: ${extent(measured)}, promised ${extent(takes)}`,
  );
}
