/** The library's only door. */

export { systemClock } from './core/clock.js';
export { ERROR_CODES, ExitCode, FlinchError } from './core/error.js';
export type { Scenario } from './core/scenario.js';
export type { JournalEvent } from './journal/events.js';
export { parseJournal, readJournal } from './journal/reader.js';
export type { Findings } from './judge/findings.js';
export { judge } from './judge/judge.js';
export { reportsOf, writeReports } from './report/rebuild.js';
export type { ClusterSource } from './run/cluster/cluster-source.js';
export { runSuite, type SuiteOptions } from './run/suite.js';
export { checkScenarios, describePlan, loadScenarios, scenarioJsonSchema, showMistake } from './scenario/index.js';
