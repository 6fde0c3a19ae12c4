import type { FaultSpec } from '../../../src/core/scenario.js';
import { type Random, random } from '../kafka/random.js';

/** Four faults of different kinds, each short: what counts is when the runner dies. */
export const FAULTS: readonly FaultSpec[] = [
  { kind: 'kill', options: { node: 'taskmanager.all', duration: 200 } },
  { kind: 'pause', options: { node: 'zookeeper.all', duration: 200 } },
  {
    kind: 'partition',
    options: { between: ['taskmanager.all'], and: ['jobmanager.all'], direction: 'both', duration: 800 },
  },
  { kind: 'fill', options: { disk: 'taskmanager.all', duration: 200 } },
];

/** Where a runner dies. */
export interface Point {
  fault: number;
  /** So many events are in its journal; none is the whole run. */
  event: number;
  /** Milliseconds after that. */
  delay: number;
}

/** Milliseconds after an event at which a runner dies at the latest: what lies between two events takes less. */
const LATEST = 60;

/**
 * At every event of each fault's run, at once and in any order, and then at other moments around an open fault, until there
 * are so many points.
 * @param open whether a fault was open at each event, by fault; where it was, comes first: few points test the most there
 */
export function crashPoints(open: readonly (readonly boolean[])[], wanted: number, seed: number): Point[] {
  const dice = random(seed);
  const where = (which: (events: readonly boolean[], i: number) => boolean | undefined) =>
    open.flatMap((events, fault) =>
      events.flatMap((_, i) => (which(events, i) ? [{ fault, event: i + 1, delay: 0 }] : [])),
    );
  const points = [
    ...shuffled(
      where((events, i) => events[i]),
      dice,
    ),
    ...shuffled(
      where((events, i) => !events[i]),
      dice,
    ),
  ];
  const near = where((events, i) => events[i] || events[i + 1]);
  while (points.length < wanted) {
    points.push({ ...(near[dice.upTo(near.length)] as Point), delay: 1 + dice.upTo(LATEST) });
  }
  return points.slice(0, wanted);
}

function shuffled<T>(items: readonly T[], dice: Random): T[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(dice.upTo(rest.length), 1));
}
