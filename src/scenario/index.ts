export { withSeed } from './chance.js';
export { BESIDE_OTHERS } from './guards-schema.js';
export { scenarioJsonSchema } from './json-schema.js';
export { type CheckedScenarios, checkScenarios, type LoadedScenario, loadScenarios, rereadScenario } from './load.js';
export { type Mistake, showMistake } from './mistake.js';
export { byCluster } from './order.js';
export { describePlan } from './plan.js';
