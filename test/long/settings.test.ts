import assert from 'node:assert/strict';
import { assertNothingLeft, playScenarios } from '../support/played-scenarios.js';

/** What settings decide comes as they promise, with other values than the rest of the tests have. */
describe('what settings promise comes so', () => {
  const { it_, names, faultsOf } = playScenarios(['settings/session-3s', 'settings/threshold-5', 'settings/fixed-3s']);
  const decided: [name: string, phase: string, key: RegExp][] = [
    ['settings/session-3s', 'leadershipLost', /session-timeout = 3s$/],
    ['settings/threshold-5', 'detected', /rpc-failure-threshold = 5$/],
    ['settings/fixed-3s', 'detected', /rpc-failure-threshold = 2 \(default\)$/],
    ['settings/fixed-3s', 'backoffOver', /fixed-delay\.delay = 3s$/],
  ];
  for (const [name, phase, key] of decided) {
    it(`${name}: ${phase}`, () => {
      const { expectation } = faultsOf(name)[0] ?? {};
      assert.equal(expectation?.within, 'yes', JSON.stringify(expectation));
      const found = expectation?.phases.find((one) => one.name === phase);
      assert.match(found?.decidedBy.join(', ') ?? '', key);
      // A moment that comes as early as it may lies at the edge of what the looks leave open.
      assert.notEqual(found?.within ?? 'no', 'no', JSON.stringify(found));
    });
  }

  it('leaves nothing behind', () => {
    assert.equal(names().length, 3);
    assertNothingLeft(it_());
  });
});
