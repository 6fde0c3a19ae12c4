import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

export const haWithoutStorage: Rule = {
  code: 'ha-without-storage',
  severity: 'error',
  title: 'High availability has nowhere to keep what it needs',
  why: 'ZooKeeper and ConfigMaps hold pointers of a few hundred bytes. Job graphs and the metadata of checkpoints are files below high-availability.storageDir, on Kubernetes too: without it Flink does not start, or has nothing to restore.',
  fix: 'set high-availability.storageDir to a folder that every JobManager reaches, e.g. s3://bucket/flink/ha',
  examples: {
    bad: { text: 'high-availability:\n  type: kubernetes\nkubernetes.cluster-id: orders\n' },
    good: {
      text: 'high-availability:\n  type: kubernetes\n  storageDir: s3://flink/ha\nkubernetes.cluster-id: orders\n',
    },
  },
  check({ settings }) {
    const how = highAvailability(settings);
    if (how === undefined || (settings.value('high-availability.storageDir') ?? '') !== '') return [];
    const what = `high availability is by ${how}, and high-availability.storageDir is not set`;
    return [{ what, key: 'high-availability.type' }];
  },
};
