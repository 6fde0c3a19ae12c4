import { countText } from '../../judge/extent.js';
import type { Findings, Outcome, Verdict } from '../../judge/findings.js';
import { longestSilence, worstRecovery } from '../../judge/worst-fault.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { lines, section, table } from './table.js';
import { took } from './timeline.js';

const WORD: Record<Outcome, string> = {
  passed: 'Passed',
  failed: 'Failed',
  inconclusive: 'Inconclusive',
  'heal-failed': 'Heal failed',
  interrupted: 'Interrupted',
};
// The sign repeats what the colour says.
const SIGN: Record<Outcome, string> = {
  passed: '\u2713',
  failed: '\u2717',
  inconclusive: '?',
  'heal-failed': '!',
  interrupted: '\u25a0',
};

/** A verdict as a word with its sign. */
export const badge = (verdict: Verdict): Markup =>
  html`<span class="badge ${verdict}"><span aria-hidden="true">${SIGN[verdict]}</span> ${verdict}</span>`;

type Tile = [name: string, value: string | undefined];

function figures({ faults, balance }: Findings): Markup | undefined {
  const phase = worstRecovery(faults)?.phases.find((p) => p.name === 'tasksRunning');
  const gap = longestSilence(faults)?.outputGap?.extent;
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  const silence =
    gap &&
    (gap.atMost === null ? `over ${seconds(gap.atLeast)} s` : `${seconds(gap.atLeast)} to ${seconds(gap.atMost)} s`);
  const tiles: Tile[] = [
    ['recovery', phase && took(phase)],
    ['silence in the output', silence],
    ...(balance?.aggregated
      ? [
          [
            'wrong totals',
            balance.wrongState && `${countText(balance.wrongState)} of ${balance.aggregated.groups}`,
          ] as Tile,
        ]
      : [
          ['records lost', balance && countText(balance.lost)] as Tile,
          ['records duplicated', balance && countText(balance.duplicated)] as Tile,
        ]),
  ];
  const shown = tiles.filter((tile) => tile[1] !== undefined);
  if (shown.length === 0) return undefined;
  return html`<dl class="tiles">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The first thing that is read: the verdict, in words. */
export function verdictHeader({ findings }: Frame): Markup {
  const { outcome, headline, scenario, reasons } = findings;
  const more = reasons.length > 1 && lines(reasons.slice(1));
  return html`<header>
<p class="scenario">${scenario.title || scenario.name}</p>
<div class="verdict ${outcome}"><span class="sign" aria-hidden="true">${SIGN[outcome]}</span><div><h1>${WORD[outcome]}</h1><p>${headline}</p>${more}</div></div>
${figures(findings)}</header>
`;
}

/** Each objective with its bound, what was measured, and why it is what it is. */
export function objectivesSection({ findings }: Frame): Markup | undefined {
  const rows = findings.objectives.map((o) => [o.name, badge(o.verdict), o.bound, o.measured, o.text]);
  const columns = ['Objective', 'Verdict', 'Bound', 'Measured', 'Why'].map((title) => ({ title }));
  return section(
    'objectives',
    'Objectives',
    rows.length > 0 && table('Inconclusive means that what was measured does not decide it.', columns, rows),
    findings.notes.length > 0 && html`<h3>Worth knowing</h3>${lines(findings.notes)}`,
    findings.troubles.length > 0 &&
      html`<h3>Trouble during the run</h3>${lines(findings.troubles.map(({ code, message }) => html`<code>${code}</code> ${message}`))}`,
  );
}
