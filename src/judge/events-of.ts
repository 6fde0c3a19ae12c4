import type { EventOf, EventType, JournalEvent, Step } from '../journal/events.js';

/** A journal sorted by type as far as it was when somebody last asked. */
interface Sorted {
  upTo: number;
  byType: Map<EventType, JournalEvent[]>;
}

/** A run asks its growing journal several times a second: only what came since is looked at. */
const journals = new WeakMap<readonly JournalEvent[], Sorted>();

function sorted<T extends EventType>(events: readonly JournalEvent[], type: T): readonly EventOf<T>[] {
  const known = journals.get(events) ?? { upTo: 0, byType: new Map() };
  journals.set(events, known);
  for (; known.upTo < events.length; known.upTo++) {
    const event = events[known.upTo] as JournalEvent;
    const same = known.byType.get(event.type);
    if (same) same.push(event);
    else known.byType.set(event.type, [event]);
  }
  return (known.byType.get(type) ?? []) as EventOf<T>[];
}

/** All events of one type, in their order, as far as the journal goes now. */
export const eventsOf = <T extends EventType>(events: readonly JournalEvent[], type: T): EventOf<T>[] => [
  ...sorted(events, type),
];

/** The last event of one type. */
export const lastOf = <T extends EventType>(events: readonly JournalEvent[], type: T): EventOf<T> | undefined =>
  sorted(events, type).at(-1);

/** When a step started or ended; the first time. Monotonic milliseconds. */
export const stepAt = (events: readonly JournalEvent[], step: Step, state: 'started' | 'ended'): number | undefined =>
  eventsOf(events, 'step').find((e) => e.step === step && e.state === state)?.mono;

/** When the first fault may have taken effect: what was usual before is the steady state. Infinite without any. */
export const steadyEnd = (events: readonly JournalEvent[]): number =>
  Math.min(...eventsOf(events, 'fault.effective').map(({ after }) => after));

/** The monotonic time of the last event. */
export const endOf = (events: readonly JournalEvent[]): number => events.at(-1)?.mono ?? 0;

/** When the load stopped: from then on silence and idle tasks are not the cluster's. */
export const loadEnd = (events: readonly JournalEvent[]): number =>
  stepAt(events, 'quiesce', 'started') ?? endOf(events);
