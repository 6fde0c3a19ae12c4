import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FlinchError } from '../../../src/core/error.js';
import { examine } from '../../../src/doctor/examine.js';
import { flinkOptions } from '../../../src/doctor/options.js';
import { subjectsOf } from '../../../src/doctor/read/subjects.js';
import { RULES } from '../../../src/doctor/rules.js';
import { flinkVersion } from '../../../src/doctor/settings.js';
import { trials } from '../../support/effort.js';

const files = fc.constantFrom('config.yaml', 'flink-conf.yaml', 'deployment.yaml');
const versions = fc.constantFrom('1.17', '1.18.1', '1.20', '2.2.0', '2.3', '9.9', '');
const texts = RULES.flatMap(({ examples: { bad, good } }) => [bad.text, good.text]);

/** A text of the rules with something cut out, put in or put elsewhere. */
const mutated = fc
  .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(40), fc.string({ maxLength: 12, unit: 'binary' }))
  .map(([text, at, cut, put]) => {
    const from = at % (text.length + 1);
    return text.slice(0, from) + put + text.slice(from + cut);
  });

/** Values of the kind that people write, under keys that Flink has. */
const written = fc
  .array(
    fc.tuple(
      fc.nat().map((n) => flinkOptions()[n % flinkOptions().length]?.key ?? ''),
      fc.oneof(
        fc.constantFrom(
          '',
          '0',
          '-1',
          'true',
          'zookeeper',
          'KUBERNETES',
          '1 s',
          '99999999999 d',
          'NaN',
          '1e9',
          'file:///x',
        ),
        fc.string({ maxLength: 10 }).filter((text) => !/[\n#]/.test(text)),
      ),
    ),
    { maxLength: 30 },
  )
  .map((pairs) => pairs.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join(''));

describe('configurations that the doctor reads', () => {
  for (const [name, text] of [
    ['mutated', mutated],
    ['made of settings', written],
  ] as const) {
    it(`${name}: are examined, or refused with a reason`, () => {
      fc.assert(
        fc.property(files, text, versions, (file, it, flink) => {
          try {
            for (const subject of subjectsOf(file, it, flinkVersion(flink))) {
              for (const { what, fix, line } of examine(subject)) {
                assert.doesNotMatch(`${what} ${fix}`, /\[object|\p{Cc}/u);
                assert.ok(line === undefined || (line >= 1 && line <= it.split('\n').length), `${line}`);
              }
            }
          } catch (error) {
            if (!(error instanceof FlinchError && error.code === 'CONFIG_UNREADABLE')) throw error;
          }
        }),
        { numRuns: trials(300) },
      );
    });
  }
});
