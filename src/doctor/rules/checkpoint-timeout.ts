import { writeDuration } from '../../core/units.js';
import type { Rule } from '../rule.js';

/** A checkpoint that hangs may hold back so many others. */
const INTERVALS = 20;

export const checkpointTimeout: Rule = {
  code: 'checkpoint-timeout',
  severity: 'note',
  title: 'A checkpoint that hangs holds back many others',
  why: 'Only one checkpoint is under way by default. One that hangs (a TaskManager that stands still, storage that does not answer) is given up after execution.checkpointing.timeout, and no other begins before: whatever is restored then is that old.',
  fix: 'set execution.checkpointing.timeout to a few times what a checkpoint takes',
  examples: {
    bad: { text: 'execution.checkpointing:\n  interval: 10 s\n  timeout: 10 min\n' },
    good: { text: 'execution.checkpointing:\n  interval: 10 s\n  timeout: 1 min\n' },
  },
  check({ settings }) {
    const interval = settings.asked('execution.checkpointing.interval');
    const every = settings.duration('execution.checkpointing.interval');
    const timeout = settings.duration('execution.checkpointing.timeout');
    if (interval === undefined || every === undefined || every === 0 || timeout === undefined) return [];
    const many = (settings.number('execution.checkpointing.max-concurrent-checkpoints') ?? 1) > 1;
    if (many || timeout < INTERVALS * every) return [];
    const what = `checkpoints begin every ${writeDuration(every)}, and one that hangs is given up after ${writeDuration(timeout)}`;
    return [{ what, key: settings.asked('execution.checkpointing.timeout')?.key ?? interval.key }];
  },
};
