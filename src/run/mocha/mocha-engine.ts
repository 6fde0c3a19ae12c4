import Mocha from 'mocha';
import type { Objective } from '../../core/scenario.js';
import type { Findings, ObjectiveFinding } from '../../judge/findings.js';
import { acceptFunctionReporters, SilentReporter } from './mocha-reporters.js';

/** One scenario as mocha sees it. */
export interface ScenarioSuite {
  title: string;
  file: string;
  objectives: readonly Objective[];
  /** Runs the scenario to its end, healing included, and judges it. */
  run(): Promise<Findings>;
  /** Heals what `run` has not. Called however `run` ended. */
  end(): Promise<void>;
}

export interface EngineOptions {
  /** A mocha reporter by name, package or file. Left out: none. */
  reporter?: string | undefined;
  reporterOptions?: Readonly<Record<string, string>>;
  /** No further scenario is begun once it is aborted. */
  interrupted: AbortSignal;
}

/** What makes a test of mocha's fail: the objective's own verdict, with both sides for the reporter's diff. */
class ObjectiveError extends Error {
  readonly expected: string;
  readonly actual: string;
  readonly showDiff = true;
  constructor({ verdict, text, bound, measured }: ObjectiveFinding) {
    super(`${verdict}: ${text}`);
    this.name = verdict === 'failed' ? 'ObjectiveMissed' : 'Inconclusive';
    this.expected = bound;
    this.actual = measured;
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** Runs scenarios one after the other: each a suite, each objective a test, healing in the suite's `afterAll`. */
export async function runSuites(suites: readonly ScenarioSuite[], options: EngineOptions): Promise<void> {
  acceptFunctionReporters();
  const { reporter, reporterOptions = {}, interrupted } = options;
  const mocha = new Mocha({
    // Deadlines are ours: mocha's do not end the work they give up.
    timeout: 0,
    reporter: reporter ?? SilentReporter,
    reporterOptions,
  });
  for (const suite of suites) mocha.suite.addSuite(suiteOf(suite));
  try {
    await new Promise<void>((resolve) => {
      const runner = mocha.run(() => resolve());
      if (interrupted.aborted) runner.abort();
      else interrupted.addEventListener('abort', () => runner.abort(), { once: true });
    });
  } finally {
    mocha.dispose();
  }
}

function suiteOf({ title, file, objectives, run, end }: ScenarioSuite): Mocha.Suite {
  const suite = new Mocha.Suite(title, new Mocha.Context());
  suite.timeout(0);
  suite.file = file;
  let findings: Findings | undefined;
  suite.beforeAll('run the scenario', async () => {
    findings = await run();
  });
  objectives.forEach(({ name, text }, index) => {
    const test = new Mocha.Test(`${name} ${text}`, () => {
      const found = findings?.objectives[index];
      if (!found) throw new Error('the scenario was not judged');
      if (found.verdict !== 'passed') throw new ObjectiveError(found);
    });
    test.file = file;
    suite.addTest(test);
  });
  suite.afterAll('heal', end);
  return suite;
}
