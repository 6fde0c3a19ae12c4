import { between } from '../../core/extent.js';
import { type Case, isEvery, lasts, roleOf, victimOf } from '../case.js';
import type { Formula } from '../formula.js';
import { RETRY } from '../keys.js';
import { LEASE_KEYS, lease, OWN_WORK, START, session, sessionKeys, WORK } from '../limits.js';
import { leaderFallsSilent } from './detection.js';

/** Nobody leads until a JobManager has been started. */
const nobodyLeft = (it: Case): boolean => {
  const victim = victimOf(it);
  return roleOf(victim) === 'jobmanager' && isEvery(victim, it) && it.kind !== 'pause';
};

const noZooKeeper = (it: Case): boolean => roleOf(victimOf(it)) === 'zookeeper';

const byLease = (it: Case): boolean => lease(it) !== undefined;

/** Of leaders that are elected by a lease in a ConfigMap. */
const BY_LEASE: readonly Formula[] = [
  {
    phase: 'newLeader',
    since: 'effective',
    of: 'every JobManager ends, of those that are elected by a lease',
    takes:
      "the time that they are away, or the lease of the last leader, a JobManager's start, and up to 2.2 retry periods",
    source: 'a JobManager that is started again has another name, and waits for the old lease like everybody else',
    holds: (it, course) => course === 'takeover' && byLease(it) && nobodyLeft(it),
    extent(it) {
      const away = lasts(it);
      const known = lease(it);
      if (away === undefined || !known) return undefined;
      const expired = it.kind === 'kill' ? known.duration : 0;
      return between(away, Math.max(away + START.jobmanager, expired) + known.tried + WORK.election);
    },
    keys: () => [...LEASE_KEYS],
  },
  {
    phase: 'newLeader',
    since: 'effective',
    of: 'the machine of a JobManager is drained, of those that are elected by a lease',
    takes: "up to the time that it takes no pods, a JobManager's start, a lease and 2.2 retry periods",
    source:
      'those that stand by may be on the same machine; the last leader may take its lease once more while it ends',
    holds: (it, course) => course === 'takeover' && byLease(it) && it.kind === 'drainNode',
    extent(it) {
      const away = lasts(it);
      const known = lease(it);
      if (away === undefined || !known) return undefined;
      return between(0, away + START.jobmanager + known.duration + known.tried + WORK.election);
    },
    keys: () => [...LEASE_KEYS],
  },
  {
    phase: 'newLeader',
    since: 'effective',
    of: "the leader's lease is taken, and given back",
    takes: 'the time that it is held, and up to 2.2 retry periods',
    source: 'whoever led before contends like everybody else',
    holds: (it, course) => course === 'takeover' && it.kind === 'stealLease',
    extent(it) {
      const known = lease(it);
      const held = lasts(it);
      return known && held !== undefined ? between(held, held + known.tried + WORK.election) : undefined;
    },
    keys: () => [RETRY],
  },
  {
    phase: 'newLeader',
    since: 'effective',
    of: 'nobody may write the lease for a time',
    takes: 'that time, and up to 2.2 retry periods',
    source: 'fabric8 LeaderElector: whoever is refused tries again like everybody else',
    holds: (it, course) => course === 'takeover' && it.kind === 'revokeAccess',
    extent(it) {
      const known = lease(it);
      const forbidden = lasts(it);
      return known && forbidden !== undefined ? between(forbidden, forbidden + known.tried + WORK.election) : undefined;
    },
    keys: () => [RETRY],
  },
  {
    phase: 'newLeader',
    since: 'leadershipLost',
    of: 'somebody stands by, and the lease has run out',
    takes: 'up to 2.2 retry periods',
    source: 'fabric8 LeaderElector: those that stand by try every retry period, times 1 to 2.2 by chance',
    holds: (it, course) => course === 'takeover' && byLease(it) && !nobodyLeft(it) && leaderFallsSilent(it),
    extent(it) {
      const known = lease(it);
      return known && between(0, known.tried + WORK.election);
    },
    keys: () => [RETRY],
  },
  {
    phase: 'newLeader',
    since: 'leadershipLost',
    of: 'somebody stands by, and the lease was given back',
    takes: 'up to 2.2 retry periods; one lease more where the leader that ends has taken it once more',
    source: 'measured: a JobManager that is asked to end may take the lease again before it is gone',
    holds: (it, course) => course === 'takeover' && byLease(it) && !nobodyLeft(it),
    extent(it) {
      const known = lease(it);
      return known && between(0, known.duration + known.tried + WORK.election);
    },
    keys: () => [...LEASE_KEYS],
  },
  {
    phase: 'slotsAllocated',
    since: 'effective',
    of: 'a leader that stands still, is replaced, and goes on, of those that are elected by a lease',
    takes:
      'at once after the takeover, or until shortly after it goes on: it may make its successor restart the job once more',
    source: 'as with ZooKeeper',
    holds: (it, course) => course === 'takeover' && byLease(it) && comesBackToDisturb(it),
    extent(it) {
      const known = lease(it);
      const away = lasts(it);
      if (!known || away === undefined) return undefined;
      return between(Math.max(0, known.duration - known.retry), away + 3 * WORK.seen + WORK.offers);
    },
    keys: () => [...LEASE_KEYS],
  },
];

