import type { Scenario } from '../core/scenario.js';
import { readScenario, scenarioFiles } from './files.js';
import { type Mistake, toError } from './mistake.js';
import { type Reading, readText } from './read.js';

/** A scenario and where it came from. */
export interface LoadedScenario {
  scenario: Scenario;
  file: string;
  text: string;
}

export interface CheckedScenarios {
  scenarios: LoadedScenario[];
  mistakes: Mistake[];
}

/**
 * Reads every file, and every *.yaml and *.yml of a directory; collects the mistakes of all of them.
 * @throws FlinchError USAGE when no path is given.
 */
export function checkScenarios(paths: readonly string[]): CheckedScenarios {
  const { files, mistakes } = scenarioFiles(paths);
  const scenarios: LoadedScenario[] = [];
  const names = new Map<string, string>();
  for (const file of files) {
    const text = readScenario(file);
    if (typeof text !== 'string') {
      mistakes.push(text);
      continue;
    }
    const { scenario, mistakes: own, name } = readText(text, file);
    mistakes.push(...own);
    if (scenario) scenarios.push({ scenario, file, text });
    if (!name) continue;
    const before = names.get(name.text);
    if (before === undefined) names.set(name.text, `${file}:${name.line}:${name.column}`);
    else mistakes.push(duplicate(file, name, before));
  }
  return { scenarios, mistakes };
}

const duplicate = (file: string, name: NonNullable<Reading['name']>, before: string): Mistake => ({
  code: 'SCENARIO_DUPLICATE',
  file,
  line: name.line,
  column: name.column,
  path: 'scenario',
  sentence: `${name.text} is already the name of ${before}; give one of them another name`,
});

/**
 * The scenarios of all files, in the order given.
 * @throws FlinchError SCENARIO_INVALID, SCENARIO_UNREADABLE or SCENARIO_DUPLICATE with every mistake of every file, one
 * to a line; USAGE when no path is given.
 */
export function loadScenarios(paths: readonly string[]): { scenarios: LoadedScenario[] } {
  const { scenarios, mistakes } = checkScenarios(paths);
  if (mistakes.length > 0) throw toError(mistakes);
  return { scenarios };
}

/** A scenario of which a run has kept the text. @throws FlinchError SCENARIO_INVALID */
export function rereadScenario({ file, text }: { file: string; text: string }): LoadedScenario {
  const { scenario, mistakes } = readText(text, file);
  if (!scenario || mistakes.length > 0) throw toError(mistakes);
  return { scenario, file, text };
}
