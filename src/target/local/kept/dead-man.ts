import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../core/clock.js';
import { pollForever } from '../../../core/poll.js';
import type { ProcessIdentity } from '../../ports.js';

/** A runner that has not said for so long that it lives is taken for dead, or for hung. Milliseconds. */
export const LAPSE = 20_000;
const EVERY = 1_000;
/** After a healing that did not heal all. Milliseconds. */
const AGAIN = 10_000;

/** What a runner writes, again and again, while there may be faults to heal or a job to end; it deletes it at its end. */
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
  alive(runner: ProcessIdentity): boolean;
  /** Heals what the ledger holds, then ends the jobs that are left. Whether all of it was done. */
  heal(why: string): Promise<boolean>;
}

/** What of a ledger entry counts here; a file that cannot be read is an open one. */
interface Open {
  /** Wall milliseconds: by then it must be healed, whoever lives. */
  until?: number;
}

/**
 * Heals the faults of a runner that is dead, cut off or too late, and ends the job that a dead one left, from beside the
 * cluster: it asks the runner for nothing but its pulse.
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
    if (now < notBefore) return;
    const why = openSince === undefined ? left(text, now) : dangerous(open, openSince, now);
    if (why === undefined) return;
    const runner = heard();
    if (runner && openSince !== undefined) deps.end(runner);
    const done = await deps.heal(why);
    notBefore = clock.mono() + AGAIN;
    if (done && text !== undefined && read(pulse) === text) rmSync(pulse, { force: true });
  };

  const dangerous = (open: readonly Open[], since: number, now: number): string | undefined => {
    if (open.some(({ until }) => until !== undefined && clock.wall() > until)) return 'a fault is older than its cap';
    // What is older than this watch gets its time as well: its runner may just be starting to beat.
    const silent = now - Math.max(last?.at ?? since, since) > lapse;
    return silent ? `the runner has not been heard of for ${lapse / 1000} s` : undefined;
  };

  /** A dead runner without a fault may have left its job; one that only stands still disturbs nobody. */
  const left = (text: string | undefined, now: number): string | undefined => {
    if (text === undefined || !last || now - last.at <= lapse) return undefined;
    const runner = heard();
    return runner && deps.alive(runner) ? undefined : 'the runner has died without a fault';
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
