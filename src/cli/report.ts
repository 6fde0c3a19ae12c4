import { join } from 'node:path';
import { consoleSummary } from '../report/console.js';
import { RUN_FILES, writeReports } from '../report/rebuild.js';

/** Rebuilds the reports of a run. Its exit code is the run's own. */
export function report(run: string): number {
  const findings = writeReports(run);
  process.stdout.write(consoleSummary(findings, join(run, RUN_FILES.html)));
  return findings.exitCode;
}
