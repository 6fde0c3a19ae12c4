import { type Case, lasts } from './case.js';
import { START, WORK } from './limits.js';

/** Faults that a job feels once; of the others it may fail again and again as long as they last. */
const ONCE: ReadonlySet<string> = new Set([
  ...['kill', 'stop', 'restart', 'deletePod', 'evictPod', 'clockSkew', 'pause', 'partition', 'reset', 'expireSession'],
  ...['rescale', 'stopJob', 'cancelJob', 'deleteRecords'],
]);
export const failsAgain = ({ kind }: Case): boolean => !ONCE.has(kind);

/** A process that has to start, or one that has to find back. */
const comesBack = (it: Case): number => {
  if (it.kind !== 'pause' && it.kind !== 'partition') return START.taskmanager;
  const retry = it.set.duration('cluster.registration.max-timeout') ?? 0;
  const refused = it.set.duration('cluster.registration.error-delay') ?? 0;
  return retry + refused + WORK.offers;
};

/** When the TaskManagers are there again at the latest. Milliseconds since the fault. */
export const backBy = (it: Case): number => (lasts(it) ?? 0) + comesBack(it);

/** Whether pods of the job start again only when it is over. */
const startsLater = ({ kind }: Case): boolean => kind === 'breakImage' || kind === 'scale' || kind === 'drainNode';

/** How long a job may fail again and again. Milliseconds; undefined where nothing bounds it. */
export const failsFor = (it: Case): number | undefined => (startsLater(it) ? backBy(it) : lasts(it));
