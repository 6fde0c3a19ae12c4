import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlinchError } from '../../../src/core/error.js';
import { loadScenarios } from '../../../src/scenario/index.js';
import { scenarioText } from '../../support/scenario-texts.js';

describe('loading scenario files', () => {
  let folder: string;
  const put = (name: string, content: string | Uint8Array): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const refused = (paths: string[], code: string): string[] => {
    try {
      loadScenarios(paths);
    } catch (error) {
      assert.ok(error instanceof FlinchError, String(error));
      assert.equal(error.code, code, error.message);
      assert.equal(error.exitCode, 3);
      return error.message.replaceAll(`${folder}/`, '').split('\n');
    }
    return assert.fail('nothing was refused');
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flinch-scenarios-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('reads a directory in the order of its names, each file once', () => {
    const b = put('b.yaml', scenarioText({ scenario: 'second' }));
    put('a.yml', `\ufeff${scenarioText({ scenario: 'first' })}`);
    put('notes.txt', 'no scenario');
    put('.hidden.yaml', ':');
    mkdirSync(join(folder, 'dir.yaml'));
    const { scenarios } = loadScenarios([folder, b]);
    assert.deepEqual(
      scenarios.map(({ scenario }) => scenario.name),
      ['first', 'second'],
    );
    assert.equal(scenarios[1]?.file, b);
    assert.equal(scenarios[1]?.text, scenarioText({ scenario: 'second' }));
  });

  it('reports every mistake of every file at once', () => {
    put('a.yaml', scenarioText({ titel: 'x', steadyState: '{ hold: 1 }' }));
    put('b.yaml', 'a: [');
    put('c.yaml', scenarioText({ scenario: 'kill-leader' }));
    put('d.yaml', scenarioText({ scenario: 'fine' }));
    const lines = refused([folder, join(folder, 'none.yaml')], 'SCENARIO_INVALID');
    assert.deepEqual(
      lines.map((line) => line.split(': ')[0]),
      ['none.yaml', 'a.yaml:6:1 titel', 'a.yaml:7:22 steadyState.hold', 'b.yaml:1:5 yaml', 'c.yaml:1:11 scenario'],
    );
  });

  it('names both places of one name', () => {
    put('a.yaml', scenarioText());
    put('b.yaml', `# two\n${scenarioText()}`);
    assert.deepEqual(refused([folder], 'SCENARIO_DUPLICATE'), [
      'b.yaml:2:11 scenario: kill-leader is already the name of a.yaml:1:11; give one of them another name',
    ]);
  });

  it('says why a file cannot be read', () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    const cases: [path: string, words: string][] = [
      [join(folder, 'none.yaml'), 'none.yaml: does not exist; check the path'],
      [fifo, 'fifo: is not a regular file'],
      ['/dev/zero', '/dev/zero: is not a regular file'],
      [loop, 'loop: is a symbolic link to itself'],
      [put('big.yaml', 'a'.repeat(1024 ** 2 + 1)), 'big.yaml: is larger than 1 MiB'],
      [put('latin.yaml', Uint8Array.of(0x61, 0x0a, 0x62, 0xe9, 0x62)), 'latin.yaml:2:2 document: is not UTF-8 text'],
      [put('cut.yaml', Uint8Array.of(0x61, 0xe2, 0x82)), 'document: is not UTF-8 text'],
      [put('nul.yaml', 'a: \0'), 'nul.yaml:1:4 document: is not UTF-8 text'],
      [put('wide.yaml', Buffer.from('\ufeffa: 1', 'utf16le')), 'wide.yaml:1:1 document: is not UTF-8 text'],
    ];
    for (const [path, words] of cases) assert.ok(refused([path], 'SCENARIO_UNREADABLE')[0]?.includes(words), words);
    mkdirSync(join(folder, 'empty'));
    assert.match(
      refused([join(folder, 'empty')], 'SCENARIO_UNREADABLE')[0] ?? '',
      /^empty: has no \*\.yaml or \*\.yml file/,
    );
  });

  it('wants at least one path', () => assert.match(refused([], 'USAGE')[0] ?? '', /no scenario is given/));
});
