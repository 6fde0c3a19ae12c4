import { between, type Extent } from '../core/extent.js';
import type { Case } from './case.js';

const EXPONENTIAL = 'restart-strategy.exponential-delay';

/** The strategy by the name that Flink's documentation has for it, whichever of them is written. */
function strategy({ set }: Case): 'exponential-delay' | 'fixed-delay' | 'failure-rate' | undefined {
  const written = set.text('restart-strategy.type')?.toLowerCase().replaceAll('-', '');
  return (['exponential-delay', 'fixed-delay', 'failure-rate'] as const).find(
    (name) => name.replaceAll('-', '') === written,
  );
}

/**
 * The delay before a restart that so many came before. Milliseconds. Undefined where there is none, where it is not known, and with
 * the adaptive scheduler, which has an order of its own.
 */
export function backoff(it: Case, before: number): Extent | undefined {
  const { set } = it;
  if (set.text('jobmanager.scheduler')?.toLowerCase() === 'adaptive') return undefined;
  const how = strategy(it);
  if (how === undefined) return undefined;
  if (how !== 'exponential-delay') {
    const delay = set.duration(`restart-strategy.${how}.delay`);
    return delay === undefined ? undefined : between(delay, delay);
  }
  const initial = set.duration(`${EXPONENTIAL}.initial-backoff`);
  const most = set.duration(`${EXPONENTIAL}.max-backoff`);
  const times = set.number(`${EXPONENTIAL}.backoff-multiplier`);
  const jitter = set.number(`${EXPONENTIAL}.jitter-factor`);
  if (initial === undefined || most === undefined || times === undefined || jitter === undefined) return undefined;
  const current = Math.min(most, initial * times ** before);
  return between(current * (1 - jitter), Math.min(most, current * (1 + jitter)));
}

/** The settings that decide it. */
export function backoffKeys(it: Case): string[] {
  const how = strategy(it);
  if (how === undefined) return ['restart-strategy.type'];
  return [how === 'exponential-delay' ? `${EXPONENTIAL}.initial-backoff` : `restart-strategy.${how}.delay`];
}

/** A cluster of a million restarts is none that anybody waits for. */
const MOST_RESTARTS = 1_000;

/**
 * The longest delay of the restarts that follow one another for so long, each failing at once. Milliseconds. Undefined as for
 * one of them.
 */
export function longestBackoff(it: Case, within: number): number | undefined {
  let passed = 0;
  for (let n = it.restarts; n < it.restarts + MOST_RESTARTS; n++) {
    const delay = backoff(it, n);
    if (!delay) return undefined;
    passed += Math.max(1, delay.atLeast);
    if (passed > within) return delay.atMost ?? undefined;
  }
  return backoff(it, it.restarts + MOST_RESTARTS)?.atMost ?? undefined;
}
