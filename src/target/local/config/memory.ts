/** Flink's sizes of one TaskManager, in MiB. All have to be given: without Flink's shell scripts nothing derives them. */
export interface TaskManagerMemory {
  heap: number;
  direct: number;
  metaspace: number;
  config: Record<string, string>;
}

const PREFIX = 'taskmanager.memory.';

/** MiB of a size as Flink writes it: "64m", "1 gb", "67108864". */
export function mebibytes(size: string): number {
  const match = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(size);
  const unit = (match?.[2] ?? '').toLowerCase();
  const shift = unit.startsWith('t')
    ? 1024 ** 2
    : unit.startsWith('g')
      ? 1024
      : unit.startsWith('m')
        ? 1
        : unit.startsWith('k')
          ? 1 / 1024
          : 1 / 1024 ** 2;
  return Math.ceil(Number(match?.[1] ?? Number.NaN) * shift);
}

/**
 * Sizes for a TaskManager of some slots, with what the scenario sets on top; the JVM's limits follow from the result.
 * The base is the smallest that ran two jobs at 1000 records a second through a failover.
 */
export function taskManagerMemory(slots: number, asked: Readonly<Record<string, string>>): TaskManagerMemory {
  const base: Record<string, number> = {
    'framework.heap.size': 64,
    'task.heap.size': Math.max(96, 32 * slots),
    'framework.off-heap.size': 32,
    'task.off-heap.size': 16,
    'network.min': Math.max(16, 8 * slots),
    'network.max': Math.max(16, 8 * slots),
    'managed.size': Math.max(48, 24 * slots),
    'jvm-metaspace.size': 160,
    'jvm-overhead.min': 64,
    'jvm-overhead.max': 64,
  };
  const config = Object.fromEntries(
    Object.entries(base).map(([key, mib]) => [PREFIX + key, asked[PREFIX + key] ?? `${mib}m`]),
  );
  const of = (key: string): number => mebibytes(config[PREFIX + key] ?? '');
  return {
    heap: of('framework.heap.size') + of('task.heap.size'),
    direct: of('framework.off-heap.size') + of('task.off-heap.size') + of('network.max') + 32,
    metaspace: of('jvm-metaspace.size'),
    config,
  };
}
