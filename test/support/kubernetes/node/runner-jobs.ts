import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type V1CronJob,
  type V1JobCondition,
  type V1PersistentVolume,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { systemClock } from '../../../../src/core/clock.js';
import { pollUntil } from '../../../../src/core/poll.js';
import type { JournalEvent } from '../../../../src/journal/events.js';
import { NODE_NAME } from './kubelet.js';
import type { KubernetesNode } from './node.js';
import { RUNNER_IMAGE, runnerImage } from './runner-image.js';

/** How a Job ended. */
export interface EndedJob {
  complete: boolean;
  /** The words of the Job itself. */
  message: string;
  /** What its pod said; empty where that is gone. */
  log: string;
}

/** Flinch in Jobs of a namespace, as users have it there. */
export interface RunnerJobs {
  /** Makes what a command line has printed, and with a CronJob a Job of it, at once. @returns the Job */
  start(printed: string): Promise<string>;
  /** The pod of a Job, once it is there. */
  pod(job: string): Promise<string>;
  /** SIGKILL from outside: nothing is healed. */
  kill(job: string): Promise<void>;
  /** Deletes its pod as others do, and waits until it is gone. */
  deletePod(job: string): Promise<void>;
  ended(job: string): Promise<EndedJob>;
  /** Waits until the fault of a scenario is effective. Rejects with what was said when the Job ends before. */
  effective(job: string, scenario: string): Promise<void>;
  /** The journal of the latest run of a scenario; empty before it begins. */
  journal(scenario: string): JournalEvent[];
  /** The folder of its latest run. */
  folder(scenario: string): string | undefined;
  /** Takes away what was made for Jobs. */
  clear(): Promise<void>;
}

/** Milliseconds. */
const START_MS = 60_000;
const END_MS = 240_000;
const FAULT_MS = 120_000;
const POLL = { every: 250, clock: systemClock, signal: new AbortController().signal };

/** @param claim the name that the claim of its volume will have */
export async function runnerJobs(node: KubernetesNode, namespace: string, claim: string): Promise<RunnerJobs> {
  const config = new KubeConfig();
  config.loadFromFile(node.kubeconfig);
  const [core, batch] = [config.makeApiClient(CoreV1Api), config.makeApiClient(BatchV1Api)];
  const objects = KubernetesObjectApi.makeApiClient(config);
  const made: KubernetesObject[] = [];
  const create = async (object: KubernetesObject) => {
    made.push(await objects.create(object));
  };
  const volume = join(node.dir, `volume-${namespace}`);
  mkdirSync(volume);
  await node.load(RUNNER_IMAGE, await runnerImage(node.dir));
  await create(volumeAt(volume, namespace, claim));

  const podsOf = async (job: string) =>
    (await core.listNamespacedPod({ namespace, labelSelector: `job-name=${job}` })).items;
  const pod = (job: string) =>
    pollUntil(`the pod of ${job}`, async () => (await podsOf(job))[0]?.metadata?.name, { ...POLL, within: START_MS });
  const reports = join(volume, 'reports');
  const folder = (scenario: string) =>
    (existsSync(reports) ? readdirSync(reports).sort() : [])
      .filter((name) => name.endsWith(scenario))
      .map((name) => join(reports, name))
      .at(-1);
  const journal = (scenario: string): JournalEvent[] => {
    const file = join(folder(scenario) ?? '', 'journal.ndjson');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as JournalEvent);
  };
  const outcome = async (job: string): Promise<EndedJob | undefined> => {
    const { status } = await batch.readNamespacedJob({ namespace, name: job });
    const is =
      (wanted: RegExp) =>
      ({ type, status }: V1JobCondition) =>
        wanted.test(type) && status === 'True';
    const ended = status?.conditions?.find(is(/^(Complete|Failed)$/));
    if (!ended) return undefined;
    const [name] = (await podsOf(job)).flatMap(({ metadata }) => metadata?.name ?? []);
    const log = name === undefined ? '' : await core.readNamespacedPodLog({ name, namespace });
    return { complete: ended.type === 'Complete', message: ended.message ?? '', log };
  };
  return {
    pod,
    folder,
    journal,
    async start(printed) {
      let job = '';
      for (const document of parseAllDocuments(printed)) {
        const object = document.toJS() as KubernetesObject;
        const isThere = made.some(({ kind, metadata }) => kind === object.kind && metadata?.name === claim);
        // As `kubectl apply` does: it is the same one.
        if (object.kind === 'PersistentVolumeClaim' && isThere) continue;
        await create(object);
        if (object.kind === 'Job') job = object.metadata?.name ?? '';
        if (object.kind !== 'CronJob') continue;
        const { metadata, spec } = object as V1CronJob;
        job = `${metadata?.name}-now`;
        // As `kubectl create job --from` does.
        await create({
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: { name: job, namespace },
          spec: spec?.jobTemplate.spec,
        } as KubernetesObject);
      }
      return job;
    },
    async kill(job) {
      process.kill(await node.hostPid(await pod(job), 'flinch', namespace), 'SIGKILL');
    },
    async deletePod(job) {
      const name = await pod(job);
      await core.deleteNamespacedPod({ namespace, name });
      const gone = async () => ((await podsOf(job)).some(({ metadata }) => metadata?.name === name) ? undefined : true);
      await pollUntil('the end of a pod', gone, { ...POLL, within: END_MS });
    },
    ended: (job) => pollUntil(`the end of ${job}`, () => outcome(job), { ...POLL, within: END_MS }),
    async effective(job, scenario) {
      const look = async () => {
        if (journal(scenario).some(({ type }) => type === 'fault.effective')) return 'effective';
        return outcome(job);
      };
      const found = await pollUntil(`the fault of ${scenario}`, look, { ...POLL, within: FAULT_MS });
      if (found !== 'effective') throw new Error(`${job} has ended: ${found.message}\n${found.log}`);
    },
    async clear() {
      for (const object of made.reverse())
        await objects.delete(object, undefined, undefined, undefined, undefined, 'Foreground');
    },
  };
}

/** A folder of the machine, for one claim: with the rights that its users ask for. */
const volumeAt = (path: string, namespace: string, name: string): V1PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    claimRef: { namespace, name },
    local: { path },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE_NAME] }] },
        ],
      },
    },
  },
});
