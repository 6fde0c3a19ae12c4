import type { FlinkRest } from '../client/flink/rest.js';
import { FlinchError } from '../core/error.js';
import { pollForever } from '../core/poll.js';
import type { EventOf } from '../journal/events.js';
import type { RestByNode } from './jobs.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

/** Milliseconds between looks; Flink itself fetches metrics every 10 s unless told otherwise. */
const EVERY = 2000;

type Metrics = Pick<EventOf<'observed.metrics'>, 'source' | 'committables' | 'failedOf'>;

/** Of the Kafka source: the topic's dots are underscores here, and the job reads one topic. */
const SOURCE = /\.KafkaSourceReader\.topic\.[^,]*\.partition\.(\d+)\.(current|committed)Offset$/;
/** Of the sink's committer. */
const COMMITTER = /^[^,]*\.(total|successful|failed|retried|alreadyCommitted)Committables$/;

/** What Flink's metrics tell of the job's Kafka source and committer, from the first JobManager that answers. */
export async function observeMetrics(
  { rest, jobId }: { rest: RestByNode; jobId: () => string },
  emit: Emit,
  { clock, signal }: ObserverOptions,
): Promise<void> {
  let node = Object.keys(rest)[0] ?? '';
  let told = '';
  await pollForever(
    async (limit) => {
      let last: unknown = new FlinchError('FLINK_REST', { what: 'there is no JobManager to ask' });
      for (const [name, api] of Object.entries(rest)) {
        node = name;
        try {
          return await metricsOf(api, jobId(), limit);
        } catch (error) {
          last = error;
        }
      }
      throw last;
    },
    (sample) => {
      const look = lookOf(sample);
      const what = JSON.stringify([sample.value, look.error]);
      // Nothing yet, or nothing new.
      if (what === told || (sample.value && Object.keys(sample.value).length === 0)) return;
      told = what;
      emit({ type: 'observed.metrics', node, ...look, ...sample.value });
    },
    { every: EVERY, clock, signal },
  );
}

async function metricsOf(api: FlinkRest, jobId: string, signal: AbortSignal): Promise<Metrics> {
  const source = new Map<number, { partition: number; current?: number; committed?: number }>();
  const committables: NonNullable<Metrics['committables']> = {};
  const failedOf: NonNullable<Metrics['failedOf']> = [];
  for (const { id, parallelism } of (await api.job(jobId, signal)).vertices) {
    const names = (await api.metricNames(jobId, id, signal)).filter(
      (name) => SOURCE.test(name) || COMMITTER.test(name),
    );
    if (names.length === 0) continue;
    for (const metric of await api.metrics(jobId, id, names, signal)) {
      const [, partition, kind] = SOURCE.exec(metric.id) ?? [];
      const [, count] = COMMITTER.exec(metric.id) ?? [];
      if (count !== undefined) {
        const key = count as keyof typeof committables;
        committables[key] = (committables[key] ?? 0) + metric.sum;
      }
      // A sum alone does not tell a subtask that failed again from one whose TaskManager was slow to answer before.
      if (count === 'failed' && metric.sum > 0) {
        const each = Array.from({ length: parallelism }, (_, subtask) => `${subtask}.${metric.id}`);
        for (const [name, failed] of await api.metricValues(jobId, id, each, signal)) {
          failedOf.push({ subtask: name.replace(/\.failedCommittables$/, ''), failed });
        }
      }
      // Below 0: nothing was read or committed yet.
      if (partition === undefined || metric.max < 0) continue;
      const entry = source.get(Number(partition)) ?? { partition: Number(partition) };
      source.set(Number(partition), { ...entry, [kind as 'current' | 'committed']: metric.max });
    }
  }
  const partitions = [...source.values()].sort((a, b) => a.partition - b.partition);
  return {
    ...(partitions.length > 0 && { source: partitions }),
    ...(Object.keys(committables).length > 0 && { committables }),
    ...(failedOf.length > 0 && { failedOf: failedOf.sort((a, b) => (a.subtask < b.subtask ? -1 : 1)) }),
  };
}
