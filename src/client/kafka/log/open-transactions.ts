import type { ProducerState } from '../apis/describe-producers.js';
import type { KafkaCluster } from '../protocol/cluster.js';
import { type Answer, Rounds } from '../protocol/rounds.js';
import { openProducers, partitionsOf } from './open-producers.js';
import { Reasons } from './reasons.js';
import { type Described, describedTransactions, transactionalIds } from './transaction-coordinators.js';

/** A transaction that has neither been committed nor aborted on a partition: it holds back the last stable offset. */
export interface OpenTransaction {
  partition: number;
  /** Its first offset on the partition. */
  firstOffset: number;
  producerId: number;
  producerEpoch: number;
  /** The time of the last batch the producer wrote here, milliseconds since the epoch; -1 when unknown. */
  lastTimestamp: number;
  transactionalId?: string;
  /** The coordinator's word: Ongoing, or PrepareCommit or PrepareAbort while it ends. */
  state?: string;
  /** Node id of the coordinator. */
  coordinator?: number;
  /** Milliseconds after its start at which the coordinator aborts it. */
  timeoutMs?: number;
  /** Milliseconds since the epoch by the coordinator's clock. */
  startedAt?: number;
  /** From `startedAt` to this host's wall clock; 0 where that is behind the coordinator's. */
  ageMs?: number;
  /** What the coordinator still has to end, this partition included; topics this user may not describe are left out. */
  partitionsInTransaction?: { topic: string; partitions: number[] }[];
  /**
   * Proven that no coordinator has it to end (KIP-664): none knows the producer, or its transactional id has no
   * transaction on this partition, in which case `transactionalId`, `coordinator` and `state` are those of that id.
   */
  hanging?: true;
}

/** `reason` says what could not be asked, when not `complete`. */
export interface OpenTransactions {
  /** By partition and first offset: the first of a partition is the one that holds it back. */
  transactions: OpenTransaction[];
  /** Every partition was asked, and each transaction is either described or proven to hang. */
  complete: boolean;
  reason?: string;
}

const ID_OF_PRODUCER = 'the transactional id of producer';
/** By when each step must have ended, as parts of the deadline; what one leaves over is the next one's. */
const STEPS = { before: 0.4, ids: 0.7, descriptions: 0.85, after: 1 };

/**
 * The transactions that are open on a topic's partitions during the whole look: the leaders are asked before and after
 * the coordinators, so that one that ends meanwhile is not taken for a hanging one. Needs Kafka 3.0, Read on the topic
 * and Describe on the transactional ids; what cannot be had is told, not thrown.
 * @param partitions all of the topic unless told
 * @throws the cluster signal's reason
 */
export async function openTransactions(
  cluster: KafkaCluster,
  topic: string,
  partitions?: readonly number[],
): Promise<OpenTransactions> {
  const start = cluster.clock.mono();
  const until = (step: keyof typeof STEPS) => new Rounds(cluster, start + STEPS[step] * cluster.deadlineMs);
  const reasons = new Reasons();
  const asked =
    partitions ?? valueOrReason(await partitionsOf(until('before'), topic), reasons, 'the partitions of', topic);
  const seen = await openProducers(until('before'), topic, asked ?? []);
  const open = [...seen].flatMap(([partition, answer]) =>
    (valueOrReason(answer, reasons, 'partition', partition) ?? []).map((state) => ({ partition, state })),
  );
  const producerIds = new Set(open.map(({ state }) => state.producerId));
  const listed = await transactionalIds(until('ids'), topic, producerIds);
  const ids = [...listed.values()].flatMap((answer) =>
    'value' in answer && answer.value !== null ? [answer.value] : [],
  );
  const described = await describedTransactions(until('descriptions'), topic, new Set(ids));
  const after = await openProducers(until('after'), topic, new Set(open.map(({ partition }) => partition)));

  const transactions: OpenTransaction[] = [];
  for (const { partition, state } of open) {
    const later = valueOrReason(after.get(partition), reasons, 'whether still open: partition', partition);
    const still = later?.find((it) => isSame(it, state));
    if (later && !still) continue; // it has ended meanwhile
    const { currentTxnStartOffset: firstOffset, producerId, producerEpoch, lastTimestamp } = still ?? state;
    const transaction: OpenTransaction = { partition, firstOffset, producerId, producerEpoch, lastTimestamp };
    transactions.push(transaction);
    const transactionalId = valueOrReason(listed.get(producerId), reasons, ID_OF_PRODUCER, producerId);
    if (transactionalId === undefined) continue;
    if (transactionalId === null) {
      if (still) transaction.hanging = true;
      continue;
    }
    transaction.transactionalId = transactionalId;
    const description = valueOrReason(described.get(transactionalId), reasons, 'transactional id', transactionalId);
    if (description) addDescription(transaction, description, topic, cluster.clock.wall(), still !== undefined);
  }
  return outcome(transactions, reasons);
}

function addDescription(
  transaction: OpenTransaction,
  { coordinator, state, timeoutMs, startedAt, producerId, topics }: Described,
  topic: string,
  wall: number,
  stillOpen: boolean,
): void {
  Object.assign(transaction, { coordinator, state });
  const mine = topics.find((entry) => entry.topic === topic)?.partitions ?? [];
  if (producerId === transaction.producerId && mine.includes(transaction.partition)) {
    Object.assign(transaction, { timeoutMs, partitionsInTransaction: topics });
    if (startedAt >= 0) Object.assign(transaction, { startedAt, ageMs: Math.max(0, wall - startedAt) });
  } else if (stillOpen) {
    // A coordinator adds a partition before the first record and forgets it after the marker.
    transaction.hanging = true;
  }
}

const isSame = (a: ProducerState, b: ProducerState): boolean =>
  a.producerId === b.producerId && a.currentTxnStartOffset === b.currentTxnStartOffset;

/** The answer's value; without one, its trouble goes to the reasons. */
function valueOrReason<V>(
  answer: Answer<V> | undefined,
  reasons: Reasons,
  kind: string,
  subject: string | number,
): V | undefined {
  if (answer && 'value' in answer) return answer.value;
  reasons.add(kind, subject, answer?.trouble.message ?? 'it was not asked');
  return undefined;
}

function outcome(transactions: OpenTransaction[], reasons: Reasons): OpenTransactions {
  transactions.sort((a, b) => a.partition - b.partition || a.firstOffset - b.firstOffset);
  const reason = reasons.text();
  return { transactions, complete: reason === undefined, ...(reason === undefined ? {} : { reason }) };
}
