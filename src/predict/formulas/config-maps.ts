import { between } from '../../core/extent.js';
import { type Case, lasts } from '../case.js';
import type { Formula } from '../formula.js';
import { INTERVAL } from '../keys.js';
import { checkpoint, interval, LEASE_KEYS, lease, START, WORK } from '../limits.js';

const damages = (it: Case, what: 'cluster' | 'job'): boolean =>
  it.kind === 'damageConfigMap' && it.options.configMap === what;

/** Milliseconds that a leader gets to show that it goes by what was put back, before it is replaced. */
const PATIENCE = 10_000;

/** Until whoever leads goes by what was put back: after the healing, or after a takeover that is part of it. */
function goesByIt(it: Case): { atLeast: number; atMost: number } | undefined {
  const damaged = lasts(it);
  const known = lease(it);
  if (damaged === undefined || !known) return undefined;
  const replaced = PATIENCE + START.jobmanager + known.duration + known.tried;
  return { atLeast: damaged, atMost: damaged + replaced + WORK.jobGraph };
}

const whileCheckpointsFail = (phase: 'firstCheckpoint' | 'firstOutput'): Formula => ({
  phase,
  since: 'effective',
  of: "a job's ConfigMap is damaged",
  takes:
    'up to the time that it is, the replacement of a leader that does not go by what was put back, and a checkpoint',
  source: 'Flink: no checkpoint completes that cannot be recorded; one that was on its way may be committed yet',
  holds: (it) => damages(it, 'job'),
  extent(it) {
    const known = goesByIt(it);
    const period = interval(it);
    if (!known || period === undefined) return undefined;
    return between(0, known.atMost + period + checkpoint(it) + WORK.seen);
  },
  keys: () => [...LEASE_KEYS, INTERVAL],
});

/** Of clusters that keep in ConfigMaps what they recover from. */
export const CONFIG_MAPS: readonly Formula[] = [
  {
    phase: 'jobGraphRecovered',
    since: 'effective',
    of: "the cluster's ConfigMap is deleted",
    takes:
      'the time that the pointer to the job is away, and the replacement of a leader that came too early to see it',
    source: 'Flink: a leader looks for jobs when it begins to lead, and never again',
    holds: (it, course) => course === 'takeover' && damages(it, 'cluster'),
    extent(it) {
      const known = goesByIt(it);
      return known && between(known.atLeast, known.atMost);
    },
    keys: () => [...LEASE_KEYS],
  },
  whileCheckpointsFail('firstCheckpoint'),
  whileCheckpointsFail('firstOutput'),
];
