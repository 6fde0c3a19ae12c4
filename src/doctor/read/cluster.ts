import { type CheckpointConfig, NEVER } from '../../client/flink/checkpoint-answers.js';
import type { FlinkRest } from '../../client/flink/rest.js';
import type { KubernetesOptions } from '../../client/kubernetes/connection.js';
import { serversIn, timesOfFirst } from '../../client/zookeeper/four-letter.js';
import { messageOf } from '../../core/error.js';
import { highAvailability } from '../ha.js';
import { flinkVersion, type Setting, Settings } from '../settings.js';
import type { Facts, Subject } from '../subject.js';

/** Milliseconds for one question to a ZooKeeper server. */
const ASKED_WITHIN = 3_000;

export interface ClusterToExamine {
  /** How it is called in what is found. */
  name: string;
  rest: Pick<FlinkRest, 'overview' | 'jobManagerConfig' | 'jobsOverview' | 'checkpointConfig'>;
  /** host:port of its servers; those that its configuration names unless told. */
  zookeeper?: readonly string[];
  /** How to reach the API server, of a cluster that has its leaders in ConfigMaps; as kubectl would unless told. */
  kubernetes?: KubernetesOptions;
  /** What is known of it already. */
  facts?: Facts;
}

/**
 * What a running cluster says of itself: one subject for each job that runs, with the checkpoints as that job has them, or one
 * for the cluster alone. What could not be asked is in `problems`, a line each, and then not known.
 * @throws FlinchError FLINK_REST, KUBECONFIG; the signal's reason
 */
export async function clusterSubjects(
  { name, rest, zookeeper, kubernetes = {}, facts: known = {} }: ClusterToExamine,
  signal: AbortSignal,
): Promise<{ subjects: Subject[]; problems: string[] }> {
  const [config, overview, jobs] = await Promise.all([
    rest.jobManagerConfig(signal),
    rest.overview(signal),
    rest.jobsOverview(signal),
  ]);
  const version = flinkVersion(overview.flinkVersion);
  const own = Object.entries(config).map(([key, value]): Setting => ({ key, value }));
  const settings = new Settings(own, version);
  const problems: string[] = [];
  const facts: Facts = {
    ...known,
    taskManagers: overview.taskManagers,
    slots: overview.slotsTotal,
    freeSlots: overview.slotsAvailable,
    // Whoever knows the tick knows what is granted.
    ...(highAvailability(settings) === 'zookeeper' && known.tickTime === undefined
      ? await sessionOf(settings, zookeeper, problems, signal)
      : {}),
    ...(highAvailability(settings) === 'kubernetes' ? await configMapsOf(settings, kubernetes, problems, signal) : {}),
  };
  const running = jobs.filter(({ state }) => state === 'RUNNING');
  const subjects = await Promise.all(
    running.map(async (job): Promise<Subject> => {
      const checkpoints = checkpointSettings(await rest.checkpointConfig(job.id, signal));
      return {
        kind: 'cluster',
        name: `${name}, job ${job.name}`,
        settings: new Settings([...own, ...checkpoints], version),
        facts,
      };
    }),
  );
  return { subjects: subjects.length > 0 ? subjects : [{ kind: 'cluster', name, settings, facts }], problems };
}

/** What speaks to Kubernetes is loaded where a cluster is on it. */
async function configMapsOf(
  settings: Settings,
  told: KubernetesOptions,
  problems: string[],
  signal: AbortSignal,
): Promise<Facts> {
  const { configMapFacts } = await import('./config-maps.js');
  return configMapFacts(settings, told, { problems, now: () => Date.now(), signal });
}

/** What the job has, whoever has set it: Flink's configuration, the job's code or a SQL statement. */
function checkpointSettings({
  interval,
  timeout,
  minPause,
  maxConcurrent,
  tolerableFailed,
}: CheckpointConfig): Setting[] {
  const ms = (key: string, value: number): Setting => ({ key: `execution.checkpointing.${key}`, value: `${value} ms` });
  if (interval >= NEVER) return [{ key: 'execution.checkpointing.interval', value: '' }];
  return [
    ...[ms('interval', interval), ms('timeout', timeout), ms('min-pause', minPause)],
    { key: 'execution.checkpointing.max-concurrent-checkpoints', value: `${maxConcurrent}` },
    ...(tolerableFailed === undefined
      ? []
      : [{ key: 'execution.checkpointing.tolerable-failed-checkpoints', value: `${tolerableFailed}` }]),
  ];
}

/** What the first server that answers grants. */
async function sessionOf(
  settings: Settings,
  told: readonly string[] | undefined,
  problems: string[],
  signal: AbortSignal,
): Promise<Facts> {
  const servers = told ?? serversIn(settings.value('high-availability.zookeeper.quorum') ?? '');
  const asked = settings.duration('high-availability.zookeeper.client.session-timeout');
  try {
    const { tickTime, minSessionTimeout, maxSessionTimeout } = await timesOfFirst(servers, {
      timeoutMs: ASKED_WITHIN,
      signal,
    });
    if (asked === undefined) return { tickTime };
    return { tickTime, grantedSession: Math.min(Math.max(asked, minSessionTimeout), maxSessionTimeout) };
  } catch (error) {
    signal.throwIfAborted();
    problems.push(`the session that ZooKeeper grants: ${messageOf(error)}`);
    return {};
  }
}
