import { styleText } from 'node:util';
import { formatDuration } from '../../core/units.js';
import type { Step } from '../../journal/events.js';
import { elapsed, type Progress } from './progress.js';

const NAMES: Record<Step, string> = {
  cluster: 'starting the cluster',
  workload: 'starting the workload',
  'steady-state': 'waiting for the steady state',
  fault: 'injecting the fault',
  recovery: 'recovery',
  heal: 'healing',
  settle: 'settling',
  quiesce: 'draining',
  read: 'reading the data',
};
const BAR = 24;

/** The name of a step for people. */
export const stepName = (step: Step): string => NAMES[step];

function bar(ms: number, bound: number): string {
  const filled = Math.min(BAR, Math.round((ms / bound) * BAR));
  const over = ms > bound;
  return styleText(over ? 'red' : 'green', '█'.repeat(filled)) + styleText('dim', '░'.repeat(BAR - filled));
}

function state(p: Progress, at: number): string[] {
  const { leader, job, checkpoint, output, fault } = p;
  const cells: [string, string | undefined][] = [
    [
      'leader',
      leader === null ? styleText('red', 'none') : leader && `${leader.name} for ${formatDuration(at - leader.since)}`,
    ],
    ['tasks', tasks(job?.tasks, at)],
    ['fault', fault],
    ['checkpoint', checkpoint && `${checkpoint.id}, ${ago(at, checkpoint.at)}`],
    [
      'output',
      output && `${output.total} records, ${output.lastRecords ? `last ${ago(at, output.lastRecords)}` : 'none yet'}`,
    ],
    ['lag', output?.lag === undefined ? undefined : `${output.lag} records`],
  ];
  return cells
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => `    ${styleText('dim', name.padEnd(11))}${text}`);
}

/** A look that is older than this is not the present any more. Milliseconds. */
const STALE = 1000;

function tasks(seen: { running: number; total: number; at: number } | undefined, at: number): string | undefined {
  if (!seen) return undefined;
  const text = `${seen.running} of ${seen.total} running`;
  if (at - seen.at > STALE) return styleText('yellow', `no answer; ${text} ${ago(at, seen.at)}`);
  return seen.running === seen.total && seen.total > 0 ? text : styleText('yellow', text);
}

const ago = (at: number, then: number): string => `${formatDuration(Math.max(0, at - then))} ago`;

/** What stands in the terminal at the moment `at`. */
export function liveLines(p: Progress, at: number): string[] {
  const lines = [
    `${styleText('bold', p.scenario.name)}  ${styleText('dim', formatDuration(at - p.began))}`,
    ...p.done.map(
      ({ name, took }) => `  ${styleText('green', '✓')} ${stepName(name)} ${styleText('dim', formatDuration(took))}`,
    ),
  ];
  const running = p.step && (p.done.at(-1)?.name !== p.step.name || p.done.length === 0);
  if (p.step && running) {
    const { ms, bound } = elapsed(p, at);
    const against =
      bound === undefined ? formatDuration(ms) : `${bar(ms, bound)} ${formatDuration(ms)} of ${formatDuration(bound)}`;
    lines.push(`  ${styleText('cyan', '›')} ${stepName(p.step.name)}  ${against}`);
  }
  lines.push(...state(p, at));
  for (const trouble of p.troubles.slice(-3)) lines.push(`  ${styleText('yellow', '!')} ${trouble}`);
  return lines;
}
