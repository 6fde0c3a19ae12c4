import { FlinchError, messageOf } from '../core/error.js';
import { pollUntil } from '../core/poll.js';
import type { Fault, FaultContext } from './fault.js';
import type { KillOptions } from './schemas.js';
import { startAgain } from './take-part.js';
import { assertStillLeads, chooseVictim, type Victim } from './victim.js';

/** A SIGKILLed process that is not gone by then was not killed. Milliseconds. */
const GONE_WITHIN = 5_000;

/** What healing a kill needs to know. */
export type KillUndo = Victim;

/** `kill -9` of a node's process. Healed by starting the node again and seeing it take its part. */
export const kill: Fault<KillOptions, KillUndo> = {
  name: 'kill',
  requires: ['process'],

  resolve: ({ node }, context) => chooseVictim(node, context),

  async inject(undo, context) {
    const { processes } = context.cluster;
    await assertStillLeads(undo, 'killing it', context);
    const after = context.clock.mono();
    await processes.signal(undo.identity, 'SIGKILL');
    try {
      await ending(undo, context);
    } catch (cause) {
      context.signal.throwIfAborted();
      throw new FlinchError('FAULT_NOT_EFFECTIVE', {
        what: `SIGKILL was sent but process ${undo.identity.pid} still runs`,
        on: undo.node,
        cause,
      });
    }
    return {
      after,
      by: context.clock.mono(),
      evidence: [`process ${undo.identity.pid} of ${undo.node} is gone after SIGKILL`],
    };
  },

  confirm: (undo, context) =>
    undo.role === 'taskmanager' ? confirmUnlisted(undo, context) : confirmOusted(undo, context),

  async heal(undo, context) {
    const after = context.clock.mono();
    const { processes } = context.cluster;
    try {
      // One that is slow to die of a SIGKILL would be gone just after it was called whole.
      if (await processes.alive(undo.identity)) {
        await ending(undo, context).catch(() => context.signal.throwIfAborted());
      }
      if (await processes.alive(undo.identity)) {
        // The ledger entry is older than the injection, which then did not come about.
        const evidence = [`process ${undo.identity.pid} of ${undo.node} was never ended`];
        return { after, by: context.clock.mono(), evidence };
      }
      return { after, evidence: await startAgain(undo, context), by: context.clock.mono() };
    } catch (cause) {
      throw new FlinchError('HEAL_FAILED', {
        what: `the killed process could not be brought back: ${messageOf(cause)}`,
        on: undo.node,
        todo: `start ${undo.node} again and see its log`,
        cause,
      });
    }
  },
};

const ending = (undo: KillUndo, { cluster, clock, signal }: FaultContext): Promise<true> =>
  pollUntil(
    `the end of ${undo.node}`,
    async () => ((await cluster.processes.alive(undo.identity)) ? undefined : true),
    { every: 10, within: GONE_WITHIN, clock, signal },
  );

/** The store session of the killed JobManager must end; for the leader, a new session id must follow. */
async function confirmOusted(undo: KillUndo, context: FaultContext): Promise<string[]> {
  const { leadership, clock, signal, detection } = context;
  let last: string | undefined = 'unread';
  try {
    return await pollUntil(
      undo.session === undefined ? 'the end of the standby' : 'a new leader session',
      async (s) => {
        if (undo.session === undefined) {
          const left = await leadership.contenders(s);
          const ended = undo.contenders.filter((c) => !left.includes(c));
          return ended.length > 0 ? [`contender session ${ended.join(', ')} is gone from the store`] : undefined;
        }
        last = (await leadership.leader(s))?.session;
        return last !== undefined && last !== undo.session
          ? [`leader session id changed from ${undo.session} to ${last}`]
          : undefined;
      },
      { every: 100, within: detection, clock, signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    // No leader at all is an effect, and a bad one; the same leader still in office, or an unread store, proves nothing.
    if (undo.session !== undefined && last === undefined) {
      return [`leader session ${undo.session} is gone from the store; no new leader within ${detection} ms`];
    }
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what:
        undo.session === undefined
          ? `every contender session is still there ${detection} ms after the kill`
          : `the leader session id is still ${last} ${detection} ms after the kill`,
      on: undo.node,
      cause,
    });
  }
}

/** Flink must stop listing the killed TaskManager, or its return could not be told from its ghost. */
async function confirmUnlisted(
  undo: KillUndo,
  { placement, clock, signal, detection }: FaultContext,
): Promise<string[]> {
  try {
    return await pollUntil(
      `Flink noticing the loss of ${undo.node}`,
      async (s) =>
        (await placement.registeredTaskManagers(s)).some(({ id }) => id === undo.node)
          ? undefined
          : [`Flink no longer lists ${undo.node}`],
      { every: 100, within: detection, clock, signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what: `Flink still lists the killed TaskManager after ${detection} ms`,
      on: undo.node,
      cause,
    });
  }
}
