import { formatDuration } from '../../core/units.js';
import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

const KEY = 'high-availability.kubernetes.leader-election';
/** Flink's defaults. Milliseconds. */
const USUAL = { 'lease-duration': 15_000, 'renew-deadline': 15_000, 'retry-period': 5_000 } as const;

export const leaseTiming: Rule = {
  code: 'lease-timing',
  severity: 'error',
  title: 'The times of the lease do not fit each other',
  why: 'A leader gives up when it could not renew its lease within the renew deadline; another one may take the lease when its duration is over. With a deadline beyond the duration both lead for a while. With a single attempt within the deadline, one answer of the API server that is late ends every job.',
  fix: 'keep the renew deadline at most as long as the lease duration, and at least twice the retry period',
  examples: {
    bad: {
      text: `high-availability.type: kubernetes\n${KEY}.lease-duration: 15s\n${KEY}.renew-deadline: 30s\n`,
    },
    good: {
      text: `high-availability.type: kubernetes\n${KEY}.lease-duration: 30s\n${KEY}.renew-deadline: 20s\n${KEY}.retry-period: 5s\n`,
    },
  },
  check({ settings }) {
    if (highAvailability(settings) !== 'kubernetes') return [];
    const of = (name: keyof typeof USUAL) => settings.duration(`${KEY}.${name}`) ?? USUAL[name];
    const written = (name: keyof typeof USUAL) => settings.asked(`${KEY}.${name}`)?.key;
    const [duration, deadline, retry] = [of('lease-duration'), of('renew-deadline'), of('retry-period')];
    const told = `${formatDuration(deadline)}, and a lease ${formatDuration(duration)}`;
    if (deadline > duration) {
      const key = written('renew-deadline') ?? written('lease-duration') ?? '';
      return [{ what: `the renew deadline is ${told}`, key }];
    }
    if (deadline >= 2 * retry) return [];
    const key = written('retry-period') ?? written('renew-deadline') ?? '';
    const what = `a leader tries every ${formatDuration(retry)}, and gives up after ${formatDuration(deadline)}`;
    return [{ what, key, severity: 'warning' }];
  },
};
