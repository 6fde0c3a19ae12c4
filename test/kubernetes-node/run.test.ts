import { onANode } from './on-a-node.js';
import { passesScenarios } from './passes.js';

describe('flinch run on pods', () => {
  const lab = onANode();

  passesScenarios(lab, {
    line: '1.20',
    reach: 'auto',
    tried: [
      'delete-leader-pod',
      'kill-leader',
      'partition-taskmanager',
      'cluster-config-map-deleted',
      'scale-down',
      'access-revoked',
    ],
  });
});
