import { type Lab, startLab } from '../support/kubernetes/node/lab.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';
import { passesScenarios } from './passes.js';

describe('flinch run on pods', () => {
  let lab: Lab;
  before(async function () {
    await needsNode(this);
    lab = await startLab();
  });
  after(() => lab?.end());

  passesScenarios(() => lab, {
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
