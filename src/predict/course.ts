import {
  type Case,
  isEvery,
  lasts,
  roleOf,
  sidesOf,
  slotsSuffice,
  standsBetween,
  takesTaskManagers,
  victimOf,
} from './case.js';
import { heartbeat, lease, session, toleratesSuspension } from './limits.js';

/**
 * What becomes of the job:
 * - `none`: it runs on.
 * - `takeover`: another JobManager, or the same one anew, makes it again.
 * - `restart`: its JobManager starts all of it again, or a region.
 * - `silence`: its tasks run on, and nothing is committed for a time.
 * - `either`: no setting tells; whatever comes after the outage has begun is predicted all the same.
 */
export type CourseName = 'none' | 'takeover' | 'restart' | 'silence' | 'either';

export interface Course {
  name: CourseName;
  /** One sentence. */
  why: string;
}

const course = (name: CourseName, why: string): Course => ({ name, why });

/** A client of Kafka tries for so long before the job fails of it (`max.block.ms` of the sink's producer). Milliseconds. */
const KAFKA_BEARS = 60_000;

/**
 * For how long a client of ZooKeeper may stand still and nothing comes of it: it gives a connection up that was silent for two
 * thirds of its session, and which it last used up to a third before. Milliseconds.
 */
const bears = (it: Case, granted: number): number => (toleratesSuspension(it) ? (granted * 2) / 3 : granted / 3);

/** A leader that cannot renew its lease for so long. */
function silentHolder({ duration, retry }: { duration: number; retry: number }, ms: number | undefined): Course {
  // The last renewal came up to a retry period before, and the next one comes up to one after.
  if (ms === undefined || ms > duration + retry) {
    return course('takeover', "the leader's lease runs out, and another one takes it");
  }
  if (ms < duration - 2 * retry) return course('none', 'the leader renews its lease before it runs out');
  return course('either', "it lasts about as long as the leader's lease");
}

/** A leader that nobody hears of for so long. */
function silentLeader(it: Case, ms: number | undefined): Course {
  const held = lease(it);
  if (held) return silentHolder(held, ms);
  const known = session(it);
  if (!known) return course('either', "the leader's session in ZooKeeper is not known");
  const { granted, tick } = known;
  if (ms === undefined || ms > granted + tick) {
    return course('takeover', "the leader's session in ZooKeeper expires, and another one leads");
  }
  if (ms < bears(it, granted)) return course('none', 'the leader is back before its session in ZooKeeper is given up');
  return course('either', "it lasts about as long as the leader's session in ZooKeeper");
}

function silentTaskManager(it: Case, ms: number): Course {
  const known = heartbeat(it);
  if (!known) return course('either', 'the heartbeat timeout is not known');
  const { interval, timeout } = known;
  if (ms > timeout) return course('restart', 'the heartbeat of the TaskManager times out');
  if (ms < timeout - interval)
    return course('none', 'the TaskManager is heard of again before its heartbeat times out');
  return course('either', 'it lasts about as long as the heartbeat timeout');
}

/** It watches ZooKeeper for who leads, and fails its tasks when it has lost it. */
function pausedTaskManager(it: Case, ms: number): Course {
  const heard = silentTaskManager(it, ms);
  const { granted } = session(it) ?? { granted: Number.POSITIVE_INFINITY };
  if (heard.name !== 'none' || ms < bears(it, granted)) return heard;
  return course(
    'either',
    'the TaskManager may lose its own connection to ZooKeeper, and with it the JobManager of its job',
  );
}

/** ZooKeeper, or one of its servers, is away. */
function zookeeperAway(it: Case, ms: number | undefined, all: boolean): Course {
  if (!toleratesSuspension(it)) {
    return all
      ? course('takeover', 'the leader gives up its leadership as soon as it loses ZooKeeper')
      : course('either', 'the leader gives up its leadership only if it was connected to that server');
  }
  const known = session(it);
  if (!known || ms === undefined) return course('either', "the leader's session in ZooKeeper is not known");
  return ms < (known.granted * 2) / 3
    ? course('none', 'the leader tolerates a connection that is suspended for less than its session')
    : course('either', "it may last longer than the leader's session in ZooKeeper");
}

