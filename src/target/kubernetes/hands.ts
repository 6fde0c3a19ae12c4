import { isNotFound, type JobManifest, type KubernetesPods } from '../../client/kubernetes/connection.js';
import { ifThere } from '../../client/kubernetes/optimistic.js';
import type { Executed, Shell } from '../../client/kubernetes/shell.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollForever, pollUntil } from '../../core/poll.js';

/** What is beyond a pod's own reach is done by another one beside it: on its node, among the processes of the node. */
export interface Hands {
  /** Runs a script of sh on a node; a hand is sent there first where there is none. @throws FlinchError KUBERNETES, DEADLINE */
  run(node: string, script: string, ...args: string[]): Promise<Executed>;
  /**
   * Sends a hand to each of these nodes, before anything depends on it.
   * @throws FlinchError CAPABILITY_MISSING where that is not allowed or does not start
   */
  ready(nodes: readonly string[]): Promise<void>;
  /** Whether one can be sent at all: its image was named. */
  readonly able: boolean;
  /** Nodes that have, or had, a hand: elsewhere it cannot have done anything. */
  nodes(): readonly string[];
  /** Whether every hand has heard of this process lately; each heals by itself what it did when it does not. */
  armed(): boolean;
  /**
   * Takes those away that earlier runs have left, and seen gone; how many.
   * @throws FlinchError CLUSTER_BUSY where one still hears from its run; KUBERNETES, DEADLINE
   */
  sweep(): Promise<number>;
  /** Takes its own hands away, and seen gone. What they did and did not undo yet they undo first. @throws FlinchError KUBERNETES, DEADLINE */
  close(): Promise<void>;
}

export interface HandsOptions {
  kubernetes: KubernetesPods;
  /** Of the Flink cluster. */
  cluster: string;
  /** Has bash, coreutils, nsenter, nft. Without it no hand is sent. */
  image: string | undefined;
  clock: Clock;
}

/** Milliseconds. */
const BEAT = 5_000;
/** For a beat to get there. Milliseconds. */
const SLACK = 2_000;
const SILENT = 15_000;
const READY_WITHIN = 120_000;
const GONE_WITHIN = 45_000;
const CALL_WITHIN = 20_000;
const LOOK_EVERY = 500;
/** Seconds without a beat after which a hand undoes what it did, and ends. */
const LAPSE = 30;
const NAME = 'hand';
/** Folder of a hand: its last beat, and for each thing that it does how to undo it, as a script that is written before. */
export const HAND_FOLDER = '/run/flinch';

const MAIN = `
dir=${HAND_FOLDER}
mkdir -p $dir/undo
date +%s >$dir/beat
all() {
  for it in $dir/undo/*.sh; do
    if [ -e "$it" ]; then bash "$it"; fi
  done
}
trap 'all; exit 0' TERM INT
while :; do
  now=$(date +%s)
  read -r last <$dir/beat
  if [ $((now - last)) -gt ${LAPSE} ]; then all; exit 0; fi
  sleep 1 &
  wait $!
done`;

interface Hand {
  shell: Shell;
  /** Monotonic milliseconds when it was last heard of. */
  heard: number;
}

/** Of everything that is made for a cluster. */
export const labelsOf = (cluster: string): Record<string, string> => ({
  'app.kubernetes.io/managed-by': 'flinch',
  'flinch/cluster': cluster,
});

