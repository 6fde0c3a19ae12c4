import { ENDED } from '../../client/flink/job-state.js';
import { deleteTopics } from '../../client/kafka/write/admin.js';
import type { Clock } from '../../core/clock.js';
import { withDeadline } from '../../core/deadline.js';
import { messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { Cluster } from '../../target/ports.js';
import type { ClusterAccess } from '../cluster/cluster-access.js';

const CANCEL_WITHIN = 20_000;
const DELETE_WITHIN = 15_000;

/**
 * A JobManager that has lost the leadership keeps what it had then, and lists it when it leads again: a job that stays so for
 * this time is nobody's. Milliseconds.
 */
const SUSPENDED_FOR = 5_000;

/** Cancels a job and waits for its end. @returns whether it went on until then @throws FlinchError DEADLINE */
export async function cancelJob({ rest }: Pick<ClusterAccess, 'rest'>, jobId: string, clock: Clock): Promise<boolean> {
  let wentOn = false;
  let suspendedAt: number | undefined;
  await withDeadline(`cancelling job ${jobId}`, CANCEL_WITHIN, (signal) =>
    pollUntil(
      'the end of the job',
      async (limit) => {
        let last: unknown;
        for (const api of Object.values(rest)) {
          try {
            const job = (await api.jobsOverview(limit)).find(({ id }) => id === jobId);
            // A failover forgets jobs that had ended.
            if (!job || ENDED.has(job.state)) return true;
            if (job.state === 'SUSPENDED') {
              suspendedAt ??= clock.mono();
              return clock.mono() - suspendedAt >= SUSPENDED_FOR ? true : undefined;
            }
            suspendedAt = undefined;
            wentOn = true;
            if (job.state !== 'CANCELLING') await api.cancel(jobId, limit);
            return undefined;
          } catch (error) {
            last = error;
          }
        }
        throw new Error(messageOf(last));
      },
      { every: 200, within: CANCEL_WITHIN, clock, signal },
    ),
  );
  return wentOn;
}

/** Cancels the job and deletes its topics, so that a cluster that goes on is as it was. @throws FlinchError DEADLINE */
export async function clearAway(
  cluster: Cluster,
  access: ClusterAccess,
  { jobId, input, output }: { jobId: string; input: string; output: string },
  clock: Clock,
): Promise<void> {
  await cancelJob(access, jobId, clock);
  const { brokers } = cluster.endpoints;
  await deleteTopics([input, output], { brokers, clientId: 'flinch-clear', deadlineMs: DELETE_WITHIN });
}
