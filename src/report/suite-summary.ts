import type { Findings } from '../judge/findings.js';
import { pad, plain } from './console.js';

/** How one scenario of a suite ended; without findings it never had a verdict. */
export interface SuiteEntry {
  name: string;
  findings?: Pick<Findings, 'outcome' | 'headline'>;
}

const NEVER_RUN = 'not run';

/** What came of each scenario of a suite, a line each, under how many came to what. Ends in a newline. */
export function suiteSummary(entries: readonly SuiteEntry[]): string {
  const outcomes = entries.map(({ findings }) => findings?.outcome ?? NEVER_RUN);
  const counts = [...new Set(outcomes)].map((it) => `${outcomes.filter((other) => other === it).length} ${it}`);
  const rows = entries.map(({ name, findings }, i) => [outcomes[i] ?? '', name, plain(findings?.headline ?? '')]);
  return `\n${entries.length} scenarios: ${counts.join(', ')}\n${pad(rows).join('\n')}\n`;
}
