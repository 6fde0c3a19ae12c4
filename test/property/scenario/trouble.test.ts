import assert from 'node:assert/strict';
import fc from 'fast-check';
import { showMistake } from '../../../src/scenario/index.js';
import { readText } from '../../../src/scenario/read.js';
import { trials } from '../../support/effort.js';
import { scenarioText } from '../../support/scenario-texts.js';

const mistakes = (text: string): string[] => readText(text, 'x.yaml').mistakes.map(showMistake);
const MIB = 1024 ** 2;
const laughs = [
  'a0: &a0 [x,x,x,x,x,x,x,x,x]',
  ...Array.from({ length: 5 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`),
];

describe('trouble in a scenario text', () => {
  const cases: readonly [name: string, text: string, words: string][] = [
    ['nothing', '', 'x.yaml:1:1 document: the file is empty'],
    ['only a comment', '# hi\n', 'document: the file is empty'],
    ['a list', '- a\n', 'x.yaml:1:1 document: this is not a map of keys'],
    ['a word', 'hello', 'document: this is not a map of keys'],
    ['two documents', `${scenarioText()}---\na: 1\n`, 'x.yaml:6:1 yaml: a second document begins here'],
    ['a tab', 'a:\n\tb: 1\n', 'x.yaml:2:1 yaml: a tab is used as indentation'],
    ['an open list', 'a: [1, 2\n', 'x.yaml:'],
    ['a map in a line', 'a: b: c\n', 'yaml: a map begins in the middle of a line'],
    [
      'a key twice',
      `${scenarioText()}scenario: kill-leader\n`,
      'x.yaml:6:1 scenario: the key is written twice, first on line 1',
    ],
    ['a merge key', scenarioText({ cluster: '{ <<: { flink: "1.20" } }' }), '2:12 cluster["<<"]: merge keys'],
    ['a number as key', scenarioText({ cluster: '{ 1: 2 }' }), '2:12 cluster.1: the key 1 is not text'],
    [
      '__proto__',
      scenarioText({ cluster: '{ __proto__: { flink: 3 } }' }),
      'cluster.__proto__: is not a key that is ever known',
    ],
    ['a list as key', scenarioText({ cluster: '{ ? [a] : 2 }' }), 'no key; write a plain word'],
    ['a tag', scenarioText({ title: '!!js/function x' }), 'yaml: a tag'],
    ['YAML 1.1', `%YAML 1.1\n---\n${scenarioText()}`, 'yaml: another version of YAML'],
    ['an alias of nothing', scenarioText({ title: '*t' }), 'title: the alias *t has no anchor before it'],
    ['a terminal sequence', scenarioText({ job: '"\\e[31m"' }), 'unknown key "job"'],
    ['aliases of aliases', laughs.join('\n'), 'yaml: its aliases expand too far'],
    ['many aliases', `a: &a x\nb: [${'*a,'.repeat(60)}]`, 'yaml: has more than 50 aliases'],
    ['a deep list', '['.repeat(MIB), 'x.yaml:1:40 yaml: is nested too deeply'],
    ['a deep map', '{a: '.repeat(MIB / 4), 'yaml: is nested too deeply'],
    ['deep dashes', '- '.repeat(MIB / 2), 'yaml: is nested too deeply'],
    [
      'many keys',
      Array.from({ length: 50_000 }, (_, i) => `k${i}: 1\n`).join(''),
      'yaml: is far larger than a scenario',
    ],
    ['many anchors', '&a '.repeat(MIB / 3), 'yaml: is far larger than a scenario'],
    ['a huge block', `a: |\n${' x\n'.repeat(MIB / 3)}`, 'yaml: is far larger than a scenario'],
  ];
  for (const [name, text, words] of cases) {
    it(`says what is wrong with ${name}`, () => {
      const found = mistakes(text);
      assert.ok(
        found.some((line) => line.includes(words)),
        found.slice(0, 5).join('\n'),
      );
      // Every mistake fits on a line, and shows nothing that a terminal would act on.
      for (const line of found) assert.match(line, /^x\.yaml:\d+:\d+ [^\n\p{Cc}]*$/u);
    }).timeout(5000);
  }

  it('says no more than that about a key that is written twice, or is no text', () => {
    assert.equal(mistakes(`${scenarioText()}scenario: kill-leader\n`).length, 1);
    assert.equal(mistakes(scenarioText({ cluster: '{ 1: 2 }' })).length, 1);
  });

  it('never crashes: any text is a scenario or has mistakes with positions', () => {
    const good = scenarioText({
      title: '"A & B"',
      cluster: '\n  flinkConfig:\n    heartbeat.interval: 1s\n  zookeeperConfig: { tickTime: 500 }',
      objectives: '\n  recovery: { between: [1s, 30s] }\n  lost: { atLeast: 1 }\n  phase.newLeader: 9s',
    });
    const shard = fc.oneof(
      fc.constantFrom(
        ...'{}[]:,-?&*!|>\'"%@#~\n\t \0',
        '\n---\n',
        '&a ',
        '*a',
        '<<: ',
        '!!set ',
        '__proto__: ',
        '? ',
        ': ',
        '\ud800',
      ),
      fc.constantFrom(
        'null',
        '1e999',
        '-0',
        '.nan',
        '0x',
        '"\\x00"',
        'constructor',
        'toString: ',
        '9s',
        '[9s, 1]',
        '{}',
        '[]',
      ),
      // Not the unit `binary`: fast-check takes a second to prepare it.
      fc.string({ unit: fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)), maxLength: 6 }),
    );
    const edit = fc.tuple(fc.nat(good.length), fc.nat(12), shard);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const text = edits.reduce((t, [from, cut, put]) => t.slice(0, from) + put + t.slice(from + cut), good);
        const { scenario, mistakes: found } = readText(text, 'x.yaml');
        assert.ok(scenario ? found.length === 0 : found.length > 0);
        const last = text.split(/\r?\n/).length;
        for (const { line = 0, column = 0, sentence, path } of found) {
          assert.ok(
            line >= 1 && line <= last + 1 && column >= 1 && path !== undefined,
            JSON.stringify({ line, column, path }),
          );
          assert.ok(sentence.length > 10 && !sentence.includes('undefined'), sentence);
        }
      }),
      { numRuns: trials(15) },
    );
  }).timeout(30_000);
});
