import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenariosOf } from '../../../src/cli/again.js';
import { loadScenarios } from '../../../src/scenario/index.js';
import { hasCode } from '../../support/has-code.js';
import { journalOf, leaderKill, textOf } from '../../support/journal-builder.js';
import { scenarioText } from '../../support/scenario-texts.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const TEXT = scenarioText({ scenario: 'by-chance', faults: '[{ kill: { node: taskmanager.any } }]' });

describe('doing the same again', () => {
  const folder = temporaryFolder();
  const file = (text = TEXT) => {
    writeFileSync(join(folder(), 'a.yaml'), text);
    return join(folder(), 'a.yaml');
  };
  /** The folder of a run of that scenario text, on Flink 2.2 by --flink, with a seed that was drawn. */
  const run = (text = TEXT, name = 'run') => {
    const [loaded] = loadScenarios([file()]).scenarios;
    const [started, ...others] = journalOf(leaderKill());
    assert.ok(loaded && started?.type === 'run.started');
    const scenario = { ...loaded.scenario, seed: 42, cluster: { ...loaded.scenario.cluster, flink: '2.2' as const } };
    mkdirSync(join(folder(), name));
    const events = [{ ...started, scenario, source: { file: 'once.yaml', text } }, ...others];
    writeFileSync(join(folder(), name, 'journal.ndjson'), textOf(events));
    return join(folder(), name);
  };

  it('takes the scenario of a run, with its seed and its Flink', () => {
    const [again] = scenariosOf([run()]);
    assert.deepEqual([again?.file, again?.text], ['once.yaml', TEXT]);
    assert.deepEqual([again?.scenario.seed, again?.scenario.cluster.flink], [42, '2.2']);
    assert.deepEqual(
      again?.scenario.faults.map(({ options }) => options),
      [{ node: 'taskmanager.any' }],
    );
  });

  it('takes files and runs in one order', () => {
    const before = run();
    assert.deepEqual(
      scenariosOf([before, file(scenarioText())]).map(({ scenario }) => scenario.name),
      ['kill-leader', 'by-chance'],
    );
  });

  it('takes no two of one name', () => {
    assert.throws(
      () => scenariosOf([run(), run(TEXT, 'second')]),
      hasCode('SCENARIO_DUPLICATE', /by-chance is already the name of once\.yaml/),
    );
  });

  it('says where the language has changed since then', () => {
    assert.throws(
      () => scenariosOf([run(TEXT.replace('kill:', 'explode:'))]),
      hasCode('SCENARIO_INVALID', /once\.yaml:\d+:\d+ faults\[0\].*explode/),
    );
  });

  it('says that a journal is none', () => {
    mkdirSync(join(folder(), 'broken'));
    writeFileSync(join(folder(), 'broken', 'journal.ndjson'), 'hello\n');
    assert.throws(() => scenariosOf([join(folder(), 'broken')]), hasCode('RUN_UNREADABLE', /line 1 is not JSON/));
  });

  it('says what is wrong with the files beside it', () => {
    assert.throws(
      () => scenariosOf([run(), join(folder(), 'nowhere.yaml')]),
      hasCode('SCENARIO_UNREADABLE', /nowhere/),
    );
    assert.throws(() => scenariosOf([]), hasCode('USAGE', /./));
  });
});
