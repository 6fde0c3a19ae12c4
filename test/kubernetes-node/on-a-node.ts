import { type Lab, startLab } from '../support/kubernetes/node/lab.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';

/** A lab for all tests of a suite, which are skipped where there can be none. @returns it, once they run */
export function onANode(): () => Lab {
  let lab: Lab;
  before(async function () {
    await needsNode(this);
    lab = await startLab();
  });
  after(() => lab?.end());
  return () => lab;
}
