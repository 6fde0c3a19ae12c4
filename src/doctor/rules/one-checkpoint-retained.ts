import type { Rule } from '../rule.js';

const RETAINED = 'execution.checkpointing.num-retained';

export const oneCheckpointRetained: Rule = {
  code: 'one-checkpoint-retained',
  severity: 'note',
  title: 'Only the latest checkpoint is kept',
  why: 'Where a file of it turns out to be damaged, or the state in it to be wrong, there is no earlier one to go back to.',
  fix: `set ${RETAINED} to 3; incremental checkpoints share most of their files`,
  examples: {
    bad: { text: `execution.checkpointing.interval: 10 s\n${RETAINED}: 1\n` },
    good: { text: `execution.checkpointing.interval: 10 s\n${RETAINED}: 3\n` },
  },
  check({ settings }) {
    const interval = settings.asked('execution.checkpointing.interval');
    const asked = settings.asked(RETAINED);
    if (!interval || (settings.number(RETAINED) ?? 1) > 1) return [];
    return [{ what: `${RETAINED} is 1${asked ? '' : ' by default'}`, key: asked?.key ?? interval.key }];
  },
};
