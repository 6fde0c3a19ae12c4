import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { Fault, FaultContext } from '../fault.js';
import { confirmNoticed } from '../process/noticed.js';
import { startAgain, takesPart } from '../process/take-part.js';
import { assertStillLeads, chooseVictims, namesOf, type Victim, type Victims } from '../process/victims.js';
import type { ExpireSessionOptions } from '../schema/store.js';

/** The store drops what the session owned within this time of its end. Milliseconds. */
const GONE_WITHIN = 5_000;

/** What healing an expired session needs to know. */
export interface ExpiryUndo extends Victims {
  /** The session that ends, as the store names it. */
  owner: string;
}

/**
 * The session of the leading JobManager ends at the store, which drops what it owned at once: its place in the line of
 * contenders and its records. Proven by looking at these; healed by nobody but the JobManager, which is started where it has ended.
 */
export const expireSession: Fault<ExpireSessionOptions, ExpiryUndo> = {
  name: 'expireSession',
  requires: ['highAvailabilityStore'],

  async resolve({ node }, context) {
    const chosen = await chooseVictims(node, context);
    const leader = await context.leadership.leader(context.signal);
    if (leader === undefined || leader.session !== chosen.undo.session) {
      throw new FlinchError('LEADER_UNKNOWN', {
        what: 'the leader changed while it was looked up',
        on: context.cluster.endpoints.haPath,
        todo: 'run the scenario again; if it repeats, the cluster is not steady',
      });
    }
    const evidence = [...chosen.evidence, `its session in the store is ${leader.owner}`];
    return { ...chosen, evidence, undo: { ...chosen.undo, owner: leader.owner } };
  },

  async inject(undo, context) {
    const { store, clock, signal } = context;
    const { owner } = undo;
    await assertStillLeads(undo, 'ending its session', context);
    const after = clock.mono();
    await store.expire(owner, signal);
    try {
      const evidence = await pollUntil(`the end of session ${owner}`, (s) => gone(undo, context, s), {
        every: 20,
        within: GONE_WITHIN,
        clock,
        signal,
      });
      return { after, by: clock.mono(), evidence };
    } catch (cause) {
      signal.throwIfAborted();
      const what = `the session ${owner} was ended, and the store still has what it owned`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: namesOf(undo.victims), cause });
    }
  },

  // Nothing of it lasts.
  hold: () => 0,

  confirm: confirmNoticed,

  async heal(undo, context) {
    const after = context.clock.mono();
    try {
      const evidence: string[] = [];
      for (const victim of undo.victims) evidence.push(...(await contendsAnew(victim, undo, context)));
      return { after, by: context.clock.mono(), evidence };
    } catch (cause) {
      context.signal.throwIfAborted();
      const names = namesOf(undo.victims);
      throw new FlinchError('HEAL_FAILED', {
        what: `it does not contend for leadership in a new session: ${messageOf(cause)}`,
        on: names,
        todo: `start ${names} again and see its log`,
        cause,
      });
    }
  },
};

/** Undefined while the store has something that the session owned. */
async function gone(
  { owner, victims }: ExpiryUndo,
  { leadership }: FaultContext,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const contenders = await leadership.contenders(signal);
  const leader = await leadership.leader(signal);
  if (contenders.includes(owner) || leader?.owner === owner) return undefined;
  const lines = [`session ${owner} of ${namesOf(victims)} is over: none of ${contenders.length} contenders is in it`];
  return [...lines, leader ? `the leader's record is that of session ${leader.owner}` : "the leader's record is gone"];
}

async function contendsAnew(victim: Victim, undo: ExpiryUndo, context: FaultContext): Promise<string[]> {
  const { cluster, leadership, clock, signal } = context;
  const alive = () => cluster.processes.alive(victim.identity);
  const ended = `process ${victim.identity.pid} of ${victim.node} ended`;
  if (await alive()) {
    // The ledger entry is older than the injection, which then did not come about.
    if ((await leadership.contenders(signal)).includes(undo.owner)) {
      return [`session ${undo.owner} of ${victim.node} was never ended`];
    }
    try {
      return [await takesPart(victim, victim.identity, { since: clock.wall(), fresh: 1, all: undo }, context)];
    } catch (error) {
      if (await alive()) throw error;
    }
  }
  return [ended, ...(await startAgain(victim, { fresh: 1, all: undo }, context))];
}
