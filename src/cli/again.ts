import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FlinchError } from '../core/error.js';
import type { EventOf } from '../journal/events.js';
import { readJournal } from '../journal/reader.js';
import { RUN_FILES } from '../report/rebuild.js';
import { type LoadedScenario, loadScenarios, rereadScenario } from '../scenario/index.js';

/**
 * The scenarios of files and directories, and those of earlier runs by their folders: with the seed and the Flink line of
 * that time, so that the same is done again.
 * @throws FlinchError as `loadScenarios` does; RUN_UNREADABLE; SCENARIO_DUPLICATE
 */
export function scenariosOf(paths: readonly string[]): LoadedScenario[] {
  const journals = paths.map((path) => join(path, RUN_FILES.journal));
  const isRun = journals.map((journal) => existsSync(journal));
  const others = paths.filter((_, i) => !isRun[i]);
  const runs = journals.filter((_, i) => isRun[i]).map(again);
  const loaded = others.length === 0 && runs.length > 0 ? [] : loadScenarios(others).scenarios;
  const all = [...loaded, ...runs];
  const files = new Map<string, string>();
  for (const { scenario, file } of all) {
    const before = files.get(scenario.name);
    if (before !== undefined) {
      const what = `${scenario.name} is already the name of ${before}`;
      throw new FlinchError('SCENARIO_DUPLICATE', { what, on: file, todo: 'run them one after the other' });
    }
    files.set(scenario.name, file);
  }
  return all;
}

function again(journal: string): LoadedScenario {
  // A journal without its start is none.
  const [started] = readJournal(journal).events as [EventOf<'run.started'>];
  const { seed, cluster } = started.scenario;
  const { scenario, ...rest } = rereadScenario(started.source);
  const then = { ...scenario, cluster: { ...scenario.cluster, flink: cluster.flink } };
  return { ...rest, scenario: seed === undefined ? then : { ...then, seed } };
}
