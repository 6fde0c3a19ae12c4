import { createFlinkRest, type FlinkRest } from '../../client/flink/rest.js';
import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { type Door, openDoor, reaches } from '../../client/kubernetes/door.js';
import type { Pod } from '../../client/kubernetes/pod.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError, messageOf } from '../../core/error.js';
import type { ClusterNode } from '../ports.js';
import { type PodView, watchPods } from './pods.js';
import { type Seats, seats as seatsOf } from './seats.js';

/** How JobManagers are reached: by the addresses of their pods, by way of the API server, or by what works. */
export const REACHES = ['auto', 'direct', 'forward'] as const;
export type Reach = (typeof REACHES)[number];

export interface FindOptions {
  kubernetes: KubernetesPods;
  /** Its name: the label `app` of its pods, which is its cluster-id where Flink or its operator made them. */
  cluster: string;
  /** Selects its pods by other labels. */
  selector?: string | undefined;
  restPort: number;
  reach: Reach;
  clock: Clock;
}

/** What was found of a Flink cluster in pods. */
export interface Found {
  view: PodView;
  seats: Seats;
  nodes: readonly ClusterNode[];
  /** By JobManager node. */
  doors: Readonly<Record<string, Door>>;
  flinkVersion: string;
  /** Of a JobManager, without defaults. */
  configured: Readonly<Record<string, string>>;
  slotsTotal: number;
  close(): Promise<void>;
}

/** As Flink itself, its operator and its documentation name the container. */
const MAIN = 'flink-main-container';
/** The labels by which Flink, its operator and its documentation tell what a pod is. */
const ROLES = { jobmanager: 'jobmanager', taskmanager: 'taskmanager' } as const;
/** Milliseconds for a connection to a pod. */
const REACH_WITHIN = 1_500;

const roleOf = ({ labels }: Pod): keyof typeof ROLES | undefined =>
  Object.hasOwn(ROLES, labels.component ?? '') ? (labels.component as keyof typeof ROLES) : undefined;

/** @throws FlinchError NO_CLUSTER, KUBERNETES, FLINK_REST */
export async function findCluster(options: FindOptions): Promise<Found> {
  const { kubernetes, cluster, restPort, clock } = options;
  const labels = options.selector ?? `app=${cluster}`;
  const view = watchPods(kubernetes, { labels, main: MAIN }, clock);
  const doors: Record<string, Door> = {};
  const close = async (): Promise<void> => {
    view.close();
    await Promise.all(Object.values(doors).map((door) => door.close()));
  };
  try {
    const pods = await view.fresh();
    const nodes = nodesOf(pods, restPort);
    if (nodes.every(({ role }) => role !== 'jobmanager')) throw noCluster(options, labels, pods);
    const seats = seatsOf(nodes, roleOf);
    seats.settle(pods);
    view.onChange(seats.settle);
    const direct = await isDirect(options, seats, nodes);
    for (const { name, role } of nodes) {
      if (role !== 'jobmanager') continue;
      const to = () => {
        const pod = seats.podOf(name);
        if (!pod?.container?.running) return undefined;
        return { pod: pod.name, port: restPort, ...(direct && pod.ip !== undefined && { host: pod.ip }) };
      };
      doors[name] = await openDoor(to, kubernetes.forward);
    }
    return { view, seats, nodes, doors, ...(await asked(doors)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nodes are numbered in the order in which their pods were made. */
function nodesOf(pods: readonly Pod[], restPort: number): ClusterNode[] {
  const count = { jobmanager: 0, taskmanager: 0 };
  return pods.flatMap((pod): ClusterNode[] => {
    const role = roleOf(pod);
    if (!role || pod.leaving || !pod.container?.running) return [];
    // No port of a TaskManager is the same everywhere; a refusal is an answer too.
    const ports = role === 'jobmanager' ? { rest: restPort } : { any: 1 };
    return [{ name: `${role}-${++count[role]}`, role, host: pod.ip ?? '', ports }];
  });
}

function noCluster({ kubernetes, cluster }: FindOptions, labels: string, pods: readonly Pod[]): FlinchError {
  const what =
    pods.length === 0
      ? `no pod has the labels ${labels}`
      : `${pods.length} pods have the labels ${labels}, and none of them that runs has component=jobmanager`;
  return new FlinchError('NO_CLUSTER', {
    what,
    on: `${cluster} in namespace ${kubernetes.namespace} of ${kubernetes.server}`,
    todo: 'check --namespace and --cluster, or select its pods with --selector',
  });
}

async function isDirect({ reach, restPort }: FindOptions, seats: Seats, nodes: readonly ClusterNode[]) {
  if (reach !== 'auto') return reach === 'direct';
  const first = nodes.find(({ role }) => role === 'jobmanager');
  const ip = first && seats.podOf(first.name)?.ip;
  return ip !== undefined && (await reaches(ip, restPort, REACH_WITHIN));
}

async function asked(doors: Readonly<Record<string, Door>>) {
  const failures: string[] = [];
  for (const [node, { url }] of Object.entries(doors)) {
    const rest: FlinkRest = createFlinkRest(url);
    try {
      const [configured, { flinkVersion, slotsTotal }] = await Promise.all([rest.jobManagerConfig(), rest.overview()]);
      return { configured, flinkVersion, slotsTotal };
    } catch (error) {
      failures.push(`${node}: ${messageOf(error)}`);
    } finally {
      rest.close();
    }
  }
  throw new FlinchError('NO_CLUSTER', {
    what: 'no JobManager answers',
    on: failures.join('; '),
    todo: 'see that its REST API is on --rest-port, and that nothing forbids a connection to it',
  });
}
