import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

export const upgradeMode: Rule = {
  code: 'upgrade-mode',
  severity: 'warning',
  title: 'An upgrade forgets the state of the job, or is refused',
  why: 'With upgradeMode stateless every change of the resource starts the job from nothing, also one that an operator makes in haste during an outage. With last-state the operator refuses to upgrade a cluster that has no high availability, as there is no last state to find.',
  fix: 'set spec.job.upgradeMode to last-state with high availability on, or to savepoint',
  examples: {
    bad: {
      as: 'deployment',
      text: 'kind: FlinkDeployment\nspec:\n  flinkVersion: v1_20\n  job: { upgradeMode: stateless }\n',
    },
    good: {
      as: 'deployment',
      text: 'kind: FlinkDeployment\nspec:\n  flinkVersion: v1_20\n  job: { upgradeMode: savepoint }\n',
    },
  },
  check({ settings, facts: { upgradeMode: mode } }) {
    if (mode === 'stateless') return [{ what: 'spec.job.upgradeMode is stateless' }];
    if (mode !== 'last-state' || highAvailability(settings) !== undefined) return [];
    return [{ what: 'spec.job.upgradeMode is last-state, and high availability is off', severity: 'error' }];
  },
};
