import type { Clock } from '../core/clock.js';
import { pollForever } from '../core/poll.js';
import { wakeable } from '../core/wake.js';
import type { DeploymentRecord } from '../journal/events.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

/** Milliseconds between looks, and between those that a watch asks for. */
const [EVERY, CLOSEST] = [5_000, 100];

/** What whoever operates the cluster says of it. */
export interface DeploymentSource {
  /** Undefined where it is gone. */
  state(signal: AbortSignal): Promise<DeploymentRecord | undefined>;
  /** Calls back when it has changed, or may have. */
  watch(onChange: () => void): () => void;
}

/** What the operator says: told when it changes. */
export async function observeDeployment(
  deployment: DeploymentSource,
  emit: Emit,
  { clock, signal }: ObserverOptions,
): Promise<void> {
  const waking = wakeable(clock, CLOSEST);
  const paced: Clock = { mono: () => clock.mono(), wall: () => clock.wall(), sleep: waking.sleep };
  const unwatch = deployment.watch(() => waking.wake());
  let last: string | undefined;
  try {
    await pollForever(
      async (limit) => (await deployment.state(limit)) ?? null,
      (sample) => {
        const now = JSON.stringify([sample.value, sample.error !== undefined]);
        if (now === last) return;
        last = now;
        const told = sample.value === undefined ? {} : { deployment: sample.value };
        emit({ type: 'observed.deployment', ...lookOf(sample), ...told });
      },
      { every: EVERY, clock: paced, signal },
    );
  } finally {
    unwatch();
  }
}
