import type { FlinkRest } from '../../client/flink/rest.js';

/** The same API, which calls each TaskManager by the name of its node; one that is no node keeps Flink's. */
export function withNodeNames(rest: FlinkRest, nodeOf: (id: string) => string | undefined): FlinkRest {
  const named = <T extends { taskManager?: string }>(entries: readonly T[]): T[] =>
    entries.map((entry) => ({
      ...entry,
      ...(entry.taskManager !== undefined && { taskManager: nodeOf(entry.taskManager) ?? entry.taskManager }),
    }));
  return {
    ...rest,
    taskManagers: async (signal) =>
      (await rest.taskManagers(signal)).map((entry) => ({ ...entry, id: nodeOf(entry.id) ?? entry.id })),
    exceptions: async (id, signal) => named(await rest.exceptions(id, signal)),
    vertex: async (id, vertex, signal) => named(await rest.vertex(id, vertex, signal)),
  };
}
