import { ExitCode } from '../core/error.js';
import { checkScenarios, showMistake } from '../scenario/index.js';

/** Says what is wrong with scenario files, or that nothing is. */
export function validate(paths: readonly string[]): number {
  const { scenarios, mistakes } = checkScenarios(paths);
  for (const mistake of mistakes) process.stderr.write(`${showMistake(mistake)}\n`);
  for (const { file, scenario } of scenarios) process.stdout.write(`${file}: ${scenario.name} is valid\n`);
  return mistakes.length === 0 ? ExitCode.passed : ExitCode.badInput;
}
