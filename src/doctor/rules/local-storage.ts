import { highAvailability } from '../ha.js';
import type { Complaint, Rule } from '../rule.js';
import type { Settings } from '../settings.js';

const FOLDERS = [
  'high-availability.storageDir',
  'execution.checkpointing.dir',
  'execution.checkpointing.savepoint-dir',
];

export const localStorage: Rule = {
  code: 'local-storage',
  severity: 'warning',
  title: 'Checkpoints or high-availability files lie on a local path',
  why: 'The JobManager that takes over runs on another machine, and so may every TaskManager: what only one machine has is gone with it. It looks right in every test on one machine.',
  fix: 'use storage that all nodes share: s3://, gs://, abfss://, hdfs://, or a file:// path only where the very same volume is mounted on all of them',
  examples: {
    bad: { text: 'high-availability.type: zookeeper\nhigh-availability.storageDir: file:///var/flink/ha\n' },
    good: { text: 'high-availability.type: zookeeper\nhigh-availability.storageDir: s3://flink/ha\n' },
  },
  check: ({ settings, facts }) =>
    facts.jobManagers === 1 && facts.taskManagers === 1 ? [] : FOLDERS.flatMap((key) => local(key, settings)),
};

function local(key: string, settings: Settings): Complaint[] {
  const path = settings.asked(key)?.value;
  if (path === undefined || path === '' || !(path.startsWith('/') || /^file:/i.test(path))) return [];
  const away = key.startsWith('high-availability') && highAvailability(settings) === undefined;
  return away ? [] : [{ what: `${key} is ${path}, a path of one machine`, key }];
}
