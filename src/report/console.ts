import { countText, durationText } from '../judge/extent.js';
import type { Findings, Phase } from '../judge/findings.js';
import { availabilityRows } from './availability.js';
import { expectationLines } from './expectation.js';
import { printable } from './html/markup.js';
import { phasesToTell } from './phases.js';

export const pad = (rows: string[][]): string[] => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
};

// A terminal must not be driven by what a node wrote.
export const plain = (text: string): string => printable(text).replace(/[\t\n\ufffd]/g, ' ');

function phaseText(phase: Phase): string {
  if (phase.took)
    return phase.state === 'reached' ? durationText(phase.took) : `not reached, ${durationText(phase.took)}`;
  return phase.state === 'not-impacted' ? 'not impacted' : 'not known';
}

/** The summary at the end of a run: plain text, no colour, ends in a newline. `report` is where the page lies. */
export function consoleSummary(findings: Findings, report: string): string {
  const { outcome, headline, scenario, objectives, faults, balance, replays = [], reasons, notes } = findings;
  const out = [`${outcome.toUpperCase()}  ${scenario.name}`, headline];
  if (reasons.length > 1) out.push(...reasons.slice(1).map((reason) => `also: ${reason}`));
  if (objectives.length > 0) {
    out.push('', 'Objectives', ...pad(objectives.map((o) => [o.verdict, o.name, o.bound, `measured ${o.measured}`])));
    out.push(...objectives.filter((o) => o.verdict !== 'passed').map((o) => `  ${o.name}: ${o.text}`));
  }
  for (const fault of faults.filter((f) => f.phases.length > 0)) {
    const came = fault.failover === undefined ? '' : `: ${fault.failover}`;
    out.push('', `Since fault ${fault.index + 1} took effect (${fault.kind} ${fault.node ?? ''})${came}`);
    out.push(...pad(phasesToTell(fault).map((phase) => [phase.name, phaseText(phase)])));
    out.push(...expectationLines(fault).map((line) => `  ${line}`));
    if (fault.backlog) out.push(`  ${fault.backlog.text}`);
  }
  if (findings.availability) out.push('', 'Over the run', ...pad(availabilityRows(findings.availability)));
  if (balance) {
    const { attempted, acknowledged, failed, unknown, seen, lost, duplicated, unexpected, recovered } = balance;
    const { altered, reordered, losses = [] } = balance;
    const own: [string, string][] = [
      ['attempted', `${attempted}`],
      ['acknowledged', `${acknowledged}`],
      ['failed', `${failed}`],
      ['unknown', `${unknown}`],
      ['seen', countText(seen)],
      ['lost', countText(lost)],
      ['duplicated', countText(duplicated)],
      ['unexpected', countText(unexpected)],
      ...(altered && altered.atLeast > 0 ? [['altered', countText(altered)] as [string, string]] : []),
      ...(reordered && reordered.atLeast > 0 ? [['reordered', countText(reordered)] as [string, string]] : []),
      ['recovered', countText(recovered)],
    ];
    const { attached, aggregated, wrongState } = balance;
    const numbers: [string, string][] = attached
      ? [
          ['at the source', `${attached.sourceRecords} (${attached.sourceIds} ids)`],
          ['at the sink', `${attached.sinkRecords} (${attached.sinkIds} ids)`],
          ['lost', countText(lost)],
          ['duplicated', countText(duplicated)],
          ['unexpected', countText(unexpected)],
        ]
      : aggregated
        ? [
            ['at the source', `${aggregated.sourceRecords}`],
            ['at the sink', `${aggregated.sinkRecords}`],
            ['groups', `${aggregated.groups}`],
            ['wrong totals', wrongState ? countText(wrongState) : 'not known'],
            ...(aggregated.wrongBefore > 0 ? [['wrong before', `${aggregated.wrongBefore}`] as [string, string]] : []),
          ]
        : own;
    out.push('', 'Records', `  ${numbers.map(([name, n]) => `${name} ${n}`).join(', ')}`);
    for (const e of balance.examples.slice(0, 3)) {
      const [from, to] = e.sequences ?? [];
      const whose = e.lane === undefined ? (e.id ?? '') : `lane ${e.lane}`;
      const which =
        from === undefined ? (e.detail ?? '') : from === to ? `sequence ${from}` : `sequences ${from} to ${to}`;
      const place = e.partition === undefined ? '' : `, partition ${e.partition}, offset ${e.offset}`;
      out.push(`  first ${e.problem}: ${whose}, ${which}${place}`);
    }
    out.push(...losses.slice(0, 3).map(({ text }) => `  lost: ${text}`));
  }
  out.push(...replays.map(({ fault, text }) => `  replayed after fault ${fault + 1}: ${text}`));
  if (notes.length > 0) out.push('', ...notes.map((note) => `note: ${note}`));
  out.push('', `Report: ${report}`);
  return `${out.map(plain).join('\n')}\n`;
}
