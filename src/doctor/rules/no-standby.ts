import { writeDuration } from '../../core/units.js';
import { highAvailability, takeover } from '../ha.js';
import type { Rule } from '../rule.js';

export const noStandby: Rule = {
  code: 'no-standby',
  severity: 'warning',
  title: 'No JobManager stands by',
  why: 'A lone JobManager that dies has to be started again, on a machine that may have to be found first, and the new process waits for the session or the lease of the old one all the same. A standby waits for that only.',
  fix: 'run two JobManagers (spec.jobManager.replicas: 2)',
  examples: {
    bad: {
      as: 'deployment',
      text: 'kind: FlinkDeployment\nspec:\n  flinkVersion: v1_20\n  flinkConfiguration:\n    high-availability.type: kubernetes\n  jobManager: { replicas: 1 }\n',
    },
    good: {
      as: 'deployment',
      text: 'kind: FlinkDeployment\nspec:\n  flinkVersion: v1_20\n  flinkConfiguration:\n    high-availability.type: kubernetes\n  jobManager: { replicas: 2 }\n',
    },
  },
  check({ settings, facts }) {
    if (facts.jobManagers !== 1 || highAvailability(settings) === undefined) return [];
    const wait = takeover(settings, facts);
    const also =
      wait === undefined ? '' : `, and the next one waits ${writeDuration(wait)} for the old one's time to run out`;
    return [{ what: `there is one JobManager${also}`, key: 'high-availability.type' }];
  },
};
