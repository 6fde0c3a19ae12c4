import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

export const sharedZookeeperPath: Rule = {
  code: 'shared-zookeeper-path',
  severity: 'note',
  title: 'The cluster has no name of its own in ZooKeeper',
  why: 'Two clusters that share a ZooKeeper and a path contend for one leadership, and each restores the jobs of the other.',
  fix: 'set high-availability.cluster-id to a name of its own for each cluster',
  examples: {
    bad: { text: 'high-availability.type: zookeeper\n' },
    good: { text: 'high-availability.type: zookeeper\nhigh-availability.cluster-id: /orders\n' },
  },
  check({ kind, settings }) {
    if (kind === 'deployment' || highAvailability(settings) !== 'zookeeper') return [];
    if ((settings.asked('high-availability.cluster-id')?.value ?? '') !== '') return [];
    return [{ what: 'high-availability.cluster-id is not set, so it is /default', key: 'high-availability.type' }];
  },
};
