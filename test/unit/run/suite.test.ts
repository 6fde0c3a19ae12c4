import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.js';
import { ExitCode, FlinchError } from '../../../src/core/error.js';
import { readJournal } from '../../../src/journal/reader.js';
import type { JournalWriter } from '../../../src/journal/writer.js';
import type { Findings } from '../../../src/judge/findings.js';
import type { AcquireOptions, ClusterSource } from '../../../src/run/cluster/cluster-source.js';
import { scenarioRun } from '../../../src/run/run-scenario.js';
import { interruptedBy } from '../../../src/run/safety/interrupt.js';
import { runSuite, type SuiteOptions } from '../../../src/run/suite.js';
import { handClock } from '../../support/hand-clock.js';
import { handMadeScenario, memoryRecorder } from '../../support/hand-made-run.js';
import { muted } from '../../support/muted.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const notUp = () =>
  Promise.reject(new FlinchError('CLUSTER_START', { what: 'jobmanager-1 did not come up', on: '10.0.0.1' }));

describe('a suite of runs', () => {
  const folder = temporaryFolder();

  /** Runs scenarios on a source whose clusters never come up, and tells everything that could be seen of it. */
  async function suite(
    names: string[],
    {
      acquire = notUp,
      started = () => {},
      ...options
    }: Partial<SuiteOptions> & {
      acquire?: (options: AcquireOptions) => Promise<never>;
      started?: (runDir: string, journal: JournalWriter) => void;
    } = {},
  ) {
    const seen = {
      upcoming: [] as string[],
      /** After each run, and once more at the very end. */
      released: [] as boolean[],
      ended: [] as { findings: Findings; runDir: string; trouble?: FlinchError | undefined }[],
      failed: [] as FlinchError[],
      code: undefined as ExitCode | undefined,
    };
    const clusters: SuiteOptions['clusters'] = (upcoming) => ({
      acquire: (order) => {
        seen.upcoming.push(
          upcoming()
            .map(({ name }) => name)
            .join(),
        );
        return acquire(order);
      },
      lasts: false,
      replaceable: true,
      release: async (sound) => void seen.released.push(sound),
      ledger: (runDir) => join(runDir, 'ledger'),
    });
    const said = await muted(async () => {
      seen.code = await runSuite({
        scenarios: names.map((name) => ({ scenario: handMadeScenario({ name }), file: `${name}.yaml`, text: '' })),
        reports: join(folder(), 'reports'),
        flinch: '0.1.0',
        clusters,
        clock: systemClock,
        interrupted: new AbortController().signal,
        view: {
          started: (_, runDir, journal) => started(runDir, journal),
          ended: (findings, runDir, trouble) => void seen.ended.push({ findings, runDir, trouble }),
          failed: (_, error) => void seen.failed.push(error),
        },
        ...options,
      });
    });
    assert.equal(said, '');
    return seen;
  }

  it('is inconclusive when the cluster does not come up, and says so in every report', async () => {
    const { code, ended, failed, released } = await suite(['one']);
    assert.equal(code, ExitCode.inconclusive);
    assert.deepEqual([failed.length, released], [0, [false, false]]);
    const [{ findings, runDir, trouble } = assert.fail()] = ended;
    assert.equal(findings.verdict, 'inconclusive');
    assert.ok(findings.objectives.every(({ verdict }) => verdict === 'inconclusive'));
    assert.equal(trouble, undefined);
    for (const file of ['journal.ndjson', 'result.json', 'junit.xml', 'report.html']) {
      assert.ok(existsSync(join(runDir, file)), file);
    }
    const { events, truncated } = readJournal(join(runDir, 'journal.ndjson'));
    assert.equal(truncated, false);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['run.started', 'step', 'trouble', 'run.ended'],
    );
    assert.match(JSON.stringify(events[2]), /"CLUSTER_START".*jobmanager-1 did not come up/);
  });

  it('goes on with the next scenario, and lets the source know what is still to come', async () => {
    const { code, ended, upcoming } = await suite(['one', 'two']);
    assert.equal(code, ExitCode.inconclusive);
    assert.deepEqual(upcoming, ['one,two', 'two']);
    assert.equal(new Set(ended.map(({ runDir }) => runDir)).size, 2);
  });

  it('tells that the reports folder cannot be written, and is not green', async () => {
    const reports = join(folder(), 'file');
    writeFileSync(reports, '');
    const { code, ended, failed, upcoming } = await suite(['one', 'two'], { reports });
    assert.equal(code, ExitCode.inconclusive);
    assert.deepEqual(
      failed.map((error) => error.code),
      ['JOURNAL_WRITE', 'JOURNAL_WRITE'],
    );
    assert.deepEqual([ended.length, upcoming.length], [0, 0]);
  });

  for (const [name, last] of [
    ['not at all', undefined],
    ['in the middle', 'step'],
    ['but for its end', 'trouble'],
  ] as const) {
    it(`is inconclusive when the journal can be written ${name}, and says why`, async () => {
      const { code, ended, released } = await suite(['one'], {
        started(_, journal) {
          if (last === undefined) journal.close();
          else journal.listen(({ type }) => type === last && journal.close());
        },
      });
      assert.equal(code, ExitCode.inconclusive);
      assert.equal(ended[0]?.trouble?.code, 'JOURNAL_WRITE');
      assert.equal(ended[0]?.findings.verdict, 'inconclusive');
      assert.deepEqual(released, [false, false]);
      assert.equal(existsSync(join(ended[0]?.runDir ?? '', 'result.json')), false);
    });
  }

  it('is inconclusive when a report cannot be written, and says which', async () => {
    const { code, ended } = await suite(['one'], { started: (runDir) => mkdirSync(join(runDir, 'junit.xml')) });
    assert.equal(code, ExitCode.inconclusive);
    assert.match(ended[0]?.trouble?.message ?? '', /a report could not be written.*junit\.xml/);
    assert.equal(ended[0]?.trouble?.code, 'JOURNAL_WRITE');
    // This alone must do, had all else gone well.
    assert.match(ended[0]?.findings.reasons.join() ?? '', /the journal is cut/);
  });

  it('ends as interrupted, with the reports of the run that was under way and no other', async () => {
    const abort = new AbortController();
    const { code, ended, upcoming, released } = await suite(['one', 'two'], {
      interrupted: abort.signal,
      acquire: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          abort.abort(new FlinchError('INTERRUPTED', { what: 'interrupted by SIGINT', cause: 'SIGINT' }));
        }),
    });
    assert.equal(code, ExitCode.interrupted);
    assert.deepEqual([upcoming.length, ended.length, released], [1, 1, [false, false]]);
    assert.equal(ended[0]?.findings.outcome, 'interrupted');
    const { events } = readJournal(join(ended[0]?.runDir ?? '', 'journal.ndjson'));
    assert.match(JSON.stringify(events.slice(-2)), /"interrupted","signal":"SIGINT".*"run.ended"/);
    assert.equal(interruptedBy(abort.signal), 'SIGINT');
  });

  it('runs nothing when it was interrupted before', async () => {
    const { code, upcoming, released } = await suite(['one'], { interrupted: AbortSignal.abort() });
    assert.deepEqual([code, upcoming.length], [ExitCode.interrupted, 0]);
    // A cluster that was kept up for it must not outlive the suite.
    assert.deepEqual(released, [false]);
    assert.equal(existsSync(join(folder(), 'reports')) && readdirSync(join(folder(), 'reports')).length > 0, false);
  });
});

