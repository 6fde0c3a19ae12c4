import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flinchVersion } from '../../../src/cli/version.js';
import { flinch } from '../../support/command-line.js';
import { journalOf, leaderKill, textOf } from '../../support/journal-builder.js';
import { scenarioText } from '../../support/scenario-texts.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('the command line', () => {
  const folder = temporaryFolder();
  const scenario = (name = 'a.yaml', text = scenarioText()) => {
    writeFileSync(join(folder(), name), text);
    return join(folder(), name);
  };

  it('has the verbs, each with its help', async () => {
    const { code, said } = await flinch('--help');
    assert.equal(code, 0);
    for (const verb of ['run', 'up', 'status', 'down', 'heal', 'validate', 'doctor', 'schema', 'report']) {
      assert.match(said, new RegExp(`^  ${verb}\\b`, 'm'));
      const help = await flinch(verb, '--help');
      assert.equal(help.code, 0, verb);
      assert.match(help.said, new RegExp(`Usage: flinch ${verb}`));
    }
    assert.match(said, /Exit codes: 0 passed, 1 failed, 2 inconclusive, 3 bad input/);
    assert.deepEqual(await flinch('--version'), { code: 0, said: `${flinchVersion()}\n` });
  });

  for (const [args, says] of [
    [[], /Usage: flinch/],
    [['dance'], /unknown command 'dance'/],
    [['rum'], /Did you mean run/],
    [['run'], /missing required argument 'paths'/],
    [['run', 'x.yaml', '--frehs'], /unknown option '--frehs'/],
    [['run', 'x.yaml', '--reports'], /argument missing/],
    [['run', 'x.yaml', '--reporter-option', 'output'], /write key=value/],
    [['run', 'x.yaml', '--seed', '-1'], /a seed is 0 to 2147483647/],
    [['run', 'x.yaml', '--seed', '2147483648'], /a seed is 0 to 2147483647/],
    [['up', '--port', '0'], /a port is 1 to 65535/],
    [['up', '--port', '80.5'], /a port is 1 to 65535/],
    [['down', 'everything'], /too many arguments/],
  ] as const) {
    it(`is bad input: flinch ${args.join(' ')}`, async () => {
      const { code, said } = await flinch(...args);
      assert.equal(code, 3);
      assert.match(said, says);
    });
  }

  it('validates files: 0 when all are right, 3 with every mistake when not', async () => {
    const good = await flinch('validate', scenario());
    assert.equal(good.code, 0);
    assert.match(good.said, /a\.yaml: .* is valid/);
    scenario('b.yaml', scenarioText({ scenario: 'other', workload: '{ job: pass-through }' }));
    const bad = await flinch('validate', folder());
    assert.equal(bad.code, 3);
    assert.match(bad.said, /b\.yaml:\d+:\d+ workload/);
  });

  it('prints the schema', async () => {
    const { code, said } = await flinch('schema');
    assert.equal(code, 0);
    assert.ok(Object.hasOwn(JSON.parse(said) as object, '$schema'));
  });

  it('rebuilds the reports of a run, with its exit code', async () => {
    writeFileSync(join(folder(), 'journal.ndjson'), textOf(journalOf(leaderKill())));
    const { code, said } = await flinch('report', folder());
    assert.equal(code, 0);
    assert.match(said, /^PASSED {2}kill-leader-jobmanager/);
    const none = await flinch('report', join(folder(), 'none'));
    assert.equal(none.code, 3);
    assert.match(none.said, /^flinch: RUN_UNREADABLE: the journal cannot be read/);
  });

  it('checks files, reporter and Flink before anything is started', async () => {
    for (const [args, code, says] of [
      [[scenario('bad.yaml', 'scenario: x\n')], 3, /^flinch: SCENARIO_INVALID: /],
      [[join(folder(), 'none.yaml')], 3, /^flinch: SCENARIO_UNREADABLE: /],
      [[scenario(), '--reporter', 'speck'], 3, /^flinch: USAGE: speck is not a mocha reporter/],
      [[scenario(), '--flink', '0.9'], 3, /^flinch: [A-Z_]+: .*0\.9/],
    ] as const) {
      const answer = await flinch('run', ...args);
      assert.equal(answer.code, code);
      assert.match(answer.said, says);
    }
  });
});
