import { FlinchError } from '../core/error.js';
import type { ProcessIdentity } from '../target/ports.js';
import type { FaultContext, Resolved } from './fault.js';
import type { NodeSelector } from './schemas.js';
import { resolveSelector } from './selector.js';

/** The process of a node that a fault befalls. Plain data, for the ledger. */
export interface Victim {
  node: string;
  role: 'jobmanager' | 'taskmanager';
  identity: ProcessIdentity;
  /** The session in which it leads; only when the leader was meant. */
  session?: string;
  /** Store sessions of the contenders before the fault. */
  contenders: string[];
}

/** Chooses a node by its role at this moment, with its process. @throws FlinchError LEADER_UNKNOWN, FAULT_INJECT */
export async function chooseVictim(selector: NodeSelector, context: FaultContext): Promise<Resolved<Victim>> {
  const { node, role, session, evidence } = await resolveSelector(selector, context);
  const identity = await context.cluster.processes.identify(node);
  if (!identity) {
    throw new FlinchError('FAULT_INJECT', {
      what: `${selector} has no running process`,
      on: node,
      todo: 'see its log in the run folder',
    });
  }
  const contenders = await context.leadership.contenders(context.signal);
  const undo: Victim = { node, role, identity, ...(session === undefined ? {} : { session }), contenders };
  return { node, pid: identity.pid, selector, evidence, undo };
}

/** @param doing "killing it" @throws FlinchError FAULT_INJECT when the leader was meant, and another one leads by now */
export async function assertStillLeads(victim: Victim, doing: string, context: FaultContext): Promise<void> {
  if (victim.session === undefined) return;
  const leader = await context.leadership.leader(context.signal);
  if (leader?.session === victim.session) return;
  throw new FlinchError('FAULT_INJECT', {
    what: `the leader changed between choosing and ${doing}`,
    on: victim.node,
    todo: 'run the scenario again; if it repeats, the cluster is not steady',
  });
}
