import type { Rule } from '../rule.js';

export const checkpointsInMemory: Rule = {
  code: 'checkpoints-in-memory',
  severity: 'warning',
  title: 'Checkpoints are kept in the memory of the JobManager',
  why: 'Without a folder the state of every subtask travels to the JobManager and stays there, 5 MiB of it at most: a checkpoint that is larger fails, and without high availability all of them end with the JobManager.',
  fix: 'set execution.checkpointing.dir (state.checkpoints.dir before 1.20) to shared storage',
  examples: {
    bad: { text: 'execution.checkpointing.interval: 10 s\n' },
    good: { text: 'execution.checkpointing:\n  interval: 10 s\n  dir: s3://flink/checkpoints\n' },
  },
  check({ settings }) {
    const interval = settings.asked('execution.checkpointing.interval');
    if (!interval || (settings.value('execution.checkpointing.dir') ?? '') !== '') return [];
    const storage = settings.asked('execution.checkpointing.storage')?.value.trim().toLowerCase();
    if (storage !== undefined && storage !== 'jobmanager') return [];
    return [{ what: 'checkpoints are on, and execution.checkpointing.dir is not set', key: interval.key }];
  },
};
