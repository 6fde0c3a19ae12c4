import { readFileSync } from 'node:fs';
import type { Clock } from '../../core/clock.js';
import type { Disturbance } from '../ports.js';

/** Milliseconds between two wakings of a timer that has nothing to do. */
const EVERY = 100;
/** Longer than any queue for a processor; shorter than the time-outs that break of it. Milliseconds. */
const STOOD_STILL = 1_000;
/** What the host takes is looked at over a few seconds: less does not break a time-out. Milliseconds. */
const WINDOW = 3_000;
/** The share of all processor time in such a window that was not this machine's. */
const TAKEN = 0.5;

/** In the kernel's ticks, since boot: the time that the host gave to others (steal), and all time. */
export interface ProcessorTimes {
  readonly stolen: number;
  readonly all: number;
}

/** Reads /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. Undefined for any other text. */
export function processorTimes(stat: string): ProcessorTimes | undefined {
  const [name, ...fields] = (stat.split('\n', 1)[0] ?? '').split(/\s+/);
  const times = fields.slice(0, 8).map(Number);
  if (name !== 'cpu' || times.length < 8 || times.some((it) => !Number.isFinite(it))) return undefined;
  return { stolen: times[7] as number, all: times.reduce((sum, it) => sum + it, 0) };
}

function takenShare(before: ProcessorTimes | undefined, after: ProcessorTimes | undefined): number {
  if (!before || !after || after.all <= before.all) return 0;
  return (after.stolen - before.stolen) / (after.all - before.all);
}

/** One waking of the watch: monotonic milliseconds, and those of processor time that this process has used. */
export interface Waking {
  readonly mono: number;
  readonly used: number;
}

/**
 * Takes one waking after the other, and tells what lies between them.
 * @param processors asked where a window begins and ends
 */
export function machineWatch(
  tell: (disturbance: Disturbance) => void,
  processors: () => ProcessorTimes | undefined,
  first: Waking,
): (waking: Waking) => void {
  let last = first;
  let window = { since: first.mono, times: processors() };
  return (now) => {
    // What this process did itself kept nobody else from running.
    const still = now.mono - last.mono - EVERY - Math.max(0, now.used - last.used);
    if (still >= STOOD_STILL) tell({ why: 'stood-still', after: last.mono, by: now.mono });
    last = now;
    if (now.mono - window.since < WINDOW) return;
    const times = processors();
    const share = takenShare(window.times, times);
    if (share > TAKEN) tell({ why: 'taken', after: window.since, by: now.mono, share });
    window = { since: now.mono, times };
  };
}

function readProcessors(): ProcessorTimes | undefined {
  try {
    return processorTimes(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** Watches the machine on which this process and the local cluster run, until the returned function is called. */
export function watchMachine(clock: Clock, tell: (disturbance: Disturbance) => void): () => void {
  const look = (): Waking => {
    const { user, system } = process.cpuUsage();
    return { mono: clock.mono(), used: (user + system) / 1000 };
  };
  const take = machineWatch(tell, readProcessors, look());
  const timer = setInterval(() => take(look()), EVERY).unref();
  return () => clearInterval(timer);
}
