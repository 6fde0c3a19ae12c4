import { FlinchError, messageOf, toFlinchError } from '../../core/error.js';
import type { FaultSpec } from '../../core/scenario.js';
import { type AnyFault, faultNamed } from '../../fault/catalogue.js';
import type { FaultContext, Outcome } from '../../fault/fault.js';
import { eventsOf } from '../../judge/events-of.js';
import type { RunState } from '../run-state.js';
import { assertArmed } from '../safety/armed.js';
import { HEAL_BUDGET, healOpen } from '../safety/heal.js';
import { guardNodes } from '../safety/node-guards.js';
import { longestWait } from './await-recovery.js';
import { awaitTrigger, TRIGGER_WITHIN } from './await-trigger.js';

/** Milliseconds that an injection and its proofs may take: more than any has. */
const TO_INJECT = 120_000;
/** Milliseconds that an operation may take to end. */
const TO_END = 300_000;

/** A fault that is effective, with what is needed to end it. */
export interface Injected {
  index: number;
  /** Of its ledger entry. */
  id: string;
  fault: AnyFault;
  undo: unknown;
  node: string;
  /** Milliseconds that it lasts. Undefined when it stays until the recovery has been seen. */
  held: number | undefined;
  /** Of an operation: how it ended. */
  outcome?: Promise<Outcome> | undefined;
  /** Tells an operation that its time is over. */
  over(): void;
}

/** Waits for the fault's moment, then: ledger, inject, prove. @throws FlinchError; the signal's reason */
export async function injectOne(state: RunState, index: number): Promise<Injected> {
  const { recorder, ledger, signal, scenario, clock } = state;
  const { emit } = recorder;
  const { kind, options, when, at = 0, beside } = scenario.faults[index] as FaultSpec;
  const fault = faultNamed(kind);
  const context = state.faultContext(signal);
  const id = `${state.run}-${index}`;

  const before = beside
    ? eventsOf(recorder.events, 'fault.effective').findLast((e) => e.fault === index - 1)
    : undefined;
  if (when) {
    const since = before?.after ?? clock.mono();
    const seen = await orNotEffective(state, index, () => awaitTrigger(when, since, recorder, context));
    emit({ type: 'fault.triggered', fault: index, ...seen });
  }
  const from = when || !before ? clock.mono() : before.by;
  await clock.sleep(Math.max(0, from + at - clock.mono()), signal);

  await assertArmed(state);
  const resolved = await orNotEffective(state, index, () => fault.resolve(options, context));
  const { nodes, selector, leaves } = resolved;
  const victims = nodes.map((it) => it.node);
  const left = await orNotEffective(state, index, () =>
    guardNodes(scenario.guards, { kind, victims, leaves }, context),
  );
  const evidence = [...resolved.evidence, ...left];
  const [first = { node: 'no node' }, ...also] = nodes;
  const others = also.length > 0 ? { also } : {};
  recorder.emitDurably({ type: 'fault.resolved', fault: index, kind, selector, ...first, ...others, evidence });
  const node = victims.join(', ');
  const held = fault.hold?.(resolved.undo);
  const until = clock.wall() + capOf(state, index, fault, held);
  ledger.intend({ id, run: state.run, fault: index, kind, node, undo: resolved.undo, until });
  await orNotEffective(state, index, async () => ledger.known?.());
  state.alert();
  const proof = await orNotEffective(state, index, () => fault.inject(resolved.undo, context));
  ledger.mark(id, 'active');
  emit({ type: 'fault.effective', fault: index, ...proof });
  let over = () => {};
  const passed = new Promise<void>((resolve) => {
    over = resolve;
  });
  if (held === undefined) over();
  const outcome = fault.outcome?.(resolved.undo, state.faultContext(signal), passed);
  // Told where it is waited for; a run that ends before that has a reason of its own.
  outcome?.catch(() => {});
  return { index, id, fault, undo: resolved.undo, node, held, outcome, over };
}

/** Milliseconds from the injection to the last moment at which a fault may be there: then somebody else heals it. */
function capOf(
  { scenario, detection, cluster }: RunState,
  index: number,
  fault: AnyFault,
  held: number | undefined,
): number {
  const toEnd = (fault.outcome ? TO_END : 0) + HEAL_BUDGET[cluster.target];
  if (held !== undefined) return TO_INJECT + held + toEnd;
  const rest = scenario.faults.slice(index + 1);
  const alone = rest.findIndex(({ beside }) => !beside);
  const beside = alone < 0 ? rest : rest.slice(0, alone);
  const theirs = beside.map(({ when, at = 0, options: { duration } }) => {
    const lasts = typeof duration === 'number' ? duration : 0;
    return TO_INJECT + (when ? TRIGGER_WITHIN : 0) + at + lasts;
  });
  return TO_INJECT + theirs.reduce((a, b) => a + b, 0) + longestWait(scenario.objectives, detection) + toEnd;
}

/**
 * Lets a fault last for its time, proves it, and heals it.
 * @param over called when its time has passed, before it is healed
 * @returns how the proof went
 * @throws FlinchError HEAL_FAILED; the signal's reason
 */
export async function passOne(
  state: RunState,
  injected: Injected & { held: number },
  over: () => void,
): Promise<PromiseSettledResult<void>> {
  await hold(state, injected);
  injected.over();
  const [proven] = await Promise.allSettled([proveOne(state, injected)]);
  over();
  state.signal.throwIfAborted();
  // Nothing comes back while it is still there.
  await healOne(state, injected);
  return proven;
}

/** What has to be done again and again meanwhile must go well each time. */
async function hold(state: RunState, { fault, undo, held }: Injected & { held: number }): Promise<void> {
  const { clock, signal } = state;
  const { meanwhile } = fault;
  const until = clock.mono() + held;
  const context: FaultContext = state.faultContext(signal);
  while (meanwhile && clock.mono() < until) {
    await meanwhile.act(undo, context);
    await clock.sleep(Math.min(meanwhile.every, Math.max(0, until - clock.mono())), signal);
  }
  await clock.sleep(Math.max(0, until - clock.mono()), signal);
}

/** The proof that takes longer. @throws FlinchError FAULT_NOT_EFFECTIVE */
export async function proveOne(state: RunState, { index, fault, undo, outcome }: Injected): Promise<void> {
  const evidence = await orNotEffective(state, index, async () =>
    fault.confirm?.(undo, state.faultContext(state.signal)),
  );
  const { emit } = state.recorder;
  if (evidence && evidence.length > 0) emit({ type: 'fault.confirmed', fault: index, evidence });
  const ended = await outcome;
  if (ended) emit({ type: 'operation.ended', fault: index, ...ended });
}

/** Heals one fault. @throws FlinchError HEAL_FAILED */
export async function healOne(state: RunState, { id, fault, node }: Injected): Promise<void> {
  const { emit } = state.recorder;
  emit({ type: 'step', step: 'heal', state: 'started' });
  state.alert();
  const healed = await healOpen(
    state.ledger,
    (s) => state.faultContext(s),
    emit,
    (entry) => entry.id === id,
  );
  emit({ type: 'step', step: 'heal', state: 'ended' });
  if (!healed) throw new FlinchError('HEAL_FAILED', { what: `${fault.name} could not be healed`, on: node });
}

/** Records that the fault is unproven where the work fails: what follows it can say nothing about the system under test. */
async function orNotEffective<T>(state: RunState, index: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    state.signal.throwIfAborted();
    state.recorder.emit({ type: 'fault.not-effective', fault: index, reason: messageOf(error) });
    throw toFlinchError(error, 'FAULT_INJECT');
  }
}