function brokerAway(ms: number | undefined): Course {
  if (ms !== undefined && ms < KAFKA_BEARS) {
    return course('silence', "the job's clients of Kafka try again until a broker answers");
  }
  return course('either', "the job may fail of its clients' timeouts");
}

/** A node whose process ends. */
function ending(it: Case): Course {
  const victim = victimOf(it);
  const ms = lasts(it);
  switch (roleOf(victim)) {
    case 'jobmanager':
      return endingJobManager(it, victim);
    case 'taskmanager':
      return /\.(any|each)$/.test(victim) && !isEvery(victim, it)
        ? course('either', 'the TaskManager that is chosen may run nothing of the job')
        : course('restart', 'the tasks of the TaskManager are gone');
    case 'zookeeper':
      return zookeeperAway(it, ms, isEvery(victim, it));
    case 'broker':
      return brokerAway(ms);
    default:
      return course('none', 'the job does not need it');
  }
}

function endingJobManager(it: Case, victim: string): Course {
  if (victim === 'jobmanager.standby') return course('none', 'nobody needs the JobManager that stands by');
  if (victim === 'jobmanager.leader' || isEvery(victim, it)) {
    return course('takeover', it.kind === 'kill' ? 'the leader is gone' : 'the leader goes');
  }
  return course('either', 'it may befall the leader, or one that stands by');
}

/** A node that stands still. */
function pause(it: Case): Course {
  const victim = victimOf(it);
  const ms = lasts(it) ?? 0;
  switch (roleOf(victim)) {
    case 'jobmanager':
      if (victim === 'jobmanager.standby') return course('none', 'nobody needs the JobManager that stands by');
      return victim === 'jobmanager.leader' || isEvery(victim, it)
        ? silentLeader(it, ms)
        : course('either', 'it may befall the leader, or one that stands by');
    case 'taskmanager':
      return pausedTaskManager(it, ms);
    case 'zookeeper':
      return course('either', 'a client of a server that stands still goes to another one, or waits');
    case 'broker':
      return brokerAway(ms);
    default:
      return course('none', 'the job does not need it');
  }
}

/** Kubernetes leaves it to whoever enforces policies what becomes of connections that are there when one is made. */
function forbidden(it: Case): Course {
  const cut = links(it);
  if (cut.name === 'none') return cut;
  return course('either', 'connections that are there already may live on, and only new ones are forbidden');
}

function links(it: Case): Course {
  const ms = lasts(it) ?? 0;
  const between = (one: string, other: string) => standsBetween(it, one, other);
  const nodes = sidesOf(it).flat();
  if (between('jobmanager', 'zookeeper')) {
    const leader = nodes.some((node) => ['jobmanager.leader', 'jobmanager.all', 'others'].includes(node));
    const servers = nodes.some((node) => node === 'others' || (roleOf(node) === 'zookeeper' && isEvery(node, it)));
    if (leader && servers) return silentLeader(it, ms);
    return course('either', 'the leader may not be meant, or reach another server');
  }
  if (between('taskmanager', 'jobmanager')) return silentTaskManager(it, ms);
  if (nodes.every((node) => ['jobmanager', 'zookeeper', 'gateway'].includes(roleOf(node)))) {
    return course('none', 'no link of the job is cut');
  }
  return course('either', 'it depends on the links that the tasks use, and on what they bear');
}

function fullDisk(it: Case): Course {
  const { disk } = it.options;
  if (disk !== 'storage') return course('either', 'it depends on what has to be written there meanwhile');
  return it.set.number('execution.checkpointing.tolerable-failed-checkpoints') === 0
    ? course('restart', 'no failed checkpoint is tolerated, and none can be written')
    : course('either', 'some failed checkpoints are tolerated');
}

