import { join } from 'node:path';
import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { openPodChaos } from '../../client/kubernetes/pod-chaos.js';
import { openStoredMaps } from '../../client/kubernetes/stored-maps.js';
import { serversIn } from '../../client/zookeeper/four-letter.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError } from '../../core/error.js';
import type { Capability, Cluster, Lacking, PodControl } from '../ports.js';
import { podAccess } from './access.js';
import { podDisks } from './disks.js';
import { type Found, findCluster } from './find.js';
import { type Hands, hands as handsOf, labelsOf } from './hands.js';
import { podImages } from './images.js';
import { podLeadership, zooKeeperLeadership } from './leadership.js';
import { podMachines } from './machines.js';
import { type Need, PERMISSIONS } from './needs.js';
import { podNetwork } from './network.js';
import { operatorPodsFor } from './operator-pods.js';
import { granted, told } from './permissions.js';
import { type KubernetesPlace, kubernetesAt, nameIn } from './place.js';
import { podControl } from './pod-control.js';
import { followPods } from './pod-logs.js';
import { podPolicies } from './policies.js';
import { podProcesses } from './processes.js';
import { podScaling } from './scaling.js';

/** Connections to a JobManager at once by way of the API server, of which each is a request. */
const FORWARDED = 3;

/** A Flink cluster in pods that was found, and is looked at until it is closed. */
export interface KubernetesCluster {
  readonly found: Found;
  /** As `placeName`. */
  readonly name: string;
  readonly highAvailability: 'kubernetes' | 'zookeeper';
  /** As what faults act on. @param runDir where its logs go @param thorough for healing what an earlier run may have left */
  cluster(runDir: string, how?: { thorough: boolean }): Cluster & { close(): Promise<void> };
  /** What this one lacks of what others have. */
  readonly lacking: Lacking;
  readonly hands: Hands;
  /** To every node that has a pod of it. @throws FlinchError CAPABILITY_MISSING */
  sendHands(): Promise<void>;
  close(): Promise<void>;
}

/** What is not there on pods, and where it is. */
export function lackingOnPods({
  handImage,
  operatorNamespace,
}: Pick<KubernetesPlace, 'handImage' | 'operatorNamespace'>): Lacking {
  const not = (why: string, ...capabilities: Capability[]): Lacking =>
    Object.fromEntries(capabilities.map((capability) => [capability, why]));
  return {
    ...not(
      'not on Kubernetes yet; the local target has it',
      ...(['latency', 'readOnlyDisk', 'storedFiles', 'clock', 'memory', 'names', 'highAvailabilityStore'] as const),
    ),
    ...(handImage === undefined &&
      not(
        'it is done from beside the pod, by a privileged pod whose image --hand-image names',
        'process',
        'network',
        'disk',
      )),
    ...(operatorNamespace === undefined &&
      not('the operator is in a namespace that --operator-namespace names', 'operatorPods')),
  };
}

/** What whoever asks needs for these and may not do, a line each. @param how as `granted` @throws FlinchError KUBECONFIG, KUBERNETES */
export async function forbiddenAt(
  place: KubernetesPlace,
  needs: ReadonlySet<Need>,
  how: { each?: boolean } = {},
): Promise<string[]> {
  // Which objects are meant is found later, and asked for then.
  const needed = PERMISSIONS.filter(({ need, named }) => needs.has(need) && !named);
  const { operatorNamespace } = place;
  const there =
    operatorNamespace === undefined ? undefined : await kubernetesAt({ ...place, namespace: operatorNamespace });
  const has = await granted({ here: await kubernetesAt(place), there }, needed, how);
  return needed.filter((_, i) => !has[i]).map((permission) => `${told(permission)} (${permission.why})`);
}

/** @throws FlinchError NO_CLUSTER, KUBECONFIG, KUBERNETES, FLINK_REST */
export async function openKubernetesCluster(place: KubernetesPlace, clock: Clock): Promise<KubernetesCluster> {
  const kubernetes = await kubernetesAt(place);
  const found = await findCluster({ ...place, kubernetes, clock });
  const hands = handsOf({ kubernetes, cluster: place.cluster, image: place.handImage, clock });
  try {
    const highAvailability = haOf(found, place.cluster);
    let closing: Promise<void> | undefined;
    return {
      found,
      name: nameIn(kubernetes, place),
      highAvailability,
      lacking: {
        ...(highAvailability === 'zookeeper' && { configMaps: 'its high availability is in ZooKeeper' }),
        ...(!found.deployment && { operator: 'there is no FlinkDeployment of its name, or it may not be read' }),
      },
      hands,
      sendHands: () => hands.ready(found.view.now().flatMap(({ node }) => node ?? [])),
      cluster: (runDir, { thorough } = { thorough: false }) =>
        clusterIn({ kubernetes, found, hands, place, highAvailability, runDir, thorough, clock }),
      close() {
        closing ??= hands.close().finally(found.close);
        return closing;
      },
    };
  } catch (error) {
    await found.close();
    throw error;
  }
}

