import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { FaultContext } from '../fault.js';
import { namesOf, type Victims } from './victims.js';

/** Flink must have noticed that the nodes are away: only then is what follows a recovery from that. @throws FlinchError FAULT_NOT_EFFECTIVE; the signal's reason */
export async function confirmNoticed(undo: Victims, context: FaultContext): Promise<string[]> {
  switch (undo.victims[0]?.role) {
    case 'taskmanager':
      // One whose pod is started again at once is never missed in the list: the end of its process has been seen.
      return context.cluster.pods ? [] : confirmUnlisted(undo, context);
    case 'jobmanager':
      return confirmOusted(undo, context);
    default:
      return [];
  }
}

/** The store session of the ended JobManager must end; for the leader, a new session id must follow. */
async function confirmOusted(undo: Victims, context: FaultContext): Promise<string[]> {
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
          ? `every contender session is still there ${detection} ms after its end`
          : `the leader session id is still ${last} ${detection} ms after its end`,
      on: namesOf(undo.victims),
      cause,
    });
  }
}

/** Flink must stop listing the TaskManagers, or their return could not be told from their ghosts. */
async function confirmUnlisted(
  { victims }: Victims,
  { placement, clock, signal, detection }: FaultContext,
): Promise<string[]> {
  const names = namesOf(victims);
  try {
    return await pollUntil(
      `Flink noticing the loss of ${names}`,
      async (s) => {
        const listed = await placement.registeredTaskManagers(s);
        return victims.some(({ node }) => listed.some(({ id }) => id === node))
          ? undefined
          : [`Flink no longer lists ${names}`];
      },
      { every: 100, within: detection, clock, signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what: `Flink still lists the ended TaskManager after ${detection} ms`,
      on: names,
      cause,
    });
  }
}
