import { ENDED } from '../../client/flink/job-state.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { EventBody } from '../../journal/events.js';
import { connectKept, type KeptState, keptLedger } from '../../target/local/index.js';
import type { Cluster } from '../../target/ports.js';
import { type ClusterAccess, openAccess } from '../cluster/cluster-access.js';
import { askServers } from '../cluster/servers.js';
import { cancelJob } from '../steps/clear-away.js';
import { detectionOf, unnoticedOf } from '../steps/detection.js';
import { healOpen } from './heal.js';
import { type LedgerEntry, openLedger } from './ledger.js';

/** Milliseconds: beyond the longest session that ZooKeeper grants with Flink's and its own defaults. */
const LEADER_WITHIN = 90_000;

/** How `planJob` names jobs: by kind and run. A user's job may begin with `flinch-` as well. */
const OURS = /^flinch-(pass-through|count)-\d{8}-\d{6}-/;

/** Faults of earlier runs on the kept cluster that were never proven healed, the newest first. */
export const leftovers = (): LedgerEntry[] => openLedger(keptLedger()).open();

/**
 * Drives what a dead run left on the kept cluster to proven absent: its faults, and its jobs.
 * @param say told what is done, one line each
 * @throws FlinchError LEFTOVER_FAULT when something remains
 */
export async function healLeftovers(state: KeptState, clock: Clock, say: (line: string) => void): Promise<void> {
  const cluster = connectKept(state);
  try {
    await healLeftoversOf(cluster, keptLedger(), clock, say);
  } finally {
    cluster.close();
  }
}

/** The same on any cluster. @param ledger folder of its faults */
export async function healLeftoversOf(
  cluster: Cluster,
  ledger: string,
  clock: Clock,
  say: (line: string) => void,
): Promise<void> {
  const access = openAccess(cluster);
  const remains: string[] = [];
  const emit = (event: EventBody) => {
    if (event.type === 'fault.healed') for (const line of event.evidence) say(`healed: ${line}`);
    if (event.type === 'fault.heal-failed') remains.push(`${event.remains}: ${event.reason}`);
  };
  try {
    const context = (signal: AbortSignal) => ({
      cluster,
      leadership: access.leadership,
      store: access.store,
      placement: access.placement(() => ''),
      checkpoints: access.checkpoints(() => ''),
      servers: askServers(cluster, () => undefined),
      clock,
      signal,
      detection: detectionOf({}),
      unnoticed: unnoticedOf({}),
      // Healing chooses nobody.
      pick: () => 0,
    });
    await healOpen(openLedger(ledger), context, emit);
    for (const id of await staleJobs(access, clock)) {
      if (await cancelJob(access, id, clock)) say(`cancelled job ${id} of an earlier run`);
    }
  } finally {
    await access.close();
  }
  if (remains.length === 0) return;
  throw new FlinchError('LEFTOVER_FAULT', {
    what: 'an earlier run left a fault that could not be healed',
    on: remains.join('; '),
    todo: cluster.target === 'local' ? 'end the cluster with: flinch down' : 'look at it yourself, and heal again',
  });
}

/** Jobs of ours that still run although no run goes on. Waits for a leader: without one nobody knows of any job. */
async function staleJobs({ rest }: ClusterAccess, clock: Clock): Promise<string[]> {
  const jobs = await pollUntil(
    'the list of jobs',
    async (signal) => {
      const looks = await Promise.allSettled(Object.values(rest).map((api) => api.jobsOverview(signal)));
      return looks.find((look) => look.status === 'fulfilled')?.value;
    },
    { every: 200, within: LEADER_WITHIN, clock, signal: new AbortController().signal },
  );
  const ours = jobs.filter(({ name, state }) => OURS.test(name) && !ENDED.has(state));
  return [...new Set(ours.map(({ id }) => id))];
}
