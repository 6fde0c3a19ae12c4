import { FlinchError, messageOf, toFlinchError } from '../../core/error.js';
import { type AnyFault, faultNamed } from '../../fault/catalogue.js';
import type { FaultContext } from '../../fault/fault.js';
import type { RunState } from '../run-state.js';
import { assertArmed } from '../safety/armed.js';
import { HEAL_BUDGET, healOpen } from '../safety/heal.js';
import { awaitRecovery, longestWait } from './await-recovery.js';
import { settle } from './settle.js';
import { step } from './steps.js';

/** Milliseconds that an injection and its proofs may take: more than any has. */
const TO_INJECT = 120_000;

/** The scenario's faults, one after the other: ledger, inject, prove, observe the recovery, heal, prove. */
export async function runFaults(state: RunState): Promise<void> {
  const { clock, signal, recorder, scenario } = state;
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, { kind, options, time }] of scenario.faults.entries()) {
    // What is still catching up from the last one would count against the next.
    if (index > 0) await step(recorder, 'settle', () => settle(state, index - 1));
    if (time && time.nth > 1) await clock.sleep(Math.max(0, last + time.every - clock.mono()), signal);
    last = clock.mono();
    await runFault(state, index, kind, options);
  }
}

async function runFault(state: RunState, index: number, kind: string, options: Record<string, unknown>): Promise<void> {
  const { recorder, ledger, signal } = state;
  const { emit } = recorder;
  const fault = faultNamed(kind);
  const context = state.faultContext(signal);
  const id = `${state.run}-${index}`;

  emit({ type: 'step', step: 'fault', state: 'started' });
  await assertArmed(state);
  const resolved = await fault.resolve(options, context);
  const { nodes, selector, evidence } = resolved;
  const [first = { node: 'no node' }, ...also] = nodes;
  const others = also.length > 0 ? { also } : {};
  recorder.emitDurably({ type: 'fault.resolved', fault: index, kind, selector, ...first, ...others, evidence });
  const node = nodes.map((it) => it.node).join(', ');
  const held = fault.hold?.(resolved.undo);
  const until = state.clock.wall() + capOf(state, held);
  ledger.intend({ id, run: state.run, fault: index, kind, node, undo: resolved.undo, until });
  try {
    const proof = await fault.inject(resolved.undo, context);
    ledger.mark(id, 'active');
    emit({ type: 'fault.effective', fault: index, ...proof });
  } catch (error) {
    throw notEffective(state, index, error);
  }
  const prove = () => confirm(state, index, () => fault.confirm?.(resolved.undo, context));
  const undo = () => heal(state, id, `${kind} could not be healed`, node);
  if (held !== undefined) {
    await hold(state, held, fault.meanwhile && { ...fault.meanwhile, undo: resolved.undo, context });
    const [proven] = await Promise.allSettled([prove()]);
    emit({ type: 'step', step: 'fault', state: 'ended' });
    signal.throwIfAborted();
    // Nothing comes back while it is still there.
    await undo();
    await recovery(state, index);
    if (proven.status === 'rejected') throw proven.reason;
    return;
  }
  emit({ type: 'step', step: 'fault', state: 'ended' });
  const proven = await recovery(state, index, prove);
  await undo();
  if (proven.status === 'rejected') throw proven.reason;
}

/** Milliseconds from the injection to the last moment at which a fault may be there: then somebody else heals it. */
const capOf = ({ scenario, detection }: RunState, held: number | undefined): number =>
  TO_INJECT + (held ?? longestWait(scenario.objectives, detection)) + HEAL_BUDGET;

/** Lets a fault last for its time. What has to be done again and again meanwhile must go well each time. */
async function hold(
  { clock, signal }: RunState,
  held: number,
  meanwhile?: NonNullable<AnyFault['meanwhile']> & { undo: unknown; context: FaultContext },
): Promise<void> {
  const until = clock.mono() + held;
  while (meanwhile && clock.mono() < until) {
    await meanwhile.act(meanwhile.undo, meanwhile.context);
    await clock.sleep(Math.min(meanwhile.every, Math.max(0, until - clock.mono())), signal);
  }
  await clock.sleep(Math.max(0, until - clock.mono()), signal);
}

/** Waits for the recovery. @returns how the proof beside it went */
async function recovery(
  state: RunState,
  index: number,
  beside: () => Promise<void> = async () => {},
): Promise<PromiseSettledResult<void>> {
  const { emit } = state.recorder;
  emit({ type: 'step', step: 'recovery', state: 'started' });
  const [proven] = await Promise.allSettled([beside(), awaitRecovery(state, index)]);
  emit({ type: 'step', step: 'recovery', state: 'ended' });
  state.signal.throwIfAborted();
  return proven;
}

async function heal(state: RunState, id: string, what: string, on: string): Promise<void> {
  const { emit } = state.recorder;
  emit({ type: 'step', step: 'heal', state: 'started' });
  const healed = await healOpen(
    state.ledger,
    (s) => state.faultContext(s),
    emit,
    (entry) => entry.id === id,
  );
  emit({ type: 'step', step: 'heal', state: 'ended' });
  if (!healed) throw new FlinchError('HEAL_FAILED', { what, on });
}

async function confirm(state: RunState, index: number, proof: () => Promise<string[]> | undefined): Promise<void> {
  try {
    const evidence = await proof();
    if (evidence && evidence.length > 0) state.recorder.emit({ type: 'fault.confirmed', fault: index, evidence });
  } catch (error) {
    throw notEffective(state, index, error);
  }
}

/** Records that the fault is unproven: what follows it can say nothing about the system under test. */
function notEffective(state: RunState, index: number, error: unknown): FlinchError {
  state.signal.throwIfAborted();
  state.recorder.emit({ type: 'fault.not-effective', fault: index, reason: messageOf(error) });
  return toFlinchError(error, 'FAULT_INJECT');
}
