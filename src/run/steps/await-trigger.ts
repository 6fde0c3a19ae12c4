import { type Interval, pollUntil } from '../../core/poll.js';
import type { Trigger } from '../../core/scenario.js';
import type { FaultContext } from '../../fault/fault.js';
import { beforeNextCheckpoint, isHalfway } from '../../fault/network/commit-window.js';
import { eventsOf } from '../../judge/events-of.js';
import { triggerText } from '../../scenario/when-schema.js';
import type { CheckpointRecord } from '../../target/ports.js';
import type { Recorder } from '../recorder.js';

/** Milliseconds for the system to do what a fault waits for. */
export const TRIGGER_WITHIN = 120_000;
/** Milliseconds between two looks. */
const EVERY = 50;

const completedOf = (known: readonly CheckpointRecord[]): number =>
  Math.max(0, ...known.filter(({ status }) => status === 'COMPLETED').map(({ id }) => id));

/** That what a fault waited for was seen, by a look in (after, by]; monotonic milliseconds. */
export interface Seen extends Interval {
  on: string;
  evidence: string[];
}

type Journal = Pick<Recorder, 'events'>;
/** A sentence once it is there. */
type Look = (signal: AbortSignal) => Promise<string | undefined>;

/**
 * Waits until the system does what the trigger names.
 * @param since monotonic milliseconds: what was before does not count
 * @throws FlinchError DEADLINE; the signal's reason
 */
export async function awaitTrigger(
  trigger: Trigger,
  since: number,
  journal: Journal,
  context: FaultContext,
): Promise<Seen> {
  const { clock, signal } = context;
  const on = triggerText(trigger);
  const look = await lookFor(trigger, since, journal, context);
  let after = clock.mono();
  const evidence = await pollUntil(
    on,
    async (s) => {
      const began = clock.mono();
      const found = await look(s);
      if (found === undefined) after = began;
      return found;
    },
    { every: EVERY, within: TRIGGER_WITHIN, clock, signal },
  );
  return { on, after, by: clock.mono(), evidence: [evidence] };
}

async function lookFor(trigger: Trigger, since: number, { events }: Journal, context: FaultContext): Promise<Look> {
  const { checkpoints, leadership, placement } = context;
  switch (trigger.on) {
    case 'checkpoint due':
      await beforeNextCheckpoint(context);
      return async () => 'the next checkpoint is due';
    case 'checkpoint triggered':
    case 'between pre-commit and commit':
      return async (s) => {
        const [newest] = await checkpoints.recent(s);
        if (newest?.status !== 'IN_PROGRESS') return undefined;
        if (trigger.on !== 'checkpoint triggered' && !isHalfway(newest)) return undefined;
        return `checkpoint ${newest.id} in progress, acknowledged by ${newest.acknowledged} of ${newest.subtasks} subtasks`;
      };
    case 'checkpoint completed': {
      let known: number | undefined;
      return async (s) => {
        const id = completedOf(await checkpoints.recent(s));
        known ??= id;
        return id > known ? `checkpoint ${id} completed` : undefined;
      };
    }
    case 'restoring':
      return async (s) => {
        const restoring = await placement.restoring(s);
        return restoring > 0 ? `${restoring} subtasks restore their state` : undefined;
      };
    case 'leader changed': {
      let known = eventsOf(events, 'observed.leader').findLast((it) => it.leader && it.end <= since)?.leader?.session;
      return async (s) => {
        const now = await leadership.leader(s);
        known ??= now?.session;
        return now && now.session !== known ? `${now.address} leads, session ${now.session}` : undefined;
      };
    }
    case 'lag':
      return async () => {
        const { lag = 0 } = eventsOf(events, 'observed.output').findLast((look) => look.lag !== undefined) ?? {};
        return lag > trigger.above ? `${lag} acknowledged records are not in the committed output` : undefined;
      };
  }
}
