import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isForbidden } from '../../client/kubernetes/connection.js';
import { type HeldLease, LONGEST_NOTE, openRunLease, type RunLease } from '../../client/kubernetes/run-lease.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollForever } from '../../core/poll.js';
import { labelsOf } from './hands.js';
import { type KubernetesPlace, kubernetesAt } from './place.js';

/** The lock of a cluster in pods, which runs of all machines see. */
export interface ClusterLock {
  /** Aborts when somebody else has taken it: two runs at once would take each other's faults for Flink's. */
  readonly lost: AbortSignal;
  /** What the one before has written on it, and did not take away. */
  readonly left: string | undefined;
  /** Writes what whoever comes next has to know; undefined takes it away. @throws FlinchError CLUSTER_BUSY where it is somebody else's, KUBERNETES */
  note(text: string | undefined): Promise<void>;
  /** Gives it back. */
  release(): Promise<void>;
}

/** Milliseconds. */
const RENEW_EVERY = 5_000;
const SILENT = 20_000;
const LOOK_EVERY = 1_000;
/** Whoever only waits asks seldom. */
const KEEP_EVERY = 10_000;
/** For so long an API server may be away, as in an upgrade of it. */
const UNANSWERED = 15 * 60_000;

export interface LockOptions {
  lease: RunLease;
  /** Where this process keeps what it knows of the cluster, which no other process of this machine uses at a time. */
  home: string;
  clock: Clock;
  say(line: string): void;
}

/**
 * Takes the lock of a cluster.
 * @param unlessForbidden goes on without it where it is not allowed: what heals is never refused for that
 * @throws FlinchError CLUSTER_BUSY, KUBERNETES
 */
export async function takeClusterLock(
  place: KubernetesPlace,
  { home, clock, say, unlessForbidden = false }: Omit<LockOptions, 'lease'> & { unlessForbidden?: boolean },
): Promise<ClusterLock> {
  const lease = await leaseOf(place, clock);
  try {
    return await lockBy({ lease, home, clock, say });
  } catch (error) {
    if (!unlessForbidden || !isForbidden(error)) throw error;
    say(`without a lock: ${messageOf(error)}`);
    const nothing = async () => {};
    return { lost: new AbortController().signal, left: undefined, note: nothing, release: nothing };
  }
}

/** What a run that goes on, or has died, has written on its lock. @throws FlinchError KUBERNETES */
export async function notedBy(place: KubernetesPlace, clock: Clock): Promise<string | undefined> {
  return (await leaseOf(place, clock)).noted();
}

/**
 * Waits while a run goes on: while it renews its lock, or the API server does not answer for a while.
 * @returns whether it has died, or has left something to be healed; not, where it has ended well
 * @throws FlinchError KUBERNETES where the lock may not be read, or nobody answers for long
 */
export async function runHasDied(place: KubernetesPlace, clock: Clock): Promise<boolean> {
  return diedBy(await leaseOf(place, clock), clock);
}

export async function diedBy(lease: Pick<RunLease, 'held' | 'noted'>, clock: Clock): Promise<boolean> {
  let seen: HeldLease | undefined;
  let since = clock.mono();
  let answered = since;
  for (;;) {
    try {
      const now = await lease.held();
      if (now === undefined) return (await lease.noted()) !== undefined;
      if (now.holder !== seen?.holder || now.renewed !== seen.renewed) since = clock.mono();
      else if (clock.mono() - since >= SILENT) return true;
      seen = now;
      answered = clock.mono();
    } catch (error) {
      if (isForbidden(error) || clock.mono() - answered >= UNANSWERED) throw error;
      // A run does not renew it then either, and is not dead of that.
      since = clock.mono();
    }
    await clock.sleep(KEEP_EVERY);
  }
}

async function leaseOf(place: KubernetesPlace, clock: Clock): Promise<RunLease> {
  const kubernetes = await kubernetesAt(place);
  const { cluster } = place;
  const [name, labels] = [`flinch-${cluster}`, labelsOf(cluster)];
  return openRunLease({ kubernetes, name, labels, duration: SILENT / 1000, now: () => clock.wall() });
}

export async function lockBy({ lease, home, clock, say }: LockOptions): Promise<ClusterLock> {
  const place = `${hostname()}/${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
  const own = `${place}/${randomBytes(6).toString('hex')}`;
  await acquire({ lease, clock, say, place, own });
  const left = await lease.noted();
  const lost = new AbortController();
  const over = new AbortController();
  const renew = async () => {
    if (await lease.renew(own)) return;
    const holder = (await lease.held())?.holder;
    // Between two looks of ours it may have been renewed by nobody but us.
    if (holder === own || over.signal.aborted) return;
    // Somebody has tidied up.
    if (holder === undefined) return void (await lease.take(own, undefined));
    const what = 'somebody else has taken the lock of this cluster';
    lost.abort(new FlinchError('CLUSTER_BUSY', { what, on: holder }));
  };
  const renewing = pollForever(renew, () => {}, { every: RENEW_EVERY, clock, signal: over.signal });
  return {
    lost: lost.signal,
    left,
    async note(text) {
      if (text !== undefined && Buffer.byteLength(text) > LONGEST_NOTE) {
        return say('what is to be healed is too long for the lock: only this machine knows of it');
      }
      if (!(await lease.note(own, text))) throw busy((await lease.held())?.holder);
    },
    async release() {
      over.abort();
      await renewing;
      await lease.release(own).catch((error) => say(`the lock stays until it runs out: ${messageOf(error)}`));
    },
  };
}

interface Acquiring extends Omit<LockOptions, 'home'> {
  place: string;
  own: string;
}

/** @throws FlinchError CLUSTER_BUSY, KUBERNETES */
async function acquire({ lease, clock, say, place, own }: Acquiring): Promise<void> {
  let seen = await lease.held();
  const began = clock.mono();
  // One of this machine and home is dead: its lock file is ours by now.
  while (seen !== undefined && !seen.holder.startsWith(`${place}/`) && clock.mono() - began < SILENT) {
    await clock.sleep(LOOK_EVERY);
    const now = await lease.held();
    if (now !== undefined && (now.holder !== seen.holder || now.renewed !== seen.renewed)) throw busy(now.holder);
    seen = now;
  }
  if (!(await lease.take(own, seen))) throw busy((await lease.held())?.holder);
  if (seen !== undefined) say(`took the lock of ${seen.holder}, of whom nothing was heard any more`);
}

const busy = (holder = 'somebody'): FlinchError =>
  new FlinchError('CLUSTER_BUSY', {
    what: 'another run goes on, maybe on another machine',
    on: holder,
    todo: 'wait until it has ended; flinch stop ends one of this machine',
  });
