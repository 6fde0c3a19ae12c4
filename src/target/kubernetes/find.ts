import { createFlinkRest, type FlinkRest } from '../../client/flink/rest.js';
import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { type Door, openDoor, reaches } from '../../client/kubernetes/door.js';
import { type FlinkDeployment, openFlinkDeployment } from '../../client/kubernetes/flink-deployment.js';
import type { Pod } from '../../client/kubernetes/pod.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError, messageOf } from '../../core/error.js';
import type { ClusterNode } from '../ports.js';
import { PERMISSIONS } from './needs.js';
import { granted, told } from './permissions.js';
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
  /** What the run knew that is to be healed. */
  before?: Known | undefined;
}

/** What JobManagers say of themselves. */
interface Answer {
  flinkVersion: string;
  /** Of a JobManager, without defaults. */
  configured: Readonly<Record<string, string>>;
  slotsTotal: number;
}

/** What a run knew of a cluster, for whoever heals it when nobody there answers. Plain data. */
export interface Known extends Answer {
  /** Uids of the pods on its seats. */
  seats: Readonly<Record<string, string>>;
  /** Whether pods were reached by their addresses. */
  direct: boolean;
}

/** What was found of a Flink cluster in pods. */
export interface Found extends Answer {
  view: PodView;
  seats: Seats;
  nodes: readonly ClusterNode[];
  /** By JobManager node. */
  doors: Readonly<Record<string, Door>>;
  /** Absent where the operator of Flink did not make it, or it may not be looked at. */
  deployment?: FlinkDeployment;
  known(): Known;
  close(): Promise<void>;
}

/** As Flink itself, its operator and its documentation name the container. */
export const MAIN = 'flink-main-container';
/** The labels by which Flink, its operator and its documentation tell what a pod is. */
const ROLES = { jobmanager: 'jobmanager', taskmanager: 'taskmanager' } as const;
/** Milliseconds for a connection to a pod. */
const REACH_WITHIN = 1_500;
/** Milliseconds for a first answer, also where others will do; from one try to the next; and while a leader is elected: two leases of Flink's own length, and a start. */
const [ANSWERS_WITHIN, KNOWN_WITHIN, AGAIN, ELECTED_WITHIN] = [20_000, 5_000, 500, 60_000];

const roleOf = ({ labels }: Pod): keyof typeof ROLES | undefined =>
  Object.hasOwn(ROLES, labels.component ?? '') ? (labels.component as keyof typeof ROLES) : undefined;

/** @throws FlinchError NO_CLUSTER, KUBERNETES, FLINK_REST */
export async function findCluster(options: FindOptions): Promise<Found> {
  const { kubernetes, cluster, restPort, clock, before } = options;
  const labels = options.selector ?? `app=${cluster}`;
  const view = watchPods(kubernetes, { labels, main: MAIN }, clock);
  const doors: Record<string, Door> = {};
  const close = async (): Promise<void> => {
    view.close();
    await Promise.all(Object.values(doors).map((door) => door.close()));
  };
  try {
    const pods = await view.fresh();
    const nodes = nodesOf(pods, restPort, before?.seats);
    if (nodes.every(({ role }) => role !== 'jobmanager')) throw noCluster(options, labels, pods);
    const seats = seatsOf(nodes, roleOf, before?.seats);
    seats.settle(pods);
    view.onChange(seats.settle);
    const direct = await isDirect(options, seats, nodes);
    if (!direct) await assertForwards(kubernetes);
    for (const { name, role } of nodes) {
      if (role !== 'jobmanager') continue;
      const to = () => {
        const pod = seats.podOf(name);
        if (!pod?.container?.running) return undefined;
        return { pod: pod.name, port: restPort, ...(direct && pod.ip !== undefined && { host: pod.ip }) };
      };
      doors[name] = await openDoor(to, kubernetes.forward, clock);
    }
    const said = await answer(doors, clock, before);
    const deployment = openFlinkDeployment(kubernetes, cluster, clock);
    const operated = (await deployment.state(new AbortController().signal)) !== undefined;
    const known = () => ({ ...said, direct, seats: seats.taken() });
    return { view, seats, nodes, doors, ...said, ...(operated && { deployment }), known, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nodes are numbered in the order in which their pods were made, and are at least as many as before. */
function nodesOf(pods: readonly Pod[], restPort: number, before: Readonly<Record<string, string>> = {}): ClusterNode[] {
  return Object.values(ROLES).flatMap((role): ClusterNode[] => {
    const running = pods.filter((pod) => roleOf(pod) === role && !pod.leaving && pod.container?.running);
    const seatsBefore = Object.keys(before).filter((name) => name.startsWith(role)).length;
    return Array.from({ length: Math.max(running.length, seatsBefore) }, (_, i) => ({
      name: `${role}-${i + 1}`,
      role,
      host: running[i]?.ip ?? '',
      // No port of a TaskManager is the same everywhere; a refusal is an answer too.
      ports: role === 'jobmanager' ? { rest: restPort } : { any: 1 },
    }));
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

async function isDirect({ reach, restPort, before }: FindOptions, seats: Seats, nodes: readonly ClusterNode[]) {
  if (reach !== 'auto') return reach === 'direct';
  const addresses = nodes.flatMap(({ name, role }) => (role === 'jobmanager' ? (seats.podOf(name)?.ip ?? []) : []));
  if (before && addresses.length === 0) return before.direct;
  const reached = await Promise.all(addresses.map((ip) => reaches(ip, restPort, REACH_WITHIN)));
  return reached.includes(true);
}

/** @throws FlinchError CAPABILITY_MISSING */
async function assertForwards(kubernetes: KubernetesPods): Promise<void> {
  const needed = PERMISSIONS.filter(({ need }) => need === 'forward');
  const has = await granted({ here: kubernetes }, needed);
  if (has.every(Boolean)) return;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: `pods cannot be reached from here, and Kubernetes does not allow to ${needed.map(told).join('; ')}`,
    on: `namespace ${kubernetes.namespace} of ${kubernetes.server}`,
    todo: 'grant it; a Role with all that is needed: flinch doctor --target kubernetes --manifest',
  });
}

/** What a JobManager says of itself, or has said; while another one is being elected it cannot. @throws FlinchError NO_CLUSTER */
async function answer(doors: Readonly<Record<string, Door>>, clock: Clock, before?: Known): Promise<Answer> {
  const began = clock.mono();
  for (;;) {
    const failures: string[] = [];
    for (const [node, { url }] of Object.entries(doors)) {
      const rest: FlinkRest = createFlinkRest(url);
      try {
        // One after the other goes over one connection, which may be a request of the API server.
        const [configured, overview] = [await rest.jobManagerConfig(), await rest.overview()];
        return { configured, flinkVersion: overview.flinkVersion, slotsTotal: overview.slotsTotal };
      } catch (error) {
        failures.push(`${node}: ${messageOf(error)}`);
      } finally {
        rest.close();
      }
    }
    const electing = failures.some((text) => text.includes('leader election'));
    const within = before ? KNOWN_WITHIN : electing ? ELECTED_WITHIN : ANSWERS_WITHIN;
    if (clock.mono() - began < within) {
      await clock.sleep(AGAIN);
      continue;
    }
    // What has to be healed may be why.
    if (before) {
      const { flinkVersion, configured, slotsTotal } = before;
      return { flinkVersion, configured, slotsTotal };
    }
    throw new FlinchError('NO_CLUSTER', {
      what: 'no JobManager answers',
      on: failures.join('; '),
      todo: 'see that its REST API is on --rest-port, and that nothing forbids a connection to it',
    });
  }
}
