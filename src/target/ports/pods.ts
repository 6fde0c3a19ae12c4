import type { Cordons } from '../../client/kubernetes/cordons.js';
import type { LeftoverTemplates } from '../../client/kubernetes/leftover-templates.js';
import type { PodChaos } from '../../client/kubernetes/pod-chaos.js';
import type { PodTemplate, PodTemplates } from '../../client/kubernetes/pod-templates.js';
import type { Review } from '../../client/kubernetes/reviews.js';
import type { AccountBinding, RoleBindings } from '../../client/kubernetes/role-bindings.js';
import type { Access } from '../../client/kubernetes/rules.js';
import type { Controller, Scales } from '../../client/kubernetes/scales.js';
import type { Role } from '../ports.js';

export type { Access, AccountBinding, Controller, PodTemplate, Review };

/** A pod: another one of the same name is not it. Plain data, for the ledger. */
export interface PodIdentity {
  name: string;
  uid: string;
  /** Milliseconds that its processes get to end, unless another time is asked for. */
  grace: number;
}

/** What the API of Kubernetes does to pods. Returning says nothing of its effect. */
export interface PodControl {
  /** The pod that is this node now. Undefined when there is none. */
  of(node: string): Promise<PodIdentity | undefined>;
  /** Whether exactly this pod still exists. */
  exists(pod: PodIdentity): Promise<boolean>;
  /** @param grace milliseconds from SIGTERM to SIGKILL; its own unless told; one that is gone is left alone */
  delete(pod: PodIdentity, grace?: number): Promise<void>;
  /** As `delete`. @returns false where a budget of disruptions is against it now */
  evict(pod: PodIdentity): Promise<boolean>;
}

/** The pods of the operator of Flink, which serves other clusters too. */
export interface OperatorPods {
  /** Where they are; absent where nobody has said it. */
  readonly namespace?: string | undefined;
  /** Those that are there, or are about to go. @throws FlinchError KUBERNETES */
  list(namespace: string): Promise<(PodIdentity & { ready: boolean })[]>;
  /** As that of `PodControl`. */
  delete(namespace: string, pod: PodIdentity, grace?: number): Promise<void>;
}

/** What Chaos Mesh is asked to do to pods. */
export interface PodChaosControl extends Omit<PodChaos, 'kill'> {
  /** Asks for the deletion of a pod. @param grace milliseconds; that of the pod unless told */
  kill(order: { name: string; pod: string; grace?: number }): Promise<void>;
}

/** How many pods a role has. */
export interface ScaleControl extends Scales {
  /** What makes the pods of a role. @throws FlinchError FAULT_INJECT where that cannot be scaled */
  of(role: Role): Promise<Controller>;
}

/** What the pods of a role run. */
export interface ImageControl extends PodTemplates, LeftoverTemplates {
  /** What makes the pods of a role. @throws FlinchError FAULT_INJECT where that makes them of nothing that can be changed */
  of(role: Role): Promise<Controller>;
  /** Pods of the cluster that were made with an image, and why its container does not run, as far as that is known. */
  madeWith(image: string): Promise<(PodIdentity & { waits?: string })[]>;
}

/** What JobManagers may do in the API of Kubernetes, by the RoleBindings that name their service account. */
export interface AccessControl extends RoleBindings {
  /**
   * The account of the JobManagers' pods.
   * @throws FlinchError GUARD where others have it as well; FAULT_INJECT where they have several; KUBERNETES
   */
  account(): Promise<string>;
  /** Whether it may do that in the namespace, and who says so. @throws FlinchError KUBERNETES */
  may(account: string, access: Access): Promise<Review>;
  /** The same of what every account of the namespace may do. @throws FlinchError KUBERNETES */
  mayAny(access: Access): Promise<Review>;
}

/** Two sets of nodes whose pods are to be kept apart. Plain data, for the ledger: its name is known before it is made. */
export interface Apart {
  /** Unique among those of a cluster: lower-case letters, digits and dashes. */
  id: string;
  between: readonly string[];
  and: readonly string[];
}

/** Where somebody may knock: an address, and a port of it. */
export interface Door {
  host: string;
  port: number;
}

/** What comes of a try to connect: a connection, a refusal from over there, or nothing there and back. */
export type Answer = 'connects' | 'refused' | 'nothing';

/**
 * Keeping pods apart by NetworkPolicies, which somebody in the cluster enforces or nobody does: what is made says nothing of
 * its effect.
 */
export interface PolicyControl {
  /**
   * The pods that are these nodes now are marked, and a policy for those of either side allows everything but the other side.
   * @throws FlinchError FAULT_INJECT where a node has no pod that runs, or none with a network of its own
   */
  keepApart(apart: Apart): Promise<void>;
  /** What is there of it now: its policies, and pods that are marked, a line each. */
  left(id: string): Promise<string[]>;
  /** The same of all that this process has made. */
  leftOfAll(): Promise<string[]>;
  /** Takes both away; what is not there is left alone. */
  restore(id: string): Promise<void>;
  /** Ports of a node's pod that take connections, as its own kernel has them, and last one that refuses them. Undefined where no pod of it runs. */
  doors(node: string): Promise<Door[] | undefined>;
  /** Where the processes of a node find the API server. Undefined where they are not told. */
  apiServer(node: string): Promise<Door | undefined>;
  /** What a process beside a node's own gets at each door, in the same order. @throws FlinchError FAULT_INJECT where no pod of it runs */
  knock(from: string, doors: readonly Door[]): Promise<Answer[]>;
}

/** The machines that pods run on. */
export interface MachineControl extends Cordons {
  /** That of the node's pod. Undefined when it has none. */
  of(node: string): Promise<string | undefined>;
  /** Nodes of the cluster whose pods are on it now. */
  nodesOn(machine: string): Promise<string[]>;
}
