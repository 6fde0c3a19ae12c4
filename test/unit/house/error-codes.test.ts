import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { documents } from '../../../scripts/documents.js';
import { ERROR_CODES } from '../../../src/core/error.js';

const ROOT = new URL('../../../', import.meta.url);

describe('generated documents', () => {
  const expected = documents();

  for (const [path, text] of Object.entries(expected)) {
    it(`${path} is fresh; renew it with npm run docs`, () => {
      assert.equal(readFileSync(new URL(path, ROOT), 'utf8'), text);
    });
  }

  it('docs/errors.md has every code with its exit code', () => {
    for (const [code, [exit]] of Object.entries(ERROR_CODES)) {
      assert.match(expected['docs/errors.md'] ?? '', new RegExp(`\`${code}\` \\| ${exit} \\|`));
    }
  });
});
