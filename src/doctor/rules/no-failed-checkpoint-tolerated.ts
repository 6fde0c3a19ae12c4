import type { Rule } from '../rule.js';

const TOLERATED = 'execution.checkpointing.tolerable-failed-checkpoints';

export const noFailedCheckpointTolerated: Rule = {
  code: 'no-failed-checkpoint-tolerated',
  severity: 'warning',
  title: 'One failed checkpoint restarts the job',
  why: 'Storage that does not answer for a moment, or a ZooKeeper that cannot take a pointer, fails one checkpoint. With none tolerated the whole job is restarted for it, which a checkpoint later would have been for free.',
  fix: `set ${TOLERATED} to 2 or 3; what is restored grows by as many intervals at most`,
  examples: {
    bad: { text: 'execution.checkpointing.interval: 10 s\n' },
    good: { text: `execution.checkpointing.interval: 10 s\n${TOLERATED}: 3\n` },
  },
  check({ settings }) {
    const interval = settings.asked('execution.checkpointing.interval');
    if (!interval || settings.number(TOLERATED) !== 0) return [];
    const asked = settings.asked(TOLERATED);
    return [{ what: `${TOLERATED} is 0${asked ? '' : ' by default'}`, key: asked?.key ?? interval.key }];
  },
};
