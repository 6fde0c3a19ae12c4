import { between } from '../../core/extent.js';
import { type Case, isAsked, isEvery, lasts, roleOf, standsBetween, takesTaskManagers, victimOf } from '../case.js';
import type { Formula } from '../formula.js';
import { INTERVAL, RETRY } from '../keys.js';
import {
  checkpoint,
  heartbeat,
  interval,
  LEASE_KEYS,
  lease,
  START,
  session,
  sessionKeys,
  toleratesSuspension,
  WORK,
} from '../limits.js';

const THRESHOLD = 'heartbeat.rpc-failure-threshold';

/** Whether the leader falls silent without a word, whatever the fault. */
export function leaderFallsSilent(it: Case): boolean {
  if (it.kind === 'partition') return standsBetween(it, 'jobmanager', 'zookeeper');
  const victim = victimOf(it);
  return (
    (it.kind === 'kill' || it.kind === 'pause') && roleOf(victim) === 'jobmanager' && victim !== 'jobmanager.standby'
  );
}

const zookeeperEnds = (it: Case): boolean =>
  roleOf(victimOf(it)) === 'zookeeper' && (it.kind === 'kill' || isAsked(it)) && !toleratesSuspension(it);

/** Whether tasks on other TaskManagers lose a connection with it. */
const feltAtOnce = (it: Case): boolean => it.job.shuffles !== false && !isEvery(victimOf(it), it);

const expiry: Pick<Formula, 'takes' | 'source' | 'extent' | 'keys'> = {
  takes: '2/3 of the session to the session and a tick',
  source:
    'ZooKeeper: a client without traffic asks after a third of its session (ClientCnxn); sessions expire at the next tick after it (SessionTrackerImpl)',
  extent(it) {
    const known = session(it);
    return known && between((known.granted * 2) / 3, known.granted + known.tick + WORK.seen);
  },
  keys: sessionKeys,
};

const goodbye: Pick<Formula, 'takes' | 'source' | 'extent' | 'keys'> = {
  takes: `up to ${WORK.goodbye / 1000} s`,
  source: 'Flink: ClusterEntrypoint and TaskManagerRunner close on SIGTERM, and give back what they hold',
  extent: () => between(0, WORK.goodbye),
  keys: () => [],
};

const silentLease: Pick<Formula, 'takes' | 'source' | 'extent' | 'keys'> = {
  takes: 'the lease less the retry period to the lease',
  source:
    'fabric8 LeaderElector: a lease is free when it was not renewed for its duration; it was renewed up to a period before',
  extent(it) {
    const known = lease(it);
    return known && between(Math.max(0, known.duration - known.retry), known.duration + WORK.seen);
  },
  keys: () => [...LEASE_KEYS],
};

const SILENT_HOLDER = 'a leader that is killed or stands still, of those that are elected by a lease';
const SILENT_LEADER = 'a leader that is killed, stands still or is cut off from ZooKeeper';
const ASKED_LEADER = 'a leader that is asked to end';
const HURRIED_LEADER = 'the pod of a leader is deleted with less grace than it may need';
const EXPIRED = "the leader's session is expired";
const STOLEN = "the leader's lease is taken";
const FORBIDDEN = 'the leader may no longer write its lease';
const ZOOKEEPER_ENDS = 'ZooKeeper ends, and suspended connections are not tolerated';

const askedLeader = (it: Case): boolean => isAsked(it) && roleOf(victimOf(it)) === 'jobmanager';

/** Whether it may be killed before it has ended in its own way. */
const isHurried = (it: Case): boolean => {
  const { grace } = it.options;
  return it.kind === 'deletePod' && askedLeader(it) && typeof grace === 'number' && grace < WORK.goodbye;
};

/** The end of a leadership is what Flink knows first of: one line for both phases. */
const ofLeadership = (formula: Omit<Formula, 'phase'>): Formula[] => [
  { ...formula, phase: 'detected' },
  { ...formula, phase: 'leadershipLost' },
];

