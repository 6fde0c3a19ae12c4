import { messageOf } from '../../src/core/error.js';
import type { Scenario } from '../../src/core/scenario.js';
import type { EventBody, EventOf, EventType, JournalEvent } from '../../src/journal/events.js';
import type { Recorder } from '../../src/run/recorder.js';
import type { RunState } from '../../src/run/run-state.js';
import type { Ledger, LedgerEntry } from '../../src/run/safety/ledger.js';
import type { HandClock } from './hand-clock.js';
import { DETECTION, type HandMadeCluster, handMadeCluster } from './hand-made-cluster.js';
import { leaderKill, scenarioOf } from './journal-builder.js';

/** A recorder that keeps its events in memory. */
export function memoryRecorder(clock: HandClock, log: string[] = []) {
  const events: JournalEvent[] = [];
  const emit = (body: EventBody) => {
    log.push(body.type);
    events.push({ seq: events.length, mono: clock.mono(), wall: clock.wall(), ...body });
  };
  const recorder: Recorder = {
    events,
    broken: new AbortController().signal,
    emit,
    emitDurably: (body) => {
      log.push('fsync');
      emit(body);
    },
  };
  return Object.assign(recorder, { push: (...more: JournalEvent[]) => void events.push(...more) });
}

/** A ledger in memory. `failing` lets its next write fail. */
export function memoryLedger(log: string[] = []) {
  const entries = new Map<string, LedgerEntry>();
  let at = 0;
  const ledger: Ledger & { failing: boolean } = {
    failing: false,
    intend(entry) {
      log.push(`intend ${entry.node}`);
      if (ledger.failing) throw new Error('no space for the ledger');
      entries.set(entry.id, { ...entry, state: 'intended', at: at++ });
    },
    mark(id, state) {
      log.push(`mark ${state}`);
      entries.set(id, { ...(entries.get(id) as LedgerEntry), state, at: at++ });
    },
    open: () => [...entries.values()].filter(({ state }) => state !== 'healed').toReversed(),
  };
  return ledger;
}

export const handMadeScenario = (change: Partial<Scenario> = {}): Scenario => ({
  ...scenarioOf(leaderKill()),
  ...change,
});

/** What the steps of a run share, on a hand-made cluster; `log` is everything that was done, in its order. */
export function handMadeRun(scenario: Scenario = handMadeScenario(), world: HandMadeCluster = handMadeCluster()) {
  const { clock, log, cluster, context } = world;
  const abort = new AbortController();
  const recorder = memoryRecorder(clock, log);
  const ledger = memoryLedger(log);
  const state: RunState = {
    run: 'run-1',
    scenario,
    cluster,
    clock,
    signal: abort.signal,
    recorder,
    ledger,
    detection: DETECTION,
    period: 2000,
    alert: () => {},
    faultContext: context,
  };
  return { state, world, clock, log, abort, recorder, ledger };
}

/** The first event of a type. */
export const firstOf = <T extends EventType>(events: readonly JournalEvent[], type: T): EventOf<T> | undefined =>
  events.find((event): event is EventOf<T> & JournalEvent => event.type === type);

/** What it threw, in a line; undefined when it did not. */
export async function outcomeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
