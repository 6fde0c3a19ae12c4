import type { JournalEvent } from '../../journal/events.js';
import { eventsOf } from '../events-of.js';
import type { Irregularity, LeadershipFinding } from '../findings.js';
import { checkpointTwice } from './checkpoint-twice.js';
import { flapping } from './flapping.js';
import { lateCheckpoints } from './late-checkpoint.js';
import { overlap } from './overlap.js';
import { stuck } from './stuck.js';
import { twins } from './twins.js';
import { zombies } from './zombies.js';

/** What no cluster should do, whatever is broken. Without weight in the verdict; objectives bound what a scenario cares for. */
export function irregularities(
  events: readonly JournalEvent[],
  leadership: Pick<LeadershipFinding, 'history'> | undefined,
): Irregularity[] {
  const faults = eventsOf(events, 'fault.effective').map(({ by }) => by);
  return [
    ...twins(events),
    ...overlap(events),
    ...checkpointTwice(events),
    ...lateCheckpoints(events),
    ...(leadership ? flapping(leadership, faults) : []),
    ...zombies(events),
    ...stuck(events),
  ];
}
