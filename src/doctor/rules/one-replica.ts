import type { Rule } from '../rule.js';

export const oneReplica: Rule = {
  code: 'one-replica',
  severity: 'error',
  title: 'A topic has one replica',
  why: 'While its broker is away the job can neither read nor write, and with the disk of that broker its records are gone: no checkpoint brings them back.',
  fix: 'give topics a replication factor of 3 and min.insync.replicas 2, the transaction and offsets topics too',
  examples: {
    bad: { text: 'execution.checkpointing.interval: 10 s\n', facts: { kafka: { replicationFactor: 1 } } },
    good: { text: 'execution.checkpointing.interval: 10 s\n', facts: { kafka: { replicationFactor: 3 } } },
  },
  check: ({ facts: { kafka } }) =>
    kafka?.replicationFactor === 1 ? [{ what: 'a topic of the job has a replication factor of 1' }] : [],
};
