import type { Rule } from '../rule.js';

const OFF: ReadonlySet<string> = new Set(['none', '']);

export const noHighAvailability: Rule = {
  code: 'no-high-availability',
  severity: 'warning',
  title: 'Nobody takes over from a JobManager that dies',
  why: 'The pointers to the latest checkpoints live in the JobManager alone. When it dies every job ends, and none comes back by itself, however many checkpoints there are.',
  fix: 'set high-availability.type to zookeeper or kubernetes, and high-availability.storageDir',
  examples: {
    bad: { text: 'jobmanager.rpc.address: jm-1\n' },
    good: { text: 'high-availability.type: zookeeper\n' },
  },
  check({ settings }) {
    const type = settings.value('high-availability.type')?.trim().toLowerCase() ?? 'none';
    if (!OFF.has(type)) return [];
    return [{ what: 'high availability is off', key: 'high-availability.type' }];
  },
};
