import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

export const noClusterId: Rule = {
  code: 'no-cluster-id',
  severity: 'warning',
  title: 'High availability on Kubernetes without a cluster id',
  why: 'The names of the ConfigMaps begin with kubernetes.cluster-id. Without it JobManagers do not start, unless the command line gives one; with one that changes from start to start they find nothing to restore.',
  fix: 'set kubernetes.cluster-id to a name that stays',
  examples: {
    bad: { text: 'high-availability.type: kubernetes\nhigh-availability.storageDir: s3://flink/ha\n' },
    good: { text: 'high-availability.type: kubernetes\nkubernetes.cluster-id: orders\n' },
  },
  check({ kind, settings }) {
    // The operator names a cluster after its resource.
    if (kind === 'deployment' || highAvailability(settings) !== 'kubernetes') return [];
    if ((settings.asked('kubernetes.cluster-id')?.value ?? '') !== '') return [];
    return [{ what: 'kubernetes.cluster-id is not set', key: 'high-availability.type' }];
  },
};
