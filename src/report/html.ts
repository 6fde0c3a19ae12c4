import type { JournalEvent } from '../journal/events.js';
import type { Findings } from '../judge/findings.js';
import { balanceSection } from './html/balance.js';
import { commitFailuresSection, heldBackSection } from './html/commits.js';
import { environmentSection, scenarioSection } from './html/environment.js';
import { evidenceSection } from './html/evidence.js';
import { expectationSection } from './html/expectation.js';
import { type Frame, frameOf } from './html/frame.js';
import { irregularSection } from './html/irregular.js';
import { html, type Markup } from './html/markup.js';
import { checkpointsSection, exceptionsSection, leadershipSection, logsSection } from './html/observations.js';
import { offsetsSection } from './html/offsets.js';
import { plotsSection } from './html/plots.js';
import { STYLE } from './html/style.js';
import { utc } from './html/text.js';
import { timelineSection } from './html/timeline.js';
import { objectivesSection, verdictHeader } from './html/verdict.js';

const SECTIONS: readonly ((frame: Frame) => Markup | undefined)[] = [
  verdictHeader,
  objectivesSection,
  timelineSection,
  irregularSection,
  expectationSection,
  plotsSection,
  balanceSection,
  commitFailuresSection,
  heldBackSection,
  offsetsSection,
  evidenceSection,
  leadershipSection,
  checkpointsSection,
  exceptionsSection,
  logsSection,
  environmentSection,
  scenarioSection,
];

/** The report for people: one self-contained page, the verdict first. A pure function of the journal. */
export function htmlReport(events: readonly JournalEvent[], findings: Findings): string {
  const frame = frameOf(events, findings);
  const { scenario, outcome, run, flinch, startedAt } = findings;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Flinch ${flinch}">
<title>${outcome}: ${scenario.name}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${SECTIONS.map((section) => section(frame))}</main>
<footer>Run ${run}, ${utc(startedAt)}. Made by Flinch from journal.ndjson alone; <code>flinch report</code> makes it again.</footer>
</body>
</html>
`.text;
}
