import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectiveFinding } from '../../../src/judge/findings.js';
import { judge } from '../../../src/judge/judge.js';
import { type EngineOptions, runSuites, type ScenarioSuite } from '../../../src/run/mocha/mocha-engine.js';
import { checkReporter } from '../../../src/run/mocha/mocha-reporters.js';
import { hasCode } from '../../support/has-code.js';
import { DEFAULT_OBJECTIVES, journalOf, leaderKill } from '../../support/journal-builder.js';
import { muted } from '../../support/muted.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const passing = judge(journalOf(leaderKill()));
const missed: ObjectiveFinding = {
  name: 'outputGap',
  unit: 'ms',
  bound: 'within 45s',
  verdict: 'failed',
  measured: '61.00 s',
  text: 'the output was silent for too long',
};
const failing = { ...passing, objectives: passing.objectives.map((o) => (o.name === 'outputGap' ? missed : o)) };

describe('mocha as the engine', () => {
  const folder = temporaryFolder();
  const log: string[] = [];
  beforeEach(() => void log.splice(0));

  const suite = (title: string, change: Partial<ScenarioSuite> = {}): ScenarioSuite => ({
    title,
    file: `${title}.yaml`,
    objectives: DEFAULT_OBJECTIVES,
    run: async () => {
      log.push(`run ${title}`);
      return passing;
    },
    end: async () => void log.push(`end ${title}`),
    ...change,
  });
  const throwing = (title: string) =>
    suite(title, {
      run: async () => {
        log.push(`run ${title}`);
        throw new Error('the cluster did not come up');
      },
    });

  const engine = (suites: ScenarioSuite[], options: Partial<EngineOptions> = {}) =>
    muted(() => runSuites(suites, { interrupted: new AbortController().signal, ...options }));

  /** What mocha's own JSON reporter, or another one with an `output`, makes of it. */
  async function reported(suites: ScenarioSuite[], reporter: string, options: Partial<EngineOptions> = {}) {
    const output = join(folder(), 'out');
    const said = await engine(suites, { reporter, reporterOptions: { output }, ...options });
    assert.equal(said, '');
    return readFileSync(output, 'utf8');
  }
  interface Told {
    stats: { suites: number; tests: number; passes: number; failures: number };
    passes: { fullTitle: string; file: string }[];
    failures: { fullTitle: string; err: { message: string; expected?: string; actual?: string } }[];
  }
  const json = async (...suites: ScenarioSuite[]) => JSON.parse(await reported(suites, 'json')) as Told;

  it('has a suite for each scenario and a test for each objective', async () => {
    const { stats, passes } = await json(suite('one'), suite('two'));
    assert.deepEqual([stats.suites, stats.tests, stats.passes, stats.failures], [2, 8, 8, 0]);
    assert.equal(passes[0]?.fullTitle, 'one recovery within 30s');
    assert.equal(passes[7]?.file, 'two.yaml');
    assert.deepEqual(log, ['run one', 'end one', 'run two', 'end two']);
  });

  it('fails the test of the objective that was missed, with both sides', async () => {
    const { stats, failures } = await json(suite('one', { run: async () => failing }));
    assert.deepEqual([stats.passes, stats.failures], [3, 1]);
    const [{ fullTitle, err } = assert.fail()] = failures;
    assert.equal(fullTitle, 'one outputGap within 45s');
    assert.deepEqual(
      [err.message, err.expected, err.actual],
      ['failed: the output was silent for too long', 'within 45s', '61.00 s'],
    );
  });

  it('is never green where an objective was not judged, or is inconclusive', async () => {
    const unsure = passing.objectives.map((o) => ({ ...o, verdict: 'inconclusive' as const }));
    assert.equal(
      (await json(suite('one', { run: async () => ({ ...passing, objectives: unsure }) }))).stats.failures,
      4,
    );
    const none = await json(suite('one', { run: async () => ({ ...passing, objectives: [] }) }));
    assert.equal(none.stats.failures, 4);
    assert.match(none.failures[0]?.err.message ?? '', /was not judged/);
  });

  it('calls end when run throws, fails, and goes on with the next', async () => {
    const { stats, failures } = await json(throwing('one'), suite('two'));
    assert.deepEqual(log, ['run one', 'end one', 'run two', 'end two']);
    assert.deepEqual([stats.passes, stats.failures], [4, 1]);
    assert.match(failures[0]?.err.message ?? '', /the cluster did not come up/);
  });

  it('begins no further scenario after an interrupt, and ends the one that goes on', async () => {
    const abort = new AbortController();
    const first = suite('one', {
      run: async () => {
        log.push('run one');
        abort.abort();
        return passing;
      },
    });
    await engine([first, suite('two'), suite('three')], { interrupted: abort.signal });
    assert.deepEqual(log, ['run one', 'end one']);
  });

  it('begins none at all when the interrupt came before', async () => {
    await engine([suite('one'), suite('two')], { interrupted: AbortSignal.abort() });
    assert.deepEqual(
      log.filter((line) => line.startsWith('run')),
      [],
    );
  });

  it('comes to an end also when end throws', async () => {
    const broken = suite('one', { end: () => Promise.reject(new Error('not healed')) });
    await engine([broken, suite('two')]);
    assert.deepEqual(log, ['run one', 'run two', 'end two']);
  });

  it('says nothing without a reporter', async () => {
    assert.equal(await engine([suite('one'), throwing('two')]), '');
  });

  it('works with the reporters that CI knows', async () => {
    const suites = () => [suite('one', { run: async () => failing })];
    const xml = await reported(suites(), 'xunit');
    assert.match(xml, /<testsuite name="[^"]*" tests="4" failures="(0|1)" errors="(0|1)"/);
    assert.match(xml, /outputGap within 45s[\s\S]*silent for too long/);
    const tap = await engine(suites(), { reporter: 'tap' });
    assert.match(tap, /^ok 1 one recovery within 30s$/m);
    assert.match(tap, /^not ok 2 one outputGap within 45s$/m);
    assert.match(await engine(suites(), { reporter: 'spec' }), /3 passing[\s\S]*1 failing[\s\S]*silent for too long/);
  });

  it('works with a reporter that is a function and calls Base, and with one that inherits from it', async () => {
    const told = join(folder(), 'told');
    const head = `const Mocha = require(${JSON.stringify(join(process.cwd(), 'node_modules/mocha'))});
      const fs = require('node:fs');
      const tell = (self) => fs.appendFileSync(${JSON.stringify(told)}, \`\${self.stats.passes} \${self.failures.length}\\n\`);`;
    writeFileSync(
      join(folder(), 'function.cjs'),
      `${head} module.exports = function (runner) {
        Mocha.reporters.Base.call(this, runner);
        runner.on('end', () => tell(this));
      };`,
    );
    writeFileSync(
      join(folder(), 'class.cjs'),
      `${head} module.exports = class extends Mocha.reporters.Base {
        constructor(runner, options) { super(runner, options); runner.on('end', () => tell(this)); }
      };`,
    );
    for (const name of ['function.cjs', 'class.cjs']) {
      checkReporter(join(folder(), name));
      await engine([suite('one', { run: async () => failing })], { reporter: join(folder(), name) });
    }
    assert.equal(readFileSync(told, 'utf8'), '3 1\n3 1\n');
  });

  it('knows which reporters there are', () => {
    for (const name of ['spec', 'json', 'xunit', 'tap', 'dot', 'min']) checkReporter(name);
    assert.throws(
      () => checkReporter('speck'),
      hasCode('USAGE', /^speck is not a mocha reporter: [^\n]* - use one of .*spec/),
    );
  });
});
