import { FlinchError } from '../../core/error.js';
import type { ProcessIdentity, Role } from '../../target/ports.js';
import type { FaultContext, Resolved } from '../fault.js';
import type { EachSelector, NodeSelector } from '../schema/nodes.js';
import { type Chosen, resolveSelector } from '../selector.js';

/** The process of a node that a fault befalls. */
export interface Victim {
  node: string;
  role: Role;
  identity: ProcessIdentity;
}

/** All that a fault befalls. Plain data, for the ledger. */
export interface Victims {
  victims: Victim[];
  /** The session in which it leads; only when the leading JobManager was meant. */
  session?: string;
  /** Store sessions of the contenders before the fault. */
  contenders: string[];
}

/** Chooses nodes by their role at this moment, with their processes. @throws FlinchError LEADER_UNKNOWN, FAULT_INJECT */
export async function chooseVictims(selector: NodeSelector, context: FaultContext): Promise<Resolved<Victims>> {
  return withProcesses(selector, await resolveSelector(selector, context), context);
}

/** The nth of a role, by name, from 1. @throws FlinchError FAULT_INJECT */
export async function nthVictim(
  selector: EachSelector,
  nth: number,
  context: FaultContext,
): Promise<Resolved<Victims>> {
  const role = selector.replace(/\.each$/, '') as Role;
  const all = context.cluster.nodes.filter((node) => node.role === role).map(({ name }) => name);
  const node = all[nth - 1];
  if (node === undefined) throw new FlinchError('FAULT_INJECT', { what: `the cluster has no ${nth}th ${role}` });
  const evidence = [`${node} is number ${nth} of ${all.length}`];
  return withProcesses(selector, { role, nodes: [node], evidence }, context);
}

/** These nodes, with their processes. @throws FlinchError FAULT_INJECT */
export async function withProcesses(
  selector: string,
  { role, nodes, session, evidence }: Chosen,
  context: FaultContext,
): Promise<Resolved<Victims>> {
  const victims: Victim[] = [];
  for (const node of nodes) {
    const identity = await context.cluster.processes.identify(node);
    if (!identity) {
      throw new FlinchError('FAULT_INJECT', {
        what: `${selector} has no running process`,
        on: node,
        todo: 'see its log in the run folder',
      });
    }
    // A machine has nodes of more than one role.
    const own = context.cluster.nodes.find(({ name }) => name === node)?.role ?? role;
    victims.push({ node, role: own, identity });
  }
  const contenders = await context.leadership.contenders(context.signal);
  const undo: Victims = { victims, ...(session === undefined ? {} : { session }), contenders };
  const nodesWithPids = victims.map(({ node, identity: { pid, pod } }) => ({ node, pid, ...(pod && { pod }) }));
  return { nodes: nodesWithPids, selector, evidence, undo };
}

/** @param doing "killing it" @throws FlinchError FAULT_INJECT when the leader was meant, and another one leads by now */
export async function assertStillLeads(
  { session, victims }: Victims,
  doing: string,
  context: FaultContext,
): Promise<void> {
  if (session === undefined) return;
  const leader = await context.leadership.leader(context.signal);
  if (leader?.session === session) return;
  throw new FlinchError('FAULT_INJECT', {
    what: `the leader changed between choosing and ${doing}`,
    on: namesOf(victims),
    todo: 'run the scenario again; if it repeats, the cluster is not steady',
  });
}

/** "process 2716"; "container 4f2a9c01d2e3", as whoever runs containers calls it */
export const told = ({ pid, container }: ProcessIdentity): string =>
  container === undefined ? `process ${pid}` : `container ${container.slice(0, 12)}`;

/** "taskmanager-1, taskmanager-2" */
export const namesOf = (victims: readonly { node: string }[]): string => victims.map(({ node }) => node).join(', ');

/** The same work on every victim at once; one that fails keeps none from its turn. @throws the first error */
export async function onEach<T>(victims: readonly Victim[], work: (victim: Victim) => Promise<T>): Promise<T[]> {
  const done = await Promise.allSettled(victims.map(work));
  return done.map((it) => {
    if (it.status === 'rejected') throw it.reason;
    return it.value;
  });
}
