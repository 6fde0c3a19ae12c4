import { writeDuration } from '../../core/units.js';
import type { Rule } from '../rule.js';

export const heartbeatInterval: Rule = {
  code: 'heartbeat-interval',
  severity: 'error',
  title: 'Heartbeats come too rarely for their timeout',
  why: 'A timeout that is no longer than the interval makes Flink refuse to start. One that bears a single late heartbeat declares nodes dead that are merely busy, and each of them costs a restart.',
  fix: 'make heartbeat.timeout three times heartbeat.interval or more',
  examples: {
    bad: { text: 'heartbeat:\n  interval: 10 s\n  timeout: 10 s\n' },
    good: { text: 'heartbeat:\n  interval: 2 s\n  timeout: 10 s\n' },
  },
  check({ settings }) {
    const [interval, timeout] = [settings.duration('heartbeat.interval'), settings.duration('heartbeat.timeout')];
    if (interval === undefined || timeout === undefined || timeout >= 3 * interval) return [];
    const key = settings.asked('heartbeat.timeout') ? 'heartbeat.timeout' : 'heartbeat.interval';
    const what = `heartbeat.timeout is ${writeDuration(timeout)} with one heartbeat every ${writeDuration(interval)}`;
    return [timeout <= interval ? { what, key } : { what, key, severity: 'warning' }];
  },
};