describe('the end of a run', () => {
  const order = (release: () => Promise<void>, acquire: ClusterSource['acquire'] = notUp) => {
    const recorder = memoryRecorder(handClock());
    const clusters: ClusterSource = { acquire, lasts: false, replaceable: true, release, ledger: () => '/nowhere' };
    const run = scenarioRun({
      scenario: handMadeScenario(),
      source: { file: 'x.yaml', text: '' },
      run: 'run-1',
      runDir: '/nowhere',
      flinch: '0.1.0',
      clusters,
      clock: handClock(),
      interrupted: new AbortController().signal,
      recorder,
    });
    return { run, events: recorder.events, told: () => recorder.events.map(({ type }) => type) };
  };

  it('comes once, however often it is asked for', async () => {
    let released = 0;
    const { run, told } = order(async () => void released++);
    await run.run();
    assert.deepEqual(await Promise.all([run.end(), run.end()]), [{ healed: true }, { healed: true }]);
    await run.end();
    assert.equal(released, 1);
    assert.deepEqual(told(), ['run.started', 'step', 'trouble', 'run.ended']);
  });

  it('tells what could not be cleared away, as the last but one', async () => {
    const { run, told } = order(() => Promise.reject(new Error('a process will not end')));
    await run.run();
    await run.end();
    assert.deepEqual(told().slice(-2), ['trouble', 'run.ended']);
  });

  it('can come while the run still goes on: that is aborted and awaited first', async () => {
    const seen: string[] = [];
    let settle = () => {};
    const acquire = ({ signal }: AcquireOptions) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          seen.push('aborted');
          settle = () => {
            seen.push('settled');
            reject(signal.reason as Error);
          };
        });
      });
    const { run, told, events } = order(async () => void seen.push('released'), acquire);
    const running = run.run().then(() => seen.push('run'));
    const ending = run.end().then((answer) => {
      seen.push('end');
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    // Nothing is healed, released or called ended while the run may still act.
    assert.deepEqual([seen, told()], [['aborted'], ['run.started', 'step']]);
    settle();
    assert.deepEqual(await ending, { healed: true });
    await running;
    assert.deepEqual(seen, ['aborted', 'settled', 'run', 'released', 'end']);
    assert.deepEqual(told(), ['run.started', 'step', 'trouble', 'run.ended']);
    assert.match(JSON.stringify(events[2]), /"INTERNAL".*ended before its last step/);
  });

  it('can come before anything was begun', async () => {
    const { run, told } = order(async () => {});
    assert.deepEqual(await run.end(), { healed: true });
    assert.deepEqual(told(), ['run.ended']);
  });
});
