import { writeDuration } from '../../core/units.js';
import type { Complaint, Rule } from '../rule.js';
import type { Settings } from '../settings.js';

const TYPE = 'restart-strategy.type';
const OFF: ReadonlySet<string> = new Set(['none', 'off', 'disable']);
const FIXED: ReadonlySet<string> = new Set(['fixed-delay', 'fixeddelay']);
const RATE: ReadonlySet<string> = new Set(['failure-rate', 'failurerate']);

export const restartAttempts: Rule = {
  code: 'restart-attempts',
  severity: 'warning',
  title: 'Restarts run out before the trouble is over',
  why: 'A job whose restarts have run out is FAILED for good, however healthy the cluster is afterwards. What breaks tasks at once when they start (brokers that are away, storage that refuses) uses one up every few seconds, and lasts longer than that.',
  fix: 'use restart-strategy.type: exponential-delay, which does not give up, or allow for attempts x delay of several minutes',
  examples: {
    bad: { text: 'restart-strategy:\n  type: fixed-delay\n  fixed-delay:\n    attempts: 3\n    delay: 3 s\n' },
    good: { text: 'restart-strategy.type: exponential-delay\n' },
  },
  check({ settings }) {
    const type = settings.asked(TYPE);
    const name = type?.value.trim().toLowerCase() ?? '';
    if (type && OFF.has(name)) return [{ what: 'no task is ever restarted', key: type.key, severity: 'error' }];
    if (FIXED.has(name)) return fixed(settings, type?.key ?? TYPE);
    return RATE.has(name) ? rate(settings, type?.key ?? TYPE) : [];
  },
};

/** What has to be outlasted at least: the slowest way to notice a loss. Milliseconds. */
const outage = (settings: Settings): number => settings.duration('heartbeat.timeout') ?? 50_000;

function fixed(settings: Settings, key: string): Complaint[] {
  const attempts = settings.number('restart-strategy.fixed-delay.attempts') ?? 1;
  const delay = settings.duration('restart-strategy.fixed-delay.delay') ?? 1000;
  if (attempts * delay >= outage(settings)) return [];
  const where = settings.asked('restart-strategy.fixed-delay.attempts')?.key ?? key;
  const span = `${attempts} restarts, one after ${writeDuration(delay)} each, are over after ${writeDuration(attempts * delay)}`;
  return [{ what: `${span}; heartbeat.timeout alone is ${writeDuration(outage(settings))}`, key: where }];
}

function rate(settings: Settings, key: string): Complaint[] {
  const most = settings.number('restart-strategy.failure-rate.max-failures-per-interval') ?? 1;
  const delay = settings.duration('restart-strategy.failure-rate.delay') ?? 1000;
  const interval = settings.duration('restart-strategy.failure-rate.failure-rate-interval') ?? 60_000;
  // So many fit into one interval when each restart fails at once.
  if (most * delay >= interval) return [];
  const what = `${most} failures in ${writeDuration(interval)} are too many, and tasks that fail at once bring one every ${writeDuration(delay)}`;
  return [{ what, key: settings.asked('restart-strategy.failure-rate.max-failures-per-interval')?.key ?? key }];
}
