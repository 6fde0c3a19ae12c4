import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

export const noCheckpoints: Rule = {
  code: 'no-checkpoints',
  severity: 'warning',
  title: 'High availability without checkpoints',
  why: 'The next leader starts the job again, but with nothing: it has forgotten its state, and reads from where its source begins. Jobs may turn checkpoints on in their code; what depends on that is forgotten with the next job.',
  fix: 'set execution.checkpointing.interval, e.g. to 30 s',
  examples: {
    bad: { text: 'high-availability.type: zookeeper\nhigh-availability.storageDir: s3://flink/ha\n' },
    good: {
      text: 'high-availability.type: zookeeper\nhigh-availability.storageDir: s3://flink/ha\nexecution.checkpointing.interval: 30 s\n',
    },
  },
  check({ settings }) {
    if (highAvailability(settings) === undefined) return [];
    const interval = settings.value('execution.checkpointing.interval') ?? '';
    if (interval !== '' && settings.duration('execution.checkpointing.interval') !== 0) return [];
    const what = 'high availability is on, and execution.checkpointing.interval is not set';
    return [{ what, key: settings.asked('execution.checkpointing.interval')?.key ?? 'high-availability.type' }];
  },
};
