import assert from 'node:assert/strict';
import { describePlan, withSeed } from '../../../src/scenario/index.js';
import { readText } from '../../../src/scenario/read.js';
import { scenarioText } from '../../support/scenario-texts.js';

const DRAWN = 99;
const seedOf = (faults: string, own?: string, wanted?: number) => {
  const { scenario } = readText(scenarioText({ faults, seed: own }), 'x.yaml');
  assert.ok(scenario);
  return withSeed(scenario, wanted, () => DRAWN).seed;
};

describe('a seed', () => {
  const any = '[{ kill: { node: taskmanager } }, { kill: { node: taskmanager.any } }]';

  it('is drawn where something is left to chance, wherever that stands', () => {
    assert.equal(seedOf(any), DRAWN);
    const cut = '[{ partition: { between: broker, and: [zookeeper.all, taskmanager.any], duration: 9s } }]';
    assert.equal(seedOf(cut), DRAWN);
    assert.equal(seedOf('[{ fill: { disk: broker.any, duration: 9s } }]'), DRAWN);
  });

  it("is the scenario's where it has one, and the one asked for before that", () => {
    assert.deepEqual([seedOf(any, '0'), seedOf(any, '7', 8), seedOf(any, undefined, 0)], [0, 8, 0]);
  });

  it('is none where nothing is left to chance: it would promise something', () => {
    assert.equal(seedOf('[{ kill: { node: taskmanager } }]', '7', 8), undefined);
  });

  it('is in the plan', () => {
    const { scenario } = readText(scenarioText({ faults: any, seed: '7' }), 'x.yaml');
    assert.ok(scenario && describePlan(scenario).includes('left to chance: seed 7'));
  });
});
