/** The parts of a transactional id of Flink's Kafka sink. */
export interface FlinkTransactionalId {
  /** What the job sets as its transactional-id prefix. */
  prefix: string;
  subtask: number;
  /** About the number of the checkpoint; with pooled names, a number that is used again. */
  counter: number;
}

/** Without leading zeros, which Flink never writes. */
const SHAPE = /^(.*)-(0|[1-9]\d*)-(0|[1-9]\d*)$/s;
const LARGEST_SUBTASK = 2 ** 31 - 1;

/**
 * Reads `<prefix>-<subtask>-<counter>`, where the prefix may hold dashes and digits of its own; undefined for an id of
 * another shape. An id of somebody else's making can have this shape too: compare the prefix.
 */
export function parseFlinkTransactionalId(transactionalId: string): FlinkTransactionalId | undefined {
  const match = SHAPE.exec(transactionalId);
  if (!match) return undefined;
  const [subtask, counter] = [Number(match[2]), Number(match[3])];
  if (subtask > LARGEST_SUBTASK || !Number.isSafeInteger(counter)) return undefined;
  return { prefix: match[1] as string, subtask, counter };
}
