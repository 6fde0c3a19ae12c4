import type { MemoryControl, ProcessIdentity } from '../../src/target/ports.js';

/** Bytes that each process of the hand-made cluster has. */
export const HAD = 1000;

/** Memory that a test moves by hand; a deaf world takes limits and keeps to none. */
export function handMadeMemory(world: { deaf: boolean; running: Map<string, ProcessIdentity>; log: string[] }) {
  /** What a process gets at most, by its PID. */
  const limits = new Map<number, number>();
  const memory: MemoryControl = {
    async of({ pid }) {
      if (![...world.running.values()].some((it) => it.pid === pid)) return undefined;
      const limit = limits.get(pid);
      return { used: HAD, ...(limit === undefined ? {} : { limit }) };
    },
    async limit({ pid }, bytes) {
      world.log.push(`limit ${pid} to ${bytes}`);
      if (bytes === undefined) limits.delete(pid);
      else if (!world.deaf) limits.set(pid, bytes);
    },
  };
  return { memory, limits };
}