interface Parts {
  kubernetes: KubernetesPods;
  found: Found;
  hands: Hands;
  place: KubernetesPlace;
  highAvailability: KubernetesCluster['highAvailability'];
  runDir: string;
  thorough: boolean;
  clock: Clock;
}

function clusterIn({ kubernetes, found, hands, place, highAvailability, runDir, thorough, clock }: Parts) {
  const { view, seats, nodes, doors, configured, flinkVersion } = found;
  const processes = podProcesses({ view, seats, hands, clock, thorough });
  const portOf = (seat: string) => Object.values(nodes.find(({ name }) => name === seat)?.ports ?? {})[0] ?? 1;
  const folder = join(runDir, 'logs');
  const logs = followPods({
    kubernetes,
    view,
    seats,
    nodes: nodes.map(({ name }) => name),
    folder,
    since: clock.wall(),
  });
  const pods: PodControl = podControl({ kubernetes, view, seats });
  const policies = podPolicies({ kubernetes, view, seats, labels: labelsOf(place.cluster) });
  const onLease = highAvailability === 'kubernetes';
  const chaos = openPodChaos(kubernetes);
  const clusterId = configured['kubernetes.cluster-id'] ?? place.cluster;
  const zookeeper = onLease ? [] : serversIn(configured['high-availability.zookeeper.quorum'] ?? '');
  const haPath = onLease ? `ConfigMaps of ${clusterId}` : znodeOf(configured);
  const leadership = onLease
    ? podLeadership({ kubernetes, clusterId, view, seats, doors, clock })
    : zooKeeperLeadership({ servers: zookeeper, haPath, seats, doors });
  const cluster: Cluster = {
    target: 'kubernetes',
    flinkVersion,
    isolation: 'pods',
    nodes,
    endpoints: {
      rest: Object.fromEntries(Object.entries(doors).map(([node, { url }]) => [node, url])),
      ...(!found.known().direct && { restConnections: FORWARDED }),
      gateway: place.gateway ?? '',
      zookeeper,
      brokers: place.brokers,
      haPath,
    },
    processes,
    network: podNetwork({ view, seats, hands, portOf, thorough }),
    filler: podDisks({ view, seats, hands, configured, clock }),
    pods,
    podChaos: { ...chaos, kill: (order) => chaos.kill({ ...order, labels: labelsOf(place.cluster) }) },
    policies,
    scaling: podScaling({ kubernetes, view, seats, nodes }),
    machines: podMachines({ kubernetes, view, seats, nodes }),
    images: podImages({ kubernetes, view, seats, nodes }),
    access: podAccess({ kubernetes, view, seats, nodes }),
    leadership,
    deployment: found.deployment,
    operatorPods: operatorPodsFor(place),
    configMaps: onLease ? openStoredMaps(kubernetes, clusterId, clock) : undefined,
    nodeOfTaskManager: seats.seatOf,
    deadManArmed: async () => hands.armed(),
    logFile: (node) => logs.file(node),
    onExit: (listener) => processes.onExit(listener),
  };
  return {
    ...cluster,
    async close() {
      logs.close();
      policies.close();
      await leadership.close();
    },
  };
}

/** @throws FlinchError NO_CLUSTER */
function haOf({ configured }: Found, cluster: string): KubernetesCluster['highAvailability'] {
  const type = (configured['high-availability.type'] ?? configured['high-availability'] ?? 'NONE').toLowerCase();
  // Before 1.17 it is the name of a class.
  if (type === 'kubernetes' || type.endsWith('kuberneteshaservicesfactory')) return 'kubernetes';
  if (type === 'zookeeper') return 'zookeeper';
  throw new FlinchError('NO_CLUSTER', {
    what: `its high-availability.type is ${type}, so nobody records who leads it`,
    on: cluster,
    todo: 'set high-availability.type to kubernetes or zookeeper, and see flinch doctor',
  });
}

function znodeOf(configured: Readonly<Record<string, string>>): string {
  const root = configured['high-availability.zookeeper.path.root'] ?? '/flink';
  const id = configured['high-availability.cluster-id'] ?? '/default';
  return `${root.replace(/\/$/, '')}/${id.replace(/^\//, '')}`;
}
