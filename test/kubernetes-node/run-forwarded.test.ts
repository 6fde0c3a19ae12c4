import { onANode } from './on-a-node.js';
import { passesScenarios } from './passes.js';

describe('flinch run on pods, by way of the API server', () => {
  const lab = onANode();

  passesScenarios(lab, {
    line: '2.2',
    reach: 'forward',
    tried: ['stop-leader-pod', 'api-server-hangs-briefly', 'job-config-map-emptied', 'drain-node', 'image-broken'],
  });
  passesScenarios(lab, { line: '1.20', zookeeper: true, reach: 'auto', tried: ['kill-leader'] });
});
