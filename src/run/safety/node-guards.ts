import { FlinchError } from '../../core/error.js';
import type { Guards } from '../../core/scenario.js';
import type { FaultContext } from '../../fault/fault.js';
import { FAULT_SCHEMAS } from '../../fault/schemas.js';
import { leadingNode } from '../../fault/selector.js';
import type { ClusterNode, Role } from '../../target/ports.js';

/** What the guards look at. */
export type Guarded = Pick<FaultContext, 'cluster' | 'leadership' | 'placement' | 'signal'>;

/** Which nodes a fault takes away, and how many of them stay. */
export interface Taking {
  kind: string;
  victims: readonly string[];
  leaves?: number | undefined;
}

/**
 * Looks whether the cluster can do without the nodes that a fault takes away, at the moment before it does.
 * @returns what was seen, for people; nothing where no guard is concerned
 * @throws FlinchError GUARD; the signal's reason
 */
export async function guardNodes(
  guards: Guards | undefined,
  { kind, victims, leaves = 0 }: Taking,
  seen: Guarded,
): Promise<string[]> {
  if (!guards || !FAULT_SCHEMAS[kind]?.takesAway) return [];
  // Others are made first, and these stay until those serve.
  if (leaves >= victims.length && leaves > 0) return [];
  const nodes = seen.cluster.nodes.filter(({ name }) => victims.includes(name));
  return [
    ...(await nodesRemain(guards, nodes, leaves, seen)),
    ...(await standbyContends(guards, nodes, seen)),
    ...(await slotsAreFree(guards, nodes, seen)),
  ];
}

const refused = (what: string, on: readonly ClusterNode[], todo: string): FlinchError =>
  new FlinchError('GUARD', { what: `refused: ${what}`, on: on.map(({ name }) => name).join(', '), todo });

async function nodesRemain(
  { remain }: Guards,
  victims: readonly ClusterNode[],
  leaves: number,
  seen: Guarded,
): Promise<string[]> {
  if (remain === 0) return [];
  const told: string[] = [];
  for (const role of new Set(victims.map((it) => it.role))) {
    // The gateway takes no part in the job.
    if (role === 'gateway') continue;
    const others = await leftOf(role, victims, seen);
    const left = others.length + leaves;
    if (left < remain) {
      const what = `${left === 0 ? 'no' : left} ${role} would be left running, and guards.remain asks for ${remain}`;
      throw refused(what, victims, 'wait until the others run, name fewer nodes, or write guards: { remain: 0 }');
    }
    const some = leaves > 0 ? [`${leaves} of ${victims.map(({ name }) => name).join(' and ')}`] : [];
    told.push(`guards: ${[...others, ...some].join(', ')} would be left`);
  }
  return told;
}

async function leftOf(role: Role, victims: readonly ClusterNode[], { cluster }: Guarded): Promise<string[]> {
  const left: string[] = [];
  for (const node of cluster.nodes) {
    if (node.role !== role || victims.includes(node)) continue;
    const identity = await cluster.processes.identify(node.name);
    if (identity && !(await cluster.processes.stopped(identity))) left.push(node.name);
  }
  return left;
}

async function standbyContends(guards: Guards, victims: readonly ClusterNode[], seen: Guarded): Promise<string[]> {
  if (!guards.standby || victims.every(({ role }) => role !== 'jobmanager')) return [];
  const { leadership, cluster, signal } = seen;
  const leader = await leadership.leader(signal);
  const leading = leader && leadingNode(leader, cluster);
  // Whoever leads when that is not known may be among them.
  if (leading !== undefined && victims.every(({ name }) => name !== leading)) return [];
  const contenders = (await leadership.contenders(signal)).length;
  if (leading !== undefined && contenders > 1) return [`guards: ${contenders} JobManagers contend for leadership`];
  const what = leading === undefined ? 'nobody knows who leads' : `${leading} leads, and nobody else contends`;
  throw refused(what, victims, 'see that a standby runs, or write guards: { standby: false }');
}

async function slotsAreFree({ freeSlots }: Guards, victims: readonly ClusterNode[], seen: Guarded): Promise<string[]> {
  if (freeSlots === 0 || victims.every(({ role }) => role !== 'taskmanager')) return [];
  const free = await seen.placement.freeSlots(seen.signal);
  if (free >= freeSlots) return [`guards: ${free} slots are free`];
  const what = `${free} slots are free, and guards.freeSlots asks for ${freeSlots}`;
  throw refused(what, victims, 'add TaskManagers, or lower guards.freeSlots');
}
