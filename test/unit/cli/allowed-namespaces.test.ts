import assert from 'node:assert/strict';
import { refuseNamespace } from '../../../src/cli/allowed-namespaces.js';
import { hasCode } from '../../support/has-code.js';

describe('namespaces that runs may touch', () => {
  it('are all of them, unless some are named', () => {
    refuseNamespace('prod', undefined);
    for (const named of ['prod', 'staging, prod', 'pr*', '*', '*-eu,p*d']) refuseNamespace('prod', named);
  });

  it('are no others then: a pattern is for the whole name', () => {
    for (const named of ['', ' , ', 'staging', 'pro', 'rod', 'p.od', 'pr*x', 'prod-*'])
      assert.throws(() => refuseNamespace('prod', named), hasCode('GUARD', /namespace prod/), named);
  });
});
