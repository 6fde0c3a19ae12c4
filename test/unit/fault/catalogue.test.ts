import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultNamed, faultNames } from '../../../src/fault/catalogue.js';
import { FAULT_SCHEMAS } from '../../../src/fault/schemas.js';
import { checkScenarios } from '../../../src/scenario/index.js';
import { hasCode } from '../../support/has-code.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

describe('the catalogue of faults', () => {
  const { scenarios } = checkScenarios([`${ROOT}scenarios`, `${ROOT}scenarios/kubernetes`]);
  const used = scenarios.flatMap(({ scenario }) => scenario.faults);
  const docs = readFileSync(`${ROOT}docs/scenario.md`, 'utf8');

  it('holds the faults of the language and no others', () => {
    assert.deepEqual(faultNames().sort(), Object.keys(FAULT_SCHEMAS).sort());
    assert.throws(() => faultNamed('kick'), hasCode('SCENARIO_INVALID', /no fault named kick/));
  });

  for (const [name, { requires, schema, summary }] of Object.entries(FAULT_SCHEMAS)) {
    describe(name, () => {
      it('is one object under its own name, with the needs that the plan checks', () => {
        const fault = faultNamed(name);
        assert.equal(fault.name, name);
        assert.deepEqual([...fault.requires], [...requires]);
      });

      it('has a scenario that uses it, and a schema that asks for something', () => {
        assert.ok(
          used.some(({ kind }) => kind === name),
          `no file in scenarios/ uses ${name}`,
        );
        // Of an operation on the job nothing need be said but how it is to end.
        const nothing = schema.safeParse({});
        if (faultNamed(name).outcome) assert.ok(!nothing.success || 'expect' in nothing.data);
        else assert.ok(!nothing.success);
      });

      it('is described in docs/scenario.md', () => {
        assert.match(docs, new RegExp(`^### \`${name}\`$`, 'm'));
        assert.ok(docs.includes(summary));
      });
    });
  }
});
