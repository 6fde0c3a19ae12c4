import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { scenarioJsonSchema, showMistake } from '../../../src/scenario/index.js';
import { readText } from '../../../src/scenario/read.js';
import { attachText, GOOD_ATTACH, totalsWith, WRONG_ATTACH, WRONG_INVARIANTS } from '../../support/attach-texts.js';
import { scenarioText, WRONG_IN_ITSELF } from '../../support/scenario-texts.js';

const FOLDER = fileURLToPath(new URL('../../../scenarios/', import.meta.url));
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));

describe('the JSON schema of scenarios, as editors apply it', () => {
  let accepts: ValidateFunction;
  before(() => {
    accepts = new Ajv({ strict: false }).compile(scenarioJsonSchema());
  });

  for (const file of files) {
    it(`accepts scenarios/${file}, as Flinch does`, () => {
      const text = readFileSync(FOLDER + file, 'utf8');
      const { scenario, mistakes } = readText(text, file);
      assert.deepEqual(mistakes.map(showMistake), []);
      assert.ok(accepts(parse(text)), JSON.stringify(accepts.errors));
      const up = '../'.repeat(file.split('/').length);
      assert.ok(text.startsWith(`# yaml-language-server: $schema=${up}schema/scenario.json\n`));
      assert.equal(basename(file), `${scenario?.name}.yaml`);
    });
  }

  for (const [what, text] of [
    ['a job', attachText(GOOD_ATTACH)],
    ['a subset', attachText(`${GOOD_ATTACH}, relation: subset, filter: { not: { json: /type, equals: ping } }`)],
    [
      'totals',
      totalsWith(
        '{ min: { source: /at, sink: /first }, count: { sink: /n }, sum: { source: /a, sink: /b, tolerance: 0.01 } }',
      ),
    ],
  ] as const) {
    it(`accepts a scenario attached to ${what}`, () => {
      assert.ok(accepts(parse(text)), JSON.stringify(accepts.errors));
    });
  }

  // A schema knows no pointers, cannot ask for one key of several, and never sees a key that is written twice.
  const unknownToSchemas = /slash|says nothing|twice/;
  const refused = [
    ...WRONG_IN_ITSELF.map(([parts, words]) => [scenarioText(parts), words] as const),
    ...WRONG_INVARIANTS.map(([invariant, words]) => [totalsWith(invariant), words] as const),
    ...WRONG_ATTACH.map(([attach, words]) => [attachText(attach), words] as const),
  ];
  for (const [text, words] of refused.filter((it) => !unknownToSchemas.test(it[1]))) {
    it(`refuses, as Flinch does: ${words}`, () => {
      assert.equal(accepts(parse(text)), false);
    });
  }
});