/** Leaders that cannot renew their lease. */
function apiServerCut(it: Case): Course {
  const held = lease(it);
  if (!held) return course('none', 'leaders are not elected there');
  const silent = silentHolder(held, lasts(it));
  if (silent.name !== 'takeover' || it.options.node === 'jobmanager.leader') return silent;
  return course('either', 'nobody can take the lease meanwhile; who has it when the API server is back is a race');
}

/** Leaders that may no longer write their lease, nor may anybody else. */
function accessRevoked(it: Case): Course {
  const held = lease(it);
  if (held && silentHolder(held, lasts(it)).name === 'takeover') {
    return course('takeover', 'the leader may not renew its lease, and nobody may take it meanwhile');
  }
  return course('either', 'a checkpoint that may not be recorded fails the job, or is only left out');
}

function damagedMap({ options: { configMap, by } }: Case): Course {
  if (configMap === 'job') return course('either', 'tasks run on as long as no checkpoint fails the job');
  return by === 'delete'
    ? course('takeover', 'a leader whose ConfigMap is deleted ends itself')
    : course('restart', 'TaskManagers lose the JobManager whose address is gone for a moment');
}

const fixed = (name: CourseName, why: string) => (): Course => course(name, why);

/** Of every fault of the catalogue. */
export const COURSES: Readonly<Record<string, (it: Case) => Course>> = {
  kill: ending,
  stop: ending,
  restart: ending,
  deletePod: ending,
  evictPod: ending,
  scale: fixed('either', 'the controller chooses who goes'),
  breakImage: fixed('either', 'it depends on how the controller replaces pods'),
  upgradeDeployment: fixed('either', 'the operator ends the job, and starts it again'),
  suspendDeployment: fixed('either', 'the operator ends the job, and starts it when it is to run again'),
  deleteOperator: fixed('none', 'a job runs without the operator'),
  drainNode: fixed('either', 'it depends on who is on the machine, and whether others have room for them'),
  clockSkew: ending,
  pause,
  cpuLimit: fixed('either', 'it depends on how much the node has to do'),
  memoryLimit: fixed('either', 'it depends on whether the node needs more than it has'),
  partition: (it) => (it.options.via === 'network-policy' ? forbidden(it) : links(it)),
  loss: fixed('either', 'it depends on how often a packet has to be sent'),
  throttle: fixed('either', 'it depends on how much goes over the links'),
  latency: fixed('either', 'it depends on how often somebody waits for an answer'),
  reset: fixed('either', 'it depends on who makes the connection again, and what was lost with it'),
  cutApiServer: (it) => apiServerCut(it),
  revokeAccess: (it) => accessRevoked(it),
  nameFailure: fixed('either', 'only who looks an address up needs its name'),
  cutCommit: fixed('either', 'it depends on whether the transaction outlives the cut'),
  fill: fullDisk,
  readOnly: fullDisk,
  damage: fixed('either', 'the files are missed only where they are read'),
  expireSession: fixed('takeover', "the leader's session in ZooKeeper has expired"),
  damageZnode: fixed('either', 'what is damaged is missed only where it is read'),
  stealLease: fixed('takeover', 'the leader has lost its lease, and nobody gets it before it is given back'),
  damageConfigMap: (it) => damagedMap(it),
  surge: fixed('none', 'more records stop no task'),
  skew: fixed('none', 'a partition with more records stops no task'),
  poison: fixed('restart', 'a task fails of the record, again and again'),
  deleteRecords: fixed('either', 'it depends on what had been read'),
  savepoint: fixed('none', 'a savepoint stops no task'),
  stopJob: fixed('either', 'the job is stopped, and started again'),
  cancelJob: fixed('either', 'the job is cancelled, and started again'),
  rescale: fixed('either', 'the job is started with another parallelism'),
  restoreChanged: fixed('none', 'the job that fails to start is another one'),
};

/** What becomes of the job, by the settings alone. */
export function courseOf(it: Case): Course {
  const of = COURSES[it.kind];
  return of ? of(it) : course('either', 'nothing is known of this fault');
}

/** Whether the job can only come back with the TaskManagers that are away. */
export const needsThemBack = (it: Case): boolean => takesTaskManagers(it) !== undefined && slotsSuffice(it) === false;
