import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

export const ownedConfigMaps: Rule = {
  code: 'owned-config-maps',
  severity: 'error',
  title: 'A ConfigMap of high availability is deleted with its owner',
  why: 'Flink makes these ConfigMaps without an owner, so that they outlive the JobManagers. Whoever deletes the owner to deploy it anew deletes the pointers to jobs and checkpoints with it, and the next cluster begins with nothing.',
  fix: 'take metadata.ownerReferences out of it',
  examples: {
    bad: {
      text: 'high-availability.type: kubernetes\nkubernetes.cluster-id: orders\n',
      facts: {
        configMaps: {
          place: 'namespace flink',
          name: 'orders-cluster-config-map',
          owned: [{ name: 'orders-cluster-config-map', owner: 'Deployment orders' }],
        },
      },
    },
    good: {
      text: 'high-availability.type: kubernetes\nkubernetes.cluster-id: orders\n',
      facts: { configMaps: { place: 'namespace flink', name: 'orders-cluster-config-map', owned: [] } },
    },
  },
  check({ settings, facts: { configMaps } }) {
    if (highAvailability(settings) !== 'kubernetes') return [];
    const key = settings.asked('kubernetes.cluster-id')?.key ?? '';
    return (configMaps?.owned ?? []).map(({ name, owner }) => ({ what: `${name} is owned by ${owner}`, key }));
  },
};
