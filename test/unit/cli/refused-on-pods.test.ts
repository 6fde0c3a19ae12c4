import assert from 'node:assert/strict';
import { isBeside, refuseOnPods } from '../../../src/cli/refused-on-pods.js';
import type { LoadedScenario } from '../../../src/scenario/index.js';
import { handMadeScenario } from '../../support/hand-made-run.js';
import { hasCode } from '../../support/has-code.js';

const WITHOUT_HANDS = { cluster: 'orders', brokers: 'kafka:9092', gateway: 'http://gateway:8083' };

const cutting = (options: Record<string, unknown>) =>
  handMadeScenario({
    faults: [{ kind: 'partition', options: { between: ['taskmanager'], and: ['jobmanager.all'], ...options } }],
  });
const refuse = (scenario: ReturnType<typeof cutting>, choice: object = {}) =>
  refuseOnPods([{ scenario } as LoadedScenario], { ...WITHOUT_HANDS, ...choice } as never);

describe('what cannot be done on pods', () => {
  it('is what needs somebody beside them, where no image of a hand is named', () => {
    const scenario = cutting({});
    assert.equal(isBeside(scenario), true);
    assert.throws(() => refuse(scenario), hasCode('CAPABILITY_MISSING', /network: .*--hand-image/));
    refuse(scenario, { handImage: 'tools:1' });
  });

  it('is not what is up to those who enforce policies', () => {
    const scenario = cutting({ via: 'network-policy' });
    assert.equal(isBeside(scenario), false);
    refuse(scenario);
  });

  it('is what befalls others than the pods of Flink, whoever does it', () => {
    assert.throws(
      () => refuse(cutting({ via: 'network-policy', and: ['broker.all'] })),
      hasCode('CAPABILITY_MISSING', /fault 1 \(partition\) means broker\.all/),
    );
  });
});
