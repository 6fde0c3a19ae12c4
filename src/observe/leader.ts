import type { Clock } from '../core/clock.js';
import { pollForever } from '../core/poll.js';
import { wakeable } from '../core/wake.js';
import type { LeaderRecord } from '../journal/events.js';
import type { Attention } from './attention.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

/** Milliseconds between looks; where the store tells of changes by itself, while all is well. */
const EVERY = 200;
const CALM = 1_000;
/** Milliseconds between looks that a watch asks for: two leaders that fight rewrite the record hundreds of times a second. */
const CALMEST = 25;

export interface LeaderSource {
  /** Milliseconds between looks, where the store bears fewer than others. */
  readonly every?: number;
  leader(signal: AbortSignal): Promise<Omit<LeaderRecord, 'node'> | undefined>;
  contenders(signal: AbortSignal): Promise<string[]>;
  /** Where the store can tell of changes by itself. */
  watch?(onChange: () => void): () => void;
}

export interface LeaderDeps {
  leadership: LeaderSource;
  /** The node behind a leader's REST address. */
  nodeOf(address: string): string | undefined;
  /** Told who leads. */
  attention: Attention;
}

/** Who leads and who contends: looked at 5 times a second unless all is well, and at once when the store tells of a change. */
export async function observeLeader(deps: LeaderDeps, emit: Emit, { clock, signal }: ObserverOptions): Promise<void> {
  const { leadership, nodeOf, attention } = deps;
  const waking = wakeable(clock, CALMEST);
  const { every = EVERY } = leadership;
  const slower = leadership.watch ? CALM - every : 0;
  const paced: Clock = {
    mono: () => clock.mono(),
    wall: () => clock.wall(),
    sleep: (ms, limit) => waking.sleep(attention.calm ? ms + slower : ms, limit),
  };
  const unwatch = leadership.watch?.(() => waking.wake());
  let by: 'watch' | 'poll' = 'poll';
  try {
    await pollForever(
      async (limit) => {
        by = waking.woken ? 'watch' : 'poll';
        const [found, contenders] = await Promise.all([leadership.leader(limit), leadership.contenders(limit)]);
        if (!found) return { leader: null, contenders };
        const node = nodeOf(found.address);
        return { leader: { ...(node !== undefined && { node }), ...found }, contenders };
      },
      (sample) => {
        attention.leads(sample.value?.leader?.node);
        emit({ type: 'observed.leader', by, ...lookOf(sample), ...sample.value });
      },
      { every, clock: paced, signal },
    );
  } finally {
    unwatch?.();
  }
}
