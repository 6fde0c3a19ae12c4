import { type KubernetesPods, openKubernetes } from '../../client/kubernetes/connection.js';
import type { KubeconfigOptions } from '../../client/kubernetes/kubeconfig.js';
import type { Known, Reach } from './find.js';

/** Which cluster, and how it is got at. */
export interface KubernetesPlace extends KubeconfigOptions {
  namespace?: string;
  cluster: string;
  selector?: string;
  restPort: number;
  reach: Reach;
  /** host:port of brokers, as this process and the pods know them. */
  brokers: readonly string[];
  /** URL of an SQL gateway of the cluster. Absent where no job is submitted. */
  gateway?: string;
  /** What the run knew that is to be healed. */
  before?: Known;
  /** Where the operator of Flink runs. */
  operatorNamespace?: string;
  /** Image of what acts on nodes; without it nothing is done beside pods. */
  handImage?: string;
}

const clients = new WeakMap<KubernetesPlace, Promise<KubernetesPods>>();

/** The client of a place, the same each time: it need not ask again what it may do. @throws FlinchError KUBECONFIG */
export function kubernetesAt(place: KubernetesPlace): Promise<KubernetesPods> {
  const client = clients.get(place) ?? openKubernetes(place);
  clients.set(place, client);
  return client;
}

/** "flink/orders of https://10.0.0.1:6443": no other cluster has it. @throws FlinchError KUBECONFIG */
export async function placeName(place: KubernetesPlace): Promise<string> {
  return nameIn(await kubernetesAt(place), place);
}

/** The namespace of it: from the command line, or from the context. @throws FlinchError KUBECONFIG */
export async function placeNamespace(place: KubernetesPlace): Promise<string> {
  return (await kubernetesAt(place)).namespace;
}

/** The same, where a client is there. */
export const nameIn = ({ namespace, server }: KubernetesPods, { cluster }: KubernetesPlace): string =>
  `${namespace}/${cluster} of ${server}`;
