import type { Rule } from '../rule.js';

export const notReadCommitted: Rule = {
  code: 'not-read-committed',
  severity: 'warning',
  title: 'Whoever reads the output sees what is taken back',
  why: 'An exactly-once sink writes records before they are committed, and aborts those of a checkpoint that never was. A reader at read_uncommitted, the default of Kafka, has read them all the same, and reads them again after the restart.',
  fix: 'set isolation.level to read_committed in every consumer of the output',
  examples: {
    bad: { text: 'execution.checkpointing.interval: 10 s\n', facts: { kafka: { isolationLevel: 'read_uncommitted' } } },
    good: { text: 'execution.checkpointing.interval: 10 s\n', facts: { kafka: { isolationLevel: 'read_committed' } } },
  },
  check: ({ facts: { kafka } }) =>
    kafka?.isolationLevel === 'read_uncommitted' ? [{ what: 'the output is read at read_uncommitted' }] : [],
};
