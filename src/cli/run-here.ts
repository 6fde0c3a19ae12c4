import { join, relative } from 'node:path';
import { systemClock } from '../core/clock.js';
import { FlinchError } from '../core/error.js';
import { consoleSummary } from '../report/console.js';
import { RUN_FILES } from '../report/rebuild.js';
import { type SuiteEntry, suiteSummary } from '../report/suite-summary.js';
import { keptCluster } from '../run/cluster/kept-cluster.js';
import { ownCluster } from '../run/cluster/own-cluster.js';
import { interruptible } from '../run/safety/interrupt.js';
import { healLeftovers } from '../run/safety/leftovers.js';
import { runSuite, type ScenarioToRun } from '../run/suite.js';
import type { KeptState, Prepared } from '../target/local/index.js';
import { securityFromEnvironment } from './kafka-options.js';
import { tellError } from './tell-error.js';
import { flinchVersion } from './version.js';
import { showFor } from './view/show.js';

/** All that a run needs, as plain data: it crosses into the namespaces. */
export interface RunOrder {
  scenarios: ScenarioToRun[];
  /** By line of Flink. */
  prepared: Record<string, Prepared>;
  reports: string;
  reporter?: string;
  reporterOptions: Record<string, string>;
  fresh: boolean;
  kept?: KeptState;
}

/** Runs scenarios in the process that can reach the nodes. */
export async function runHere(order: RunOrder): Promise<number> {
  const { scenarios, prepared, reports, reporter, reporterOptions, fresh, kept } = order;
  const clock = systemClock;
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const { signal: interrupted, release } = interruptible(say);
  const show = showFor(clock);
  const [first] = Object.values(prepared);
  const attaches = scenarios.some(({ scenario }) => scenario.workload.job === 'attached');
  const entries: SuiteEntry[] = scenarios.map(({ scenario: { name } }) => ({ name }));
  if (first?.isolationReason) say(`isolation ${first.isolation}: ${first.isolationReason}`);
  try {
    if (kept) await healLeftovers(kept, clock, say);
    const code = await runSuite({
      scenarios,
      reports,
      flinch: flinchVersion(),
      clusters: (upcoming) =>
        kept
          ? keptCluster(kept)
          : ownCluster({
              clock,
              preparedFor: (spec) => preparedFor(prepared, spec.flink),
              upcoming: () => upcoming().map(({ cluster }) => cluster),
              fresh,
              interrupted,
            }),
      reporter,
      reporterOptions,
      clock,
      interrupted,
      security: attaches ? securityFromEnvironment() : undefined,
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
    });
    if (entries.length > 1 && reporter === undefined) process.stdout.write(suiteSummary(entries));
    return code;
  } finally {
    show.stop();
    release();
  }
}

function preparedFor(prepared: Record<string, Prepared>, line: string): Prepared {
  const found = prepared[line];
  if (!found) throw new FlinchError('INTERNAL', { what: `nothing was prepared for Flink ${line}` });
  return found;
}
