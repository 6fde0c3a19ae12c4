import type { Case } from './case.js';
import { INTERVAL, LEASE, RETRY, SESSION } from './keys.js';

/** What decides a phase that no setting decides. */
export const OWN_WORK = "the cluster's own work";

/**
 * What no setting decides: the cluster's own work, as it takes at most with a small job on two busy processors. A job that took
 * longer when it was started gets three times that. Milliseconds.
 */
export const WORK = {
  /** From the end of a leadership to the next one, where somebody stands by. */
  election: 2_000,
  /** A leader reads the pointers and the graphs of its jobs, and makes its schedulers. */
  jobGraph: 3_000,
  /** TaskManagers find the new leader, and offer their slots. */
  offers: 4_000,
  /** Slots that are there are given out. */
  slots: 2_000,
  deploy: 2_000,
  restore: 5_000,
  /** Until a look has seen it. */
  seen: 1_000,
  /** A checkpoint of a job whose checkpoints nobody has seen. */
  checkpoint: 2_000,
  /** A process says goodbye. */
  goodbye: 3_000,
} as const;

/** Until a process that is started takes its part, by its role. Milliseconds. */
export const START = {
  zookeeper: 10_000,
  jobmanager: 20_000,
  taskmanager: 20_000,
  broker: 30_000,
} as const;

const LONGER = 3;

export const deployment = ({ job }: Case): number => Math.max(WORK.deploy, LONGER * (job.deployment ?? 0));
export const restore = ({ job }: Case): number => Math.max(WORK.restore, LONGER * (job.restore ?? 0));
/** How long a checkpoint takes at most. */
export const checkpoint = ({ job }: Case): number => Math.max(WORK.checkpoint, LONGER * (job.checkpoint ?? 0));

/** Keys that bound a leader's silence: what Flink asks for, and what ZooKeeper grants of it. */
export function sessionKeys({ set }: Case): string[] {
  const asked = set.duration(SESSION);
  const granted = set.duration('zookeeper.grantedSessionTimeout');
  if (asked === undefined || granted === undefined || asked === granted) {
    return [SESSION];
  }
  return [SESSION, granted < asked ? 'zookeeper.maxSessionTimeout' : 'zookeeper.minSessionTimeout'];
}

/** Milliseconds that ZooKeeper waits for a client, and those of its tick. Undefined where they are not known. */
export function session({ set }: Case): { granted: number; tick: number } | undefined {
  const granted = set.duration('zookeeper.grantedSessionTimeout');
  const tick = set.duration('zookeeper.tickTime');
  return granted === undefined || tick === undefined ? undefined : { granted, tick };
}

/** Those that stand by try after one to so many retry periods, by chance (fabric8: a jitter factor of 1.2). */
const JITTER = 2.2;

/**
 * Of leaders that are elected by a lease: how long it is good, how often it is renewed, and how long until somebody tries to take it.
 * Milliseconds. Undefined where leaders are elected elsewhere, or the times are not known.
 */
export function lease({ set }: Case): { duration: number; retry: number; tried: number } | undefined {
  if (!/^kubernetes$|kuberneteshaservicesfactory$/i.test(set.text('high-availability.type') ?? '')) return undefined;
  const duration = set.duration(LEASE);
  const retry = set.duration(RETRY);
  return duration === undefined || retry === undefined ? undefined : { duration, retry, tried: JITTER * retry };
}
export const LEASE_KEYS: readonly string[] = [LEASE, RETRY];

/** Milliseconds of silence after which a TaskManager and a JobManager take each other for dead. */
export function heartbeat({ set }: Case): { interval: number; timeout: number } | undefined {
  const interval = set.duration('heartbeat.interval');
  const timeout = set.duration('heartbeat.timeout');
  return interval === undefined || timeout === undefined ? undefined : { interval, timeout };
}

/** Whether a leader that cannot hear ZooKeeper for a while leads on until its session has expired. */
export const toleratesSuspension = ({ set }: Case): boolean =>
  set.text('high-availability.zookeeper.client.tolerate-suspended-connections') === 'true';

/** Milliseconds between checkpoints, as the job has it. Undefined where it makes none, or where that is not known. */
export const interval = ({ set }: Case): number | undefined => set.duration(INTERVAL);