export function hands({ kubernetes, cluster, image, clock }: HandsOptions): Hands {
  const { namespace } = kubernetes;
  const labels = labelsOf(cluster);
  const selector = Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');
  const own = `flinch-${NAME}-${Math.floor(clock.wall()).toString(36)}`;
  const sent = new Map<string, Promise<Hand>>();
  const ready = new Map<string, Hand>();
  const touched = new Set<string>();
  const over = new AbortController();
  let count = 0;
  const poll = { every: LOOK_EVERY, clock, signal: new AbortController().signal };

  const told = ({ shell }: { shell: Shell }, script: string, ...args: string[]): Promise<Executed> =>
    shell.run(script, args, CALL_WITHIN);

  async function send(node: string): Promise<Hand> {
    if (image === undefined) {
      throw new FlinchError('CAPABILITY_MISSING', {
        what: 'nothing can be done beside a pod',
        todo: 'name --hand-image',
      });
    }
    const name = `${own}-${++count}`;
    const body = manifest({ name, labels, node, image });
    await kubernetes.jobs('sending a hand', (batch, options) =>
      batch.createNamespacedJob({ namespace, body }, options),
    );
    if (touched.size === 0) void pollForever(beatAll, () => {}, { every: BEAT, clock, signal: over.signal });
    touched.add(node);
    const shell = await pollUntil(`a hand on ${node}`, () => running(name), { ...poll, within: READY_WITHIN });
    if (shell instanceof FlinchError) throw shell;
    const hand = { shell, heard: clock.mono() };
    ready.set(node, hand);
    return hand;
  }

  /** A shell in its pod; or why there will be none. */
  async function running(job: string): Promise<Shell | FlinchError | undefined> {
    const { items } = await kubernetes.call('listing hands', (core, options) =>
      core.listNamespacedPod({ namespace, labelSelector: `job-name=${job}` }, options),
    );
    const [pod] = items;
    const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting;
    if (waiting?.reason && /^(ErrImage|ImagePull|InvalidImage|CreateContainer)/.test(waiting.reason)) {
      return new FlinchError('FAULT_INJECT', {
        what: `a hand cannot start: ${waiting.reason}: ${waiting.message ?? ''}`,
        on: `image ${image}`,
        todo: 'name an image that the nodes can have, with --hand-image',
      });
    }
    if (pod?.status?.phase !== 'Running' || pod.metadata?.name === undefined) return undefined;
    const shell = kubernetes.shell({ pod: pod.metadata.name, container: NAME });
    try {
      // It has its folder a moment after it runs.
      await told({ shell }, `until [ -e ${HAND_FOLDER}/beat ]; do sleep 0.05; done`);
      return shell;
    } catch (error) {
      shell.close();
      throw error;
    }
  }

  const beat = async (node: string, hand: Hand): Promise<void> => {
    const at = clock.mono();
    try {
      const { code } = await told(hand, `date +%s >${HAND_FOLDER}/beat`);
      if (code === 0) hand.heard = at;
    } catch (error) {
      // Whatever else it is shows in `heard`.
      if (isNotFound(error)) forget(node);
    }
  };
  /** One that somebody has taken away: whoever needs another one sends it. */
  const forget = (node: string): void => {
    ready.get(node)?.shell.close();
    ready.delete(node);
    sent.delete(node);
  };
  const beatAll = async (): Promise<void> => {
    await Promise.all([...ready].map(([node, hand]) => beat(node, hand)));
  };

  const remove = async (job: string): Promise<void> => {
    await ifThere(() =>
      kubernetes.jobs('taking a hand away', (batch, options) =>
        batch.deleteNamespacedJob({ namespace, name: job, propagationPolicy: 'Foreground' }, options),
      ),
    );
  };

  /** Their pods: what they did is undone by then. */
  const gone = (which: (name: string) => boolean): Promise<true> =>
    pollUntil(
      'the end of hands',
      async () => {
        const { items } = await kubernetes.call('listing hands', (core, options) =>
          core.listNamespacedPod({ namespace, labelSelector: selector }, options),
        );
        return items.some(({ metadata }) => which(metadata?.name ?? '')) ? undefined : true;
      },
      { ...poll, within: GONE_WITHIN },
    );

  /** What a hand of somebody else heard last; undefined where it does not say. */
  async function beatOf(job: string): Promise<string | undefined> {
    let shell: Shell | FlinchError | undefined;
    try {
      shell = await running(job);
      if (shell === undefined || shell instanceof FlinchError) return undefined;
      return (await told({ shell }, `cat ${HAND_FOLDER}/beat`)).stdout;
    } catch {
      return undefined;
    } finally {
      if (!(shell instanceof FlinchError)) shell?.close();
    }
  }

  const handOn = (node: string): Promise<Hand> => {
    const known = sent.get(node);
    if (known !== undefined) return known;
    const hand = send(node);
    sent.set(node, hand);
    hand.catch(() => sent.delete(node));
    return hand;
  };

  return {
    run: async (node, script, ...args) => told(await handOn(node), script, ...args),
    async ready(nodes) {
      try {
        await Promise.all([...new Set(nodes)].map(handOn));
      } catch (cause) {
        throw new FlinchError('CAPABILITY_MISSING', {
          what: `what the scenario asks is done beside its pods, and nobody can be sent there: ${messageOf(cause)}`,
          on: `namespace ${namespace}`,
          todo: 'allow privileged pods with hostPID in it (pod-security.kubernetes.io/enforce: privileged), or use faults of pods alone: deletePod, evictPod',
          cause,
        });
      }
    },
    able: image !== undefined,
    nodes: () => [...touched],
    armed: () => [...ready.values()].every(({ heard }) => clock.mono() - heard < SILENT),
    async sweep() {
      const { items } = await kubernetes.jobs('listing hands', (batch, options) =>
        batch.listNamespacedJob({ namespace, labelSelector: selector }, options),
      );
      const left = items.flatMap(({ metadata }) => metadata?.name ?? []).filter((name) => !name.startsWith(own));
      if (left.length === 0) return 0;
      const before = await Promise.all(left.map(beatOf));
      await clock.sleep(BEAT + SLACK);
      const after = await Promise.all(left.map(beatOf));
      if (after.some((beat, i) => beat !== undefined && beat !== before[i])) {
        throw new FlinchError('CLUSTER_BUSY', {
          what: 'another run goes on, maybe on another machine',
          on: `${cluster} in namespace ${namespace}`,
          todo: 'wait until it has ended; flinch stop ends one of this machine',
        });
      }
      await Promise.all(left.map(remove));
      await gone((name) => !name.startsWith(own));
      return left.length;
    },
    async close() {
      over.abort();
      for (const { shell } of ready.values()) shell.close();
      if (count === 0) return;
      await Promise.all(Array.from({ length: count }, (_, i) => remove(`${own}-${i + 1}`)));
      await gone((name) => name.startsWith(own));
    },
  };
}

interface ManifestOptions {
  name: string;
  labels: Record<string, string>;
  node: string;
  image: string;
}

function manifest({ name, labels, node, image }: ManifestOptions): JobManifest {
  return {
    metadata: { name, labels },
    spec: {
      backoffLimit: 0,
      // Also that of a run that is dead.
      ttlSecondsAfterFinished: 0,
      template: {
        metadata: { labels },
        spec: {
          nodeName: node,
          hostPID: true,
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 10,
          automountServiceAccountToken: false,
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name: NAME,
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['bash', '-c', MAIN],
              securityContext: { privileged: true, runAsUser: 0 },
              resources: { requests: { cpu: '10m', memory: '32Mi' } },
            },
          ],
        },
      },
    },
  };
}
