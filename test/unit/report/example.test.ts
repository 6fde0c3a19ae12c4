import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readJournal } from '../../../src/journal/reader.js';
import { reportsOf } from '../../../src/report/rebuild.js';

const EXAMPLE = fileURLToPath(new URL('../../../reports/example/', import.meta.url));

describe('the committed example of a run', () => {
  it('is what its journal says, byte for byte; renew it with flinch report reports/example', () => {
    const { findings, files } = reportsOf(readJournal(`${EXAMPLE}journal.ndjson`));
    assert.equal(findings.outcome, 'passed');
    for (const [name, text] of Object.entries(files)) {
      assert.equal(readFileSync(EXAMPLE + name, 'utf8'), text, name);
    }
  });
});
