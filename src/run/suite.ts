import { join } from 'node:path';
import type { KafkaSecurity } from '../client/kafka/protocol/security.js';
import type { Clock } from '../core/clock.js';
import { ExitCode, type FlinchError, toFlinchError } from '../core/error.js';
import type { Scenario } from '../core/scenario.js';
import { JournalWriter } from '../journal/writer.js';
import type { Findings } from '../judge/findings.js';
import { judge } from '../judge/judge.js';
import { RUN_FILES, writeReports } from '../report/rebuild.js';
import type { ClusterSource } from './cluster/cluster-source.js';
import { runSuites, type ScenarioSuite } from './mocha/mocha-engine.js';
import { createRecorder } from './recorder.js';
import { makeRunFolder } from './run-folder.js';
import { scenarioRun } from './run-scenario.js';

export interface ScenarioToRun {
  scenario: Scenario;
  file: string;
  text: string;
}

/** What is shown of a run while it goes and when it has ended. */
export interface SuiteView {
  started(scenario: Scenario, runDir: string, journal: JournalWriter): void;
  ended(findings: Findings, runDir: string, trouble?: FlinchError): void;
  /** The run could not even begin. */
  failed(scenario: Scenario, error: FlinchError): void;
}

export interface SuiteOptions {
  scenarios: readonly ScenarioToRun[];
  /** Folder that gets a folder for each run. */
  reports: string;
  flinch: string;
  /** @param upcoming the scenarios that are still to run, the current one first */
  clusters(upcoming: () => readonly Scenario[]): ClusterSource;
  reporter?: string | undefined;
  reporterOptions?: Readonly<Record<string, string>>;
  clock: Clock;
  interrupted: AbortSignal;
  /** How the brokers of jobs that are not Flinch's own are spoken to. */
  security?: KafkaSecurity | undefined;
  view: SuiteView;
}

/** Worst first. */
const PRECEDENCE = [
  ExitCode.healFailed,
  ExitCode.interrupted,
  ExitCode.refused,
  ExitCode.badInput,
  ExitCode.failed,
  ExitCode.inconclusive,
  ExitCode.passed,
];

/** What a suite exits with: its worst part; nothing at all is inconclusive. */
export const worstExit = (codes: readonly ExitCode[]): ExitCode =>
  PRECEDENCE.find((code) => codes.includes(code)) ?? ExitCode.inconclusive;

/** Runs scenarios one after the other and writes the reports of each. @returns what to exit with */
export async function runSuite(options: SuiteOptions): Promise<ExitCode> {
  const { scenarios, interrupted } = options;
  const codes: ExitCode[] = [];
  let done = 0;
  const clusters = options.clusters(() => scenarios.slice(done).map(({ scenario }) => scenario));
  const suites = scenarios.map((it): ScenarioSuite => {
    const one = oneRun(it, clusters, options);
    return {
      title: it.scenario.title,
      file: it.file,
      objectives: it.scenario.objectives,
      async run() {
        try {
          const { findings, code } = await one.run();
          codes.push(code);
          return findings;
        } catch (thrown) {
          const error = toFlinchError(thrown);
          codes.push(error.exitCode);
          options.view.failed(it.scenario, error);
          throw error;
        }
      },
      async end() {
        done++;
        await one.end();
      },
    };
  });
  try {
    await runSuites(suites, options);
  } finally {
    // A cluster that was kept up for a scenario that then never began.
    await clusters.release(false);
  }
  if (interrupted.aborted) codes.push(ExitCode.interrupted);
  // A scenario that has no verdict, for whatever reason, must not look green.
  while (codes.length < scenarios.length) codes.push(ExitCode.inconclusive);
  return worstExit(codes);
}

function oneRun({ scenario, file, text }: ScenarioToRun, clusters: ClusterSource, options: SuiteOptions) {
  const { clock, interrupted, flinch, reports, security, view } = options;
  let ending: () => Promise<unknown> = async () => {};
  return {
    end: () => ending(),
    async run(): Promise<{ findings: Findings; code: ExitCode }> {
      const { run, dir: runDir } = makeRunFolder(reports, scenario.name, clock.wall());
      const journal = JournalWriter.open(join(runDir, RUN_FILES.journal), clock);
      const recorder = createRecorder(journal);
      view.started(scenario, runDir, journal);
      const source = { file, text };
      const it = scenarioRun({
        scenario,
        source,
        run,
        runDir,
        flinch,
        clusters,
        clock,
        interrupted,
        recorder,
        security,
      });
      ending = it.end;
      await it.run();
      const { healed } = await it.end();
      journal.close();
      const { findings, trouble } = report();
      view.ended(findings, runDir, trouble);
      return { findings, code: healed ? findings.exitCode : ExitCode.healFailed };

      function report(): { findings: Findings; trouble?: FlinchError } {
        if (!recorder.broken.aborted) {
          try {
            return { findings: writeReports(runDir) };
          } catch (error) {
            return { findings: lostReport(), trouble: toFlinchError(error, 'JOURNAL_WRITE') };
          }
        }
        return { findings: lostReport(), trouble: toFlinchError(recorder.broken.reason, 'JOURNAL_WRITE') };
      }
      // What is in memory is told, but a run that left no record proves nothing.
      function lostReport(): Findings {
        return judge(recorder.events, { truncated: true });
      }
    },
  };
}
