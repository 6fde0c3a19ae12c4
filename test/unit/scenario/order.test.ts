import assert from 'node:assert/strict';
import { byCluster, type LoadedScenario } from '../../../src/scenario/index.js';
import { readText } from '../../../src/scenario/read.js';
import { scenarioText } from '../../support/scenario-texts.js';

function loaded(name: string, cluster: string): LoadedScenario {
  const text = scenarioText({ scenario: name, cluster });
  const { scenario } = readText(text, 'x.yaml');
  assert.ok(scenario);
  return { scenario, file: 'x.yaml', text };
}

describe('the order of scenarios', () => {
  it('is theirs, but for those that want the same cluster as an earlier one', () => {
    const [small, large] = ['{ brokers: 1 }', '{ brokers: 3 }'];
    const given = [
      loaded('a', small),
      loaded('b', large),
      loaded('c', small),
      loaded('d', '{ slots: 3 }'),
      loaded('e', large),
    ];
    assert.deepEqual(
      byCluster(given).map(({ scenario }) => scenario.name),
      ['a', 'c', 'b', 'e', 'd'],
    );
  });
});
