import assert from 'node:assert/strict';
import { examine } from '../../../src/doctor/examine.js';
import { subjectsOf } from '../../../src/doctor/read/subjects.js';
import { RULES } from '../../../src/doctor/rules.js';
import { asJson } from '../../../src/doctor/show/json.js';
import { asSarif } from '../../../src/doctor/show/sarif.js';
import { asText } from '../../../src/doctor/show/text.js';

const TEXT = `high-availability:
  type: kubernetes
heartbeat.rpc-failure-threshold: -1
`;
const FILE = 'my conf/config.yaml';
const found = () => subjectsOf(FILE, TEXT).flatMap((subject) => examine(subject));

describe('doctor/show', () => {
  it('puts the worst first, with its place, what to do and where to read more', () => {
    const [first, second] = asText(found(), 1).split('\n\n');
    assert.equal(
      first,
      `my conf/config.yaml:2:3 error: high availability is by kubernetes, and high-availability.storageDir is not set
    set high-availability.storageDir to a folder that every JobManager reaches, e.g. s3://bucket/flink/ha
    ha-without-storage, docs/doctor.md#ha-without-storage`,
    );
    assert.match(second ?? '', /^my conf\/config\.yaml:2:3 warning: /);
    assert.match(asText(found(), 1), /\n1 error, 3 warnings, 1 note in one file\n$/);
    assert.equal(asText([], 2), 'nothing found in 2 files\n');
  });

  it('gives the same as JSON', () => {
    const { format, of, findings, problems } = JSON.parse(asJson(found(), [FILE], ['x']));
    assert.deepEqual([format, of, problems], [1, [FILE], ['x']]);
    assert.deepEqual(findings, found());
    const { key, line, column } = findings[0] ?? {};
    assert.deepEqual([key, line, column], ['high-availability.type', 2, 3]);
  });

  it('gives SARIF whose results point to rules and places', () => {
    const { version, runs } = JSON.parse(asSarif(found(), RULES, '0.1.0'));
    const [{ tool, results }] = runs;
    assert.deepEqual([version, runs.length, results.length], ['2.1.0', 1, found().length]);
    for (const { ruleId, ruleIndex, level, locations } of results) {
      assert.equal(tool.driver.rules[ruleIndex].id, ruleId);
      assert.ok(['error', 'warning', 'note'].includes(level));
      assert.equal(locations[0].physicalLocation.artifactLocation.uri, 'my%20conf/config.yaml');
    }
    assert.deepEqual(results[0].locations[0].physicalLocation.region, { startLine: 2, startColumn: 3 });
  });
});
