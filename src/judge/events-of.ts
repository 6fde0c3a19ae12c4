import type { EventOf, EventType, JournalEvent, Step } from '../journal/events.js';

/** All events of one type, in their order. */
export const eventsOf = <T extends EventType>(events: readonly JournalEvent[], type: T): EventOf<T>[] =>
  events.filter((event): event is EventOf<T> => event.type === type);

/** The last event of one type. */
export const lastOf = <T extends EventType>(events: readonly JournalEvent[], type: T): EventOf<T> | undefined =>
  eventsOf(events, type).at(-1);

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