export const TAKEOVER: readonly Formula[] = [
  ...BY_LEASE,
  {
    phase: 'newLeader',
    since: 'effective',
    of: 'every JobManager ends',
    takes: "the time that they are away, or the session of the last leader, and a JobManager's start",
    source:
      'a JobManager that is started again has a session of its own, and stands behind the old one until that expires',
    holds: (it, course) => course === 'takeover' && nobodyLeft(it),
    extent(it) {
      const away = lasts(it);
      const known = session(it);
      if (away === undefined || !known) return undefined;
      const expired = it.kind === 'kill' ? known.granted + known.tick : 0;
      return between(away, Math.max(away + START.jobmanager, expired) + WORK.election);
    },
    keys: (it) => (it.kind === 'kill' ? sessionKeys(it) : []),
  },
  {
    phase: 'newLeader',
    since: 'effective',
    of: 'ZooKeeper ends, and is started again',
    takes: 'the time that it is away, its start, and a session of whoever led before',
    source: 'ZooKeeper: a server that starts gives every session that it finds its whole time once more',
    holds: (it, course) => course === 'takeover' && noZooKeeper(it),
    extent(it) {
      const away = lasts(it);
      const known = session(it);
      if (away === undefined || !known) return undefined;
      return between(away, away + START.zookeeper + known.granted + known.tick);
    },
    keys: sessionKeys,
  },
  {
    phase: 'newLeader',
    since: 'leadershipLost',
    of: 'somebody stands by, or the leader itself may lead again',
    takes: `up to ${WORK.election / 1000} s`,
    source: "Curator: the next in line is told as soon as the leader's latch is gone",
    holds: (it, course) => course === 'takeover' && !nobodyLeft(it) && !noZooKeeper(it),
    extent: () => between(0, WORK.election),
    keys: () => [],
  },
  {
    phase: 'jobGraphRecovered',
    since: 'newLeader',
    of: 'a takeover',
    takes: OWN_WORK,
    source: 'measured',
    holds: (_, course) => course === 'takeover',
    extent: () => between(0, WORK.jobGraph),
    keys: () => [],
  },
  {
    phase: 'slotsAllocated',
    since: 'jobGraphRecovered',
    of: 'a takeover while the TaskManagers are there',
    takes: OWN_WORK,
    source: 'Flink: TaskManagers watch who leads, and offer their slots; no restart strategy delays a takeover',
    holds: (it, course) => course === 'takeover' && !comesBackToDisturb(it),
    extent: () => between(0, WORK.offers),
    keys: () => [],
  },
  {
    phase: 'slotsAllocated',
    since: 'effective',
    of: 'a leader that stands still, is replaced, and goes on',
    takes:
      'at once after the takeover, or until shortly after it goes on: it may make its successor restart the job once more',
    source:
      'measured: a JobManager that goes on takes its TaskManagers for dead before it hears that it leads no longer',
    holds: (it, course) => course === 'takeover' && comesBackToDisturb(it),
    extent(it) {
      const known = session(it);
      const away = lasts(it);
      if (!known || away === undefined) return undefined;
      return between((known.granted * 2) / 3, away + 3 * WORK.seen + WORK.offers);
    },
    keys: sessionKeys,
  },
];

const comesBackToDisturb = (it: Case): boolean => it.kind === 'pause' || it.kind === 'partition';
