import { between } from '../../core/extent.js';
import { type Case, isEvery, lasts, roleOf, victimOf } from '../case.js';
import { type Formula, recovers } from '../formula.js';
import { BROKER_SESSION, INTERVAL } from '../keys.js';
import { checkpoint, interval, START, WORK } from '../limits.js';

const untilCommitted = (it: Case): number | undefined => {
  if (it.job.guarantee !== 'exactly-once') return WORK.seen;
  const period = interval(it);
  return period === undefined ? undefined : period + checkpoint(it) + WORK.seen;
};

const otherBrokers = (it: Case): boolean => roleOf(victimOf(it)) === 'broker' && !isEvery(victimOf(it), it);

const committedBy = (it: Case): string[] => (it.job.guarantee === 'exactly-once' ? [INTERVAL] : []);

export const OUTPUT: readonly Formula[] = [
  {
    phase: 'firstCheckpoint',
    since: 'tasksRunning',
    of: 'every job that recovers',
    takes: 'up to the checkpoint interval, or the pause between two where that is longer, and a checkpoint',
    source: 'Flink: CheckpointCoordinator triggers by the interval, and fails what it triggers before every task runs',
    holds: recovers,
    extent(it) {
      const period = interval(it);
      const pause = it.set.duration('execution.checkpointing.min-pause') ?? 0;
      return period === undefined ? undefined : between(0, Math.max(period, pause) + checkpoint(it));
    },
    keys: () => [INTERVAL],
  },
  {
    phase: 'firstOutput',
    since: 'tasksRunning',
    of: 'every job that recovers',
    takes: 'under exactly-once up to the checkpoint interval and a checkpoint, otherwise at once',
    source:
      'an exactly-once sink commits when a checkpoint has completed; what was pre-committed before the outage it commits at once',
    holds: recovers,
    extent(it) {
      const most = untilCommitted(it);
      return most === undefined ? undefined : between(0, most);
    },
    keys: committedBy,
  },
  {
    phase: 'firstOutput',
    since: 'effective',
    of: 'one of several brokers is away',
    takes: "the controller's patience with a broker, and until the next commit",
    source: 'Kafka: broker.session.timeout.ms, after which its partitions are led elsewhere',
    holds: (it, course) => course === 'silence' && otherBrokers(it),
    extent(it) {
      const most = untilCommitted(it);
      const session = it.set.duration(BROKER_SESSION);
      return most === undefined || session === undefined ? undefined : between(0, session + most + WORK.offers);
    },
    keys: (it) => [BROKER_SESSION, ...committedBy(it)],
  },
  {
    phase: 'firstOutput',
    since: 'effective',
    of: 'every broker is away',
    takes: 'the time that they are away, their start, and until the next commit',
    source: 'Kafka: clients try again until a broker answers',
    holds: (it, course) => course === 'silence' && !otherBrokers(it),
    extent(it) {
      const away = lasts(it);
      const most = untilCommitted(it);
      return most === undefined || away === undefined ? undefined : between(away, away + START.broker + most);
    },
    keys: committedBy,
  },
];