/** When Flink knows of it, counted from the fault. */
export const DETECTION: readonly Formula[] = [
  ...ofLeadership({
    since: 'effective',
    of: SILENT_HOLDER,
    holds: (it, course) => course === 'takeover' && lease(it) !== undefined && leaderFallsSilent(it),
    ...silentLease,
  }),
  ...ofLeadership({
    since: 'effective',
    of: SILENT_LEADER,
    holds: (it, course) => course === 'takeover' && leaderFallsSilent(it),
    ...expiry,
  }),
  ...ofLeadership({
    since: 'effective',
    of: HURRIED_LEADER,
    takes: 'at once, or the lease of one that was killed before it had given it back',
    source: 'measured: a pod that is deleted without grace gets 2 s, and a JobManager may need longer',
    holds: (it, course) => course === 'takeover' && lease(it) !== undefined && isHurried(it),
    extent(it) {
      const known = lease(it);
      return known && between(0, known.duration + WORK.seen);
    },
    keys: () => [...LEASE_KEYS],
  }),
  ...ofLeadership({
    since: 'effective',
    of: ASKED_LEADER,
    holds: (it, course) => course === 'takeover' && askedLeader(it),
    ...goodbye,
  }),
  ...ofLeadership({
    since: 'effective',
    of: EXPIRED,
    takes: `up to ${WORK.election / 1000} s`,
    source: 'ZooKeeper tells the client that its session has expired as soon as it hears of it',
    holds: ({ kind }, course) => course === 'takeover' && kind === 'expireSession',
    extent: () => between(0, WORK.election),
    keys: () => [],
  }),
  ...ofLeadership({
    since: 'effective',
    of: STOLEN,
    takes: 'up to a retry period',
    source: 'fabric8 LeaderElector: whoever leads looks at its lease each time that it renews it',
    holds: ({ kind }, course) => course === 'takeover' && kind === 'stealLease',
    extent(it) {
      const known = lease(it);
      return known && between(0, known.retry + WORK.seen);
    },
    keys: () => [RETRY],
  }),
  {
    // A checkpoint that may not be recorded may have told of it long before.
    phase: 'leadershipLost',
    since: 'effective',
    of: FORBIDDEN,
    holds: ({ kind }, course) => course === 'takeover' && kind === 'revokeAccess',
    ...silentLease,
  },
  ...ofLeadership({
    since: 'effective',
    of: ZOOKEEPER_ENDS,
    takes: 'up to the time that ZooKeeper is away, and its start: nobody can be asked who leads before',
    source: "Flink: ZooKeeperLeaderElectionDriver gives the leadership up on Curator's SUSPENDED",
    holds: (it, course) => course === 'takeover' && zookeeperEnds(it),
    extent: (it) => between(0, (lasts(it) ?? 0) + START.zookeeper),
    keys: () => ['high-availability.zookeeper.client.tolerate-suspended-connections'],
  }),
  {
    phase: 'detected',
    since: 'effective',
    of: 'a TaskManager that is killed',
    takes:
      'the threshold less one to the threshold, times the heartbeat interval; from nothing where tasks elsewhere lose a connection to it',
    source: 'Flink: HeartbeatMonitorImpl counts heartbeats that could not be sent (FLINK-23209)',
    holds: (it, course) => course === 'restart' && it.kind === 'kill' && threshold(it) > 0 && hitsTaskManagers(it),
    extent(it) {
      const known = heartbeat(it);
      if (!known) return undefined;
      const from = feltAtOnce(it) ? 0 : (threshold(it) - 1) * known.interval;
      return between(from, Math.min(threshold(it) * known.interval, known.timeout) + WORK.seen);
    },
    keys: () => ['heartbeat.interval', THRESHOLD],
  },
  {
    phase: 'detected',
    since: 'effective',
    of: 'a TaskManager that is asked to end',
    ...goodbye,
    holds: (it, course) => course === 'restart' && isAsked(it) && hitsTaskManagers(it),
  },
  {
    phase: 'detected',
    since: 'effective',
    of: 'a TaskManager that stands still, is cut off from the JobManagers, or is killed with no threshold',
    takes:
      'the heartbeat timeout less an interval to the heartbeat timeout; a killed one from nothing where tasks elsewhere lose a connection to it',
    source:
      'Flink: HeartbeatMonitorImpl waits the timeout from the last heartbeat on, which came up to an interval before',
    holds: (it, course) => course === 'restart' && outlastsHeartbeat(it),
    extent(it) {
      const known = heartbeat(it);
      if (!known) return undefined;
      const from = it.kind === 'kill' && feltAtOnce(it) ? 0 : known.timeout - known.interval;
      return between(Math.max(0, from), known.timeout + WORK.seen);
    },
    keys: () => ['heartbeat.timeout'],
  },
  {
    phase: 'detected',
    since: 'effective',
    of: 'checkpoints that cannot be written, none of them tolerated',
    takes: 'up to the checkpoint interval and a checkpoint',
    source: 'Flink: CheckpointFailureManager fails the job when more fail than are tolerated',
    holds: ({ kind }, course) => course === 'restart' && (kind === 'fill' || kind === 'readOnly'),
    extent(it) {
      const period = interval(it);
      return period === undefined ? undefined : between(0, period + checkpoint(it) + WORK.seen);
    },
    keys: () => [INTERVAL, 'execution.checkpointing.tolerable-failed-checkpoints'],
  },
  {
    phase: 'detected',
    since: 'effective',
    of: 'a record that the job cannot read',
    takes: `up to ${WORK.goodbye / 1000} s`,
    source: 'a source reads what is there at once',
    holds: ({ kind }, course) => course === 'restart' && kind === 'poison',
    extent: () => between(0, WORK.goodbye),
    keys: () => [],
  },
];

/** Whether it is for their silence that TaskManagers are missed. */
function outlastsHeartbeat(it: Case): boolean {
  if (takesTaskManagers(it) === undefined || isAsked(it)) return false;
  const { interval: pause, timeout } = heartbeat(it) ?? { interval: 0, timeout: 0 };
  return it.kind === 'kill' || (lasts(it) ?? 0) >= timeout - pause;
}

const threshold = ({ set }: Case): number => set.number(THRESHOLD) ?? 0;

const hitsTaskManagers = (it: Case): boolean => roleOf(victimOf(it)) === 'taskmanager';
