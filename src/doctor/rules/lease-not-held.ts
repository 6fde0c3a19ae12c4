import { formatDuration } from '../../core/units.js';
import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

/** Clocks of two machines may differ. Milliseconds. */
const TOLERANCE = 5_000;

export const leaseNotHeld: Rule = {
  code: 'lease-not-held',
  severity: 'error',
  title: 'No JobManager holds the lease in the ConfigMap',
  why: 'Who leads renews the lease every few seconds. A JobManager that answers and holds none leads by chance: another one may take over at any moment, or the cluster keeps its pointers where nobody looks for them.',
  fix: 'look into the logs of the JobManagers for what the API server answers; check kubernetes.cluster-id, kubernetes.namespace and their role',
  examples: {
    bad: {
      text: 'high-availability.type: kubernetes\nkubernetes.cluster-id: orders\n',
      facts: {
        configMaps: {
          place: 'namespace flink',
          name: 'orders-cluster-config-map',
          owned: [],
          lease: { held: true, duration: 15_000, age: 90_000 },
        },
      },
    },
    good: {
      text: 'high-availability.type: kubernetes\nkubernetes.cluster-id: orders\n',
      facts: {
        configMaps: {
          place: 'namespace flink',
          name: 'orders-cluster-config-map',
          owned: [],
          lease: { held: true, duration: 15_000, age: 4_000 },
        },
      },
    },
  },
  check({ settings, facts: { configMaps } }) {
    if (highAvailability(settings) !== 'kubernetes' || !configMaps) return [];
    const key = settings.asked('kubernetes.cluster-id')?.key ?? '';
    const { place, name, lease } = configMaps;
    if (name === undefined) {
      return [{ what: `there is no ${settings.value('kubernetes.cluster-id')}-cluster-config-map in ${place}`, key }];
    }
    if (!lease) return [{ what: `nobody has ever held the lease in ${name}`, key }];
    if (!lease.held) return [{ what: `the lease in ${name} was given back, and nobody has taken it`, key }];
    const late = lease.age - lease.duration;
    if (late <= TOLERANCE) return [];
    const [age, duration] = [formatDuration(lease.age), formatDuration(lease.duration)];
    return [{ what: `the lease in ${name} was renewed ${age} ago, and is good for ${duration}`, key }];
  },
};
