/**
 * Compares the phases of runs with what the nodes' own logs say, line by line with millisecond stamps:
 * `npm run bench:phases -- reports/*`. Runs on this machine only: the logs' clock is that of the journal.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readJournal } from '../src/journal/reader.js';
import type { FaultFinding, Findings, Phase } from '../src/judge/findings.js';

interface LogLine {
  /** Milliseconds since the epoch. */
  at: number;
  text: string;
}
interface Deviation {
  run: string;
  phase: string;
  /** Milliseconds by which the log's moment lies outside the interval; negative before it. */
  outside: number;
  /** Milliseconds from the log's moment to the middle of the interval. */
  middle: number;
  width: number;
}

const STAMP = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d),(\d{3}) (.*)$/;

/** Lines with a stamp, of all JobManagers. */
function jobManagerLines(run: string): LogLine[] {
  const folder = join(run, 'logs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.startsWith('jobmanager'))
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .flatMap((line) => {
      const match = STAMP.exec(line);
      if (!match) return [];
      const [y, mo, d, h, mi, s, ms] = match.slice(1, 8).map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      return [{ at: new Date(y, mo - 1, d, h, mi, s, ms).getTime(), text: match[8] ?? '' }];
    })
    .sort((a, b) => a.at - b.at);
}

type Which = 'first' | 'last';
/** What Flink logs when a phase comes about. */
const TRUTH: Readonly<Partial<Record<Phase['name'], [RegExp, Which]>>> = {
  newLeader: [/ DispatcherRestEndpoint .* was granted leadership/, 'first'],
  jobGraphRecovered: [/ Successfully recovered \d+ persisted /, 'last'],
  backoffOver: [/ switched from state RESTARTING to RUNNING/, 'last'],
  slotsAllocated: [/ switched from SCHEDULED to DEPLOYING/, 'last'],
  deployed: [/ switched from DEPLOYING to INITIALIZING/, 'last'],
  stateRestored: [/ switched from INITIALIZING to RUNNING/, 'last'],
  tasksRunning: [/ switched from INITIALIZING to RUNNING/, 'last'],
};

function truthOf(phase: Phase, lines: readonly LogLine[]): number | undefined {
  if (phase.name === 'detected') {
    if (!phase.text.startsWith('the job began')) return undefined;
    return lines.find(({ text }) => / switched from state RUNNING to RESTARTING/.test(text))?.at;
  }
  if (phase.name === 'firstCheckpoint') {
    const [, id] = /^checkpoint (\d+) completed/.exec(phase.text) ?? [];
    const all = lines.filter(({ text }) => text.includes(` Completed checkpoint ${id} for job `));
    // A new JobManager may count as an old one did.
    return all.at(-1)?.at;
  }
  const [pattern, which] = TRUTH[phase.name] ?? [];
  if (!pattern) return undefined;
  const all = lines.filter(({ text }) => pattern.test(text));
  return (which === 'first' ? all[0] : all.at(-1))?.at;
}

/** Whether the logs' clock is everybody's. */
const hasWrongClock = (faults: readonly FaultFinding[]) => faults.some(({ kind }) => kind === 'clockSkew');

function deviations(run: string): Deviation[] {
  const file = join(run, 'result.json');
  if (!existsSync(file)) return [];
  const { faults } = JSON.parse(readFileSync(file, 'utf8')) as Findings;
  if (hasWrongClock(faults)) return [];
  const { events } = readJournal(join(run, 'journal.ndjson'));
  const lines = jobManagerLines(run);
  const stamp = events[0];
  if (!stamp) return [];
  const toMono = (wall: number) => wall + stamp.mono - stamp.wall;
  const end =
    events.find((e) => e.type === 'step' && e.step === 'quiesce' && e.state === 'started')?.mono ??
    Number.POSITIVE_INFINITY;
  const effective = faults.flatMap((fault) => (fault.effective && !fault.beside ? [fault] : []));
  return effective.flatMap((fault: FaultFinding, i) => {
    const from = fault.effective?.after ?? 0;
    const to = Math.min(effective[i + 1]?.effective?.after ?? Number.POSITIVE_INFINITY, end);
    const within = lines.filter(({ at }) => toMono(at) >= from - 50 && toMono(at) <= to);
    return fault.phases.flatMap((phase): Deviation[] => {
      if (phase.state !== 'reached' || !phase.at) return [];
      const wall = truthOf(phase, within);
      if (wall === undefined) return [];
      const [at, { after, by }] = [toMono(wall), phase.at];
      const outside = at < after ? at - after : Math.max(0, at - by);
      return [{ run: basename(run), phase: phase.name, outside, middle: at - (after + by) / 2, width: by - after }];
    });
  });
}

const all = process.argv.slice(2).flatMap(deviations);
const quantile = (values: number[], q: number): string => {
  const sorted = values.map(Math.abs).sort((a, b) => a - b);
  return `${Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN)}`;
};
const share = (some: number, of: number) => `${((100 * some) / of).toFixed(1)} %`;
const BOUND = 300;
console.log('| Phase | Boundaries | Outside by 300 ms or less | 95 % | Worst | To the middle, 95 % | Width, median |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const name of [...new Set(all.map(({ phase }) => phase)), 'all']) {
  const own = all.filter(({ phase }) => name === 'all' || phase === name);
  const outside = own.map((it) => it.outside);
  const good = outside.filter((ms) => Math.abs(ms) <= BOUND).length;
  const cells = [share(good, own.length), ...[0.95, 1].map((q) => `${quantile(outside, q)} ms`)];
  const middle = `${quantile(
    own.map((it) => it.middle),
    0.95,
  )} ms`;
  console.log(
    `| ${name} | ${own.length} | ${cells.join(' | ')} | ${middle} | ${quantile(
      own.map((it) => it.width),
      0.5,
    )} ms |`,
  );
}
const runs = new Set(all.map(({ run }) => run)).size;
console.log(`\n${runs} runs. Worst:`);
for (const it of [...all].sort((a, b) => Math.abs(b.outside) - Math.abs(a.outside)).slice(0, 12)) {
  console.log(`  ${it.run} ${it.phase}: ${Math.round(it.outside)} ms outside, interval of ${Math.round(it.width)} ms`);
}
