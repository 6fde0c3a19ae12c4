import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../core/clock.js';
import { pollForever } from '../../../core/poll.js';
import type { ProcessIdentity } from '../../ports.js';

/** A runner that has not said for so long that it lives is taken for dead, or for hung. Milliseconds. */
export const LAPSE = 20_000;
const EVERY = 1_000;
/** After a healing that did not heal all. Milliseconds. */
const AGAIN = 10_000;

/** What a runner writes, again and again, while it may have faults to heal. */
export interface Pulse {
  /** As its own namespace has it. */
  runner: ProcessIdentity;
  beat: number;
}

export interface DeadManOrder {
  /** Folder of the faults that are not healed. */
  ledger: string;
  /** File of the runner's pulse. */
  pulse: string;
  /** Milliseconds of silence; LAPSE unless told. */
  lapse?: number;
}

export interface DeadManDeps {
  clock: Clock;
  signal: AbortSignal;
  /** Ends a runner that hangs, or goes on beyond the cap of its fault. */
  end(runner: ProcessIdentity): void;
  /** Heals what the ledger holds. */
  heal(why: string): Promise<void>;
}

/** What of a ledger entry counts here; a file that cannot be read is an open one. */
interface Open {
  /** Wall milliseconds: by then it must be healed, whoever lives. */
  until?: number;
}

/**
 * Heals the faults of a runner that is dead, cut off or too late, from beside the cluster: it asks the runner for
 * nothing but its pulse.
 * @returns whether a pulse of this runner came within the lapse: what it makes sure of before its first fault
 */
export function deadMan(
  { ledger, pulse, lapse = LAPSE }: DeadManOrder,
  deps: DeadManDeps,
): { armed(runner: ProcessIdentity): boolean } {
  const { clock, signal } = deps;
  let last: { text: string; at: number } | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;
  let openSince: number | undefined;

  const heard = () => last && (parsed(last.text) as Pulse | undefined)?.runner;

  const look = async () => {
    const now = clock.mono();
    const text = read(pulse);
    if (text !== undefined && text !== last?.text) last = { text, at: now };
    const open = openIn(ledger);
    openSince = open.length === 0 ? undefined : (openSince ?? now);
    if (openSince === undefined || now < notBefore) return;
    const late = open.some(({ until }) => until !== undefined && clock.wall() > until);
    // What is older than this watch gets its time as well: its runner may just be starting to beat.
    const silent = now - Math.max(last?.at ?? openSince, openSince) > lapse;
    if (!late && !silent) return;
    const runner = heard();
    if (runner) deps.end(runner);
    await deps.heal(late ? 'a fault is older than its cap' : `the runner has not been heard of for ${lapse / 1000} s`);
    notBefore = clock.mono() + AGAIN;
  };
  void pollForever(look, () => {}, { every: EVERY, clock, signal });
  return {
    armed({ pid, startTime }) {
      const runner = heard();
      const same = runner?.pid === pid && runner.startTime === startTime;
      return same && last !== undefined && clock.mono() - last.at <= lapse;
    },
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function openIn(ledger: string): Open[] {
  let names: string[];
  try {
    names = readdirSync(ledger).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const entry = parsed(read(join(ledger, name)) ?? '') as (Open & { state?: string }) | undefined;
    return entry?.state === 'healed' ? [] : [entry ?? {}];
  });
}
