import { parseFlinkTransactionalId } from '../../client/kafka/log/flink-transactional-id.js';
import type { LogReader } from '../../client/kafka/log/log-reader.js';
import type { OpenTransaction } from '../../client/kafka/log/open-transactions.js';
import { messageOf } from '../../core/error.js';
import type { HeldTransaction, PartitionCounted } from '../../journal/events.js';
import type { RunState } from '../run-state.js';
import type { RunningWorkload } from './workload.js';

/**
 * Counts both topics once more, by their batch headers alone, and asks what holds the output back where something does.
 * What cannot be had is journalled as such. @throws the run signal's reason
 */
export async function crossCheck(
  { recorder: { emit }, signal }: Pick<RunState, 'recorder' | 'signal'>,
  { reader, input, output }: Pick<RunningWorkload, 'reader' | 'input' | 'output'>,
): Promise<void> {
  emit({ type: 'data.counted', of: 'input', topic: input, ...(await counted(reader, input, signal)) });
  const sink = await counted(reader, output, signal);
  emit({ type: 'data.counted', of: 'output', topic: output, ...sink });
  if (!sink.partitions.some(({ lastStableOffset, highWatermark }) => lastStableOffset < highWatermark)) return;
  const { transactions, complete, reason } = await reader.openTransactions(output);
  emit({
    type: 'data.open-transactions',
    topic: output,
    complete,
    ...(reason !== undefined && { reason }),
    transactions: transactions.map(held),
  });
}

async function counted(reader: LogReader, topic: string, signal: AbortSignal) {
  try {
    const outcomes = await reader.count(topic);
    const partitions = outcomes.map(({ error: _, ...partition }): PartitionCounted => partition);
    const short = outcomes.find(({ error, to, highWatermark }) => error || to < highWatermark);
    if (!short) return { complete: true, partitions };
    return {
      complete: false,
      reason: short.error?.message ?? `partition ${short.partition} was cut short`,
      partitions,
    };
  } catch (error) {
    signal.throwIfAborted();
    return { complete: false, reason: messageOf(error), partitions: [] };
  }
}

function held(transaction: OpenTransaction): HeldTransaction {
  const { partition, firstOffset, producerId, producerEpoch, transactionalId, state, ageMs, timeoutMs, hanging } =
    transaction;
  const prefix = transactionalId === undefined ? undefined : parseFlinkTransactionalId(transactionalId)?.prefix;
  return {
    ...{ partition, firstOffset, producerId, producerEpoch },
    ...(transactionalId !== undefined && { transactionalId }),
    ...(prefix !== undefined && { prefix }),
    ...(state !== undefined && { state }),
    ...(ageMs !== undefined && { ageMs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(hanging && { hanging }),
  };
}
