import { readFileSync } from 'node:fs';

/** The watcher has nothing to do while others run: what keeps it from running keeps everybody. Milliseconds. */
const EVERY = 50;
/** Longer than any queue for a processor. Milliseconds. */
const STOOD = 1_000;
/** What a host takes is looked at over a few seconds, as timeouts of a few seconds are what breaks of it. Milliseconds. */
const WINDOW = 3_000;
/** Of all processor time of such a window. */
const MUCH = 0.5;

/** Hundredths of seconds, as the kernel counts them: what a host took (steal), and all. */
interface CpuTimes {
  readonly stolen: number;
  readonly all: number;
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseCpuTimes(stat: string): CpuTimes | undefined {
  const [name, ...fields] = (stat.split('\n')[0] ?? '').split(/\s+/);
  const times = fields.slice(0, 8).map(Number);
  if (name !== 'cpu' || times.length < 8 || times.some((it) => !Number.isFinite(it))) return undefined;
  return { stolen: times[7] ?? 0, all: times.reduce((sum, it) => sum + it, 0) };
}

function cpuTimes(): CpuTimes | undefined {
  try {
    return parseCpuTimes(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** Sees when this machine was not itself: it stood still, or its host gave most of its processors to others. */
export interface MachineWatch {
  /** How often since `mark` (of `performance.now`). */
  disturbances(mark: number): number;
  close(): void;
}

export function watchMachine(): MachineWatch {
  const seen: number[] = [];
  let last = performance.now();
  let window = { since: last, times: cpuTimes() };
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > EVERY + STOOD) seen.push(now);
    last = now;
    if (now - window.since < WINDOW) return;
    const times = cpuTimes();
    if (times && window.times && times.stolen - window.times.stolen > MUCH * (times.all - window.times.all)) {
      seen.push(now);
    }
    window = { since: now, times };
  }, EVERY);
  return {
    disturbances: (mark) => seen.filter((at) => at >= mark).length,
    close: () => clearInterval(timer),
  };
}

/** How often the machine was not itself while `work` went on. */
export async function withMachineWatched<T>(work: () => Promise<T>): Promise<{ value: T; disturbances: number }> {
  const watch = watchMachine();
  try {
    const value = await work();
    return { value, disturbances: watch.disturbances(0) };
  } finally {
    watch.close();
  }
}
