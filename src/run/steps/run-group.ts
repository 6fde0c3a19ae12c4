import { faultNamed } from '../../fault/catalogue.js';
import type { RunState } from '../run-state.js';
import { awaitRecovery } from './await-recovery.js';
import { healOne, type Injected, injectOne, passOne, proveOne } from './one-fault.js';

/**
 * Faults that belong together: each injected once the one before it is effective. What has a length is healed when that
 * has passed, whatever the others do; then the recovery from all of them is observed, and then the rest is healed.
 */
export async function runGroup(state: RunState, group: readonly number[]): Promise<void> {
  const { recorder, signal, scenario } = state;
  const { emit } = recorder;
  // One of an unknown kind is refused before anything is done.
  for (const index of group) faultNamed(scenario.faults[index]?.kind ?? '');
  const { staying, unproven } = await injectAll(state, group);

  emit({ type: 'step', step: 'recovery', state: 'started' });
  const proofs = staying.map((injected) => proveOne(state, injected));
  const [, ...proven] = await Promise.allSettled([awaitRecovery(state, group), ...proofs]);
  emit({ type: 'step', step: 'recovery', state: 'ended' });
  signal.throwIfAborted();
  for (const injected of staying.toReversed()) await healOne(state, injected);
  const [reason] = [...unproven, ...reasons(proven)];
  if (reason !== undefined) throw reason;
}

/** Until all are injected, and those that have a length are healed. */
async function injectAll(
  state: RunState,
  group: readonly number[],
): Promise<{ staying: Injected[]; unproven: unknown[] }> {
  const { emit } = state.recorder;
  const failed = new AbortController();
  const within: RunState = { ...state, signal: AbortSignal.any([state.signal, failed.signal]) };
  const there = new Set(group);
  const over = (index: number) => {
    there.delete(index);
    if (there.size === 0) emit({ type: 'step', step: 'fault', state: 'ended' });
  };
  const staying: Injected[] = [];
  const passing: ReturnType<typeof passOne>[] = [];
  emit({ type: 'step', step: 'fault', state: 'started' });
  try {
    for (const index of group) {
      const injected = await injectOne(within, index);
      if (injected.held !== undefined) {
        const passed = passOne(within, { ...injected, held: injected.held }, () => over(index));
        // Nothing more is injected into a cluster that could not be healed.
        passed.catch((error) => failed.abort(error));
        passing.push(passed);
      } else {
        staying.push(injected);
        over(index);
      }
    }
    const proven = await Promise.all(passing);
    return { staying, unproven: reasons(proven) };
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(passing);
    throw error;
  }
}

const reasons = (results: readonly PromiseSettledResult<void>[]): unknown[] =>
  results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
