import type { Rule } from '../rule.js';

const RETENTION = 'execution.checkpointing.externalized-checkpoint-retention';

export const notKeptOnCancel: Rule = {
  code: 'not-kept-on-cancel',
  severity: 'note',
  title: 'A cancelled or failed job takes its checkpoints with it',
  why: 'Whoever cancels a job in trouble, to start it anew elsewhere, has deleted what it could have been started from, unless a savepoint could still be taken.',
  fix: `set ${RETENTION} to RETAIN_ON_CANCELLATION, and delete old ones yourself`,
  examples: {
    bad: { text: `execution.checkpointing.interval: 10 s\n${RETENTION}: DELETE_ON_CANCELLATION\n` },
    good: { text: `execution.checkpointing.interval: 10 s\n${RETENTION}: RETAIN_ON_CANCELLATION\n` },
  },
  check({ settings }) {
    const interval = settings.asked('execution.checkpointing.interval');
    const asked = settings.asked(RETENTION);
    if (!interval || /^retain/i.test(asked?.value.trim() ?? '')) return [];
    const what = `${RETENTION} is ${asked?.value ?? 'not set'}`;
    return [{ what, key: asked?.key ?? interval.key }];
  },
};
