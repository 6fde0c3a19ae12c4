import { type Fields, fieldsOf, listOf, numberOf, optionalFieldsOf, optionalTextOf, textOf } from './shape.js';

/** Times are of Flink's clock, milliseconds since the epoch. */
export interface CheckpointStatistics {
  completed: number;
  failed: number;
  latest?: { id: number; triggeredAt: number; completedAt: number };
  restored?: { id: number; at: number };
  /** Those that completed lately, savepoints too. */
  history: { id: number; triggeredAt: number; completedAt: number; savepoint?: true }[];
}

/** One checkpoint of the history. `triggeredAt` is of Flink's clock, milliseconds since the epoch. */
export interface CheckpointSummary {
  id: number;
  status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  triggeredAt: number;
  subtasks: number;
  acknowledged: number;
  savepoint?: boolean;
}

/** Flink's word for the interval of checkpoints that never come. Milliseconds. */
export const NEVER = 9_000_000_000_000_000;

/** Milliseconds. */
export interface CheckpointConfig {
  mode: string;
  interval: number;
  timeout: number;
  minPause: number;
  maxConcurrent: number;
  tolerableFailed?: number;
  unaligned?: boolean;
  stateBackend?: string;
  storage?: string;
}

export function checkpointStatistics(body: unknown): CheckpointStatistics {
  const fields = fieldsOf(body);
  const count = fieldsOf(fields.counts, '"counts"');
  const last = fieldsOf(fields.latest, '"latest"');
  const completed = optionalFieldsOf(last, 'completed');
  const restored = optionalFieldsOf(last, 'restored');
  return {
    completed: numberOf(count, 'completed'),
    failed: numberOf(count, 'failed'),
    ...(completed && {
      latest: {
        id: numberOf(completed, 'id'),
        triggeredAt: numberOf(completed, 'trigger_timestamp'),
        completedAt: numberOf(completed, 'latest_ack_timestamp'),
      },
    }),
    ...(restored && { restored: { id: numberOf(restored, 'id'), at: numberOf(restored, 'restore_timestamp') } }),
    history: completedIn(fields),
  };
}

function completedIn(fields: Fields): CheckpointStatistics['history'] {
  if (fields.history === undefined) return [];
  const completed = listOf(fields, 'history').filter((entry) => textOf(entry, 'status') === 'COMPLETED');
  return completed.map((entry) => ({
    id: numberOf(entry, 'id'),
    triggeredAt: numberOf(entry, 'trigger_timestamp'),
    completedAt: numberOf(entry, 'latest_ack_timestamp'),
    ...(entry.is_savepoint === true && { savepoint: true as const }),
  }));
}

export function checkpointHistory(body: unknown): CheckpointSummary[] {
  return listOf(fieldsOf(body), 'history').map((entry) => ({
    id: numberOf(entry, 'id'),
    status: statusOf(textOf(entry, 'status')),
    triggeredAt: numberOf(entry, 'trigger_timestamp'),
    subtasks: numberOf(entry, 'num_subtasks'),
    acknowledged: numberOf(entry, 'num_acknowledged_subtasks'),
    ...(entry.is_savepoint === true && { savepoint: true }),
  }));
}

function statusOf(status: string): CheckpointSummary['status'] {
  if (status === 'IN_PROGRESS' || status === 'COMPLETED' || status === 'FAILED') return status;
  throw new TypeError(`"${status}" is no status of a checkpoint`);
}

/** A subtask that has not acknowledged says "pending_or_failed". */
export function acknowledgedSubtasks(body: unknown): Set<number> {
  const done = listOf(fieldsOf(body), 'subtasks').filter((subtask) => textOf(subtask, 'status') === 'completed');
  return new Set(done.map((subtask) => numberOf(subtask, 'index')));
}

export function stateSizes(body: unknown): Map<number, number> {
  const done = listOf(fieldsOf(body), 'subtasks').filter((subtask) => textOf(subtask, 'status') === 'completed');
  return new Map(done.map((subtask) => [numberOf(subtask, 'index'), numberOf(subtask, 'state_size')]));
}

export function checkpointConfig(body: unknown): CheckpointConfig {
  const fields = fieldsOf(body);
  const stateBackend = optionalTextOf(fields, 'state_backend');
  const storage = optionalTextOf(fields, 'checkpoint_storage');
  return {
    mode: textOf(fields, 'mode'),
    interval: numberOf(fields, 'interval'),
    timeout: numberOf(fields, 'timeout'),
    minPause: numberOf(fields, 'min_pause'),
    maxConcurrent: numberOf(fields, 'max_concurrent'),
    ...(typeof fields.tolerable_failed_checkpoints === 'number' && {
      tolerableFailed: fields.tolerable_failed_checkpoints,
    }),
    ...(typeof fields.unaligned_checkpoints === 'boolean' && { unaligned: fields.unaligned_checkpoints }),
    ...(stateBackend !== undefined && { stateBackend }),
    ...(storage !== undefined && { storage }),
  };
}
