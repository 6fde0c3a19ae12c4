import { join, relative } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { consoleSummary } from '../../report/console.js';
import { RUN_FILES } from '../../report/rebuild.js';
import { type SuiteEntry, suiteSummary } from '../../report/suite-summary.js';
import type { ScenarioToRun, SuiteView } from '../../run/suite.js';
import { tellError } from '../tell-error.js';
import { showFor } from './show.js';

/** What a person sees of a suite: the runs while they go, a summary of each, and one of all. */
export function suiteViewOf(
  scenarios: readonly ScenarioToRun[],
  reporter: string | undefined,
  clock: Clock,
): { view: SuiteView; summary(): void; stop(): void } {
  const show = showFor(clock);
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const entries: SuiteEntry[] = scenarios.map(({ scenario: { name } }) => ({ name }));
  return {
    view: {
      started: (scenario, _, journal) => void journal.listen(show.start(scenario)),
      ended(findings, runDir, trouble) {
        show.stop();
        say('');
        if (trouble) tellError(trouble);
        const entry = entries.find(({ name }) => name === findings.scenario.name);
        if (entry) entry.findings = findings;
        const page = join(relative(process.cwd(), runDir), RUN_FILES.html);
        if (reporter === undefined) process.stdout.write(consoleSummary(findings, page));
        else say(`report: ${page}`);
      },
      failed(_, error) {
        show.stop();
        tellError(error);
      },
    },
    summary() {
      if (entries.length > 1 && reporter === undefined) process.stdout.write(suiteSummary(entries));
    },
    stop: () => show.stop(),
  };
}
