import type { Rule } from '../rule.js';

export const oneReplica: Rule = {
  code: 'one-replica',
  severity: 'error',
  title: 'A topic has one replica',
  why: 'While its broker is away the job can neither read nor write, and with the disk of that broker its records are gone: no checkpoint brings them back.',
  fix: 'give topics a replication factor of 3 and min.insync.replicas 2, the transaction and offsets topics too',
  examples: {
    bad: { text: 'execution.checkpointing.interval: 10 s\n', facts: { kafka: { replicas: { orders: 1 } } } },
    good: { text: 'execution.checkpointing.interval: 10 s\n', facts: { kafka: { replicas: { orders: 3 } } } },
  },
  check({ facts: { kafka } }) {
    const single = Object.entries(kafka?.replicas ?? {}).flatMap(([topic, replicas]) =>
      replicas === 1 ? [topic] : [],
    );
    return single.length > 0 ? [{ what: `there is one replica of ${single.join(', ')}` }] : [];
  },
};
