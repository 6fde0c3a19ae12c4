import { randomUUID } from 'node:crypto';
import { describeAcls, TRANSACTIONAL_ID } from '../apis/describe-acls.js';
import { describeTransactions } from '../apis/describe-transactions.js';
import { Final } from '../protocol/cluster.js';
import {
  errorName,
  isPassing,
  SECURITY_DISABLED,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  TRANSACTIONAL_ID_NOT_FOUND,
  wireError,
} from '../protocol/error-codes.js';
import type { Rounds } from '../protocol/rounds.js';

const TRANSACTION_LOG = '__transaction_state';

/**
 * Returns when, at this moment, each partition of the transaction log has a coordinator that has loaded it, and no
 * transactional id is hidden from this user: a list of transactions leaves out both without a word.
 *
 * Coordinators are asked for ids that do not exist, one for each partition of the log: one that has not loaded the
 * partition or lost it does not say "not found". The ids are random, so that only a permission for all ids covers them;
 * what is forbidden, or kept for others, by name stands in the access-control lists.
 * @throws FlinchError KAFKA_WIRE, DEADLINE; Final where asking again would not help.
 */
export async function proveEveryCoordinatorAnswers(rounds: Rounds): Promise<void> {
  const { topics } = await rounds.metadata(TRANSACTION_LOG);
  const found = topics.find(({ name }) => name === TRANSACTION_LOG);
  const on = `topic ${TRANSACTION_LOG}`;
  if (found?.error !== 0 || found.partitions.length === 0) {
    const said = found ? errorName(found.error) : 'without the topic';
    const error = wireError(`whether every coordinator has answered cannot be told: Metadata answered ${said}`, on);
    throw found && !isPassing(found.error) ? new Final(error) : error;
  }
  const probes = probeIds(found.partitions.length);
  const byLeader = new Map<number, string[]>();
  for (const { partition, leader } of found.partitions) {
    const probe = probes[partition];
    if (leader < 0 || probe === undefined) throw wireError('it has no leader', `${on}, partition ${partition}`);
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), probe]);
  }
  await Promise.all(
    [...byLeader].map(async ([node, transactionalIds]) => {
      await proveLoaded(rounds, node, transactionalIds);
      await proveNothingHidden(rounds, node);
    }),
  );
}

async function proveLoaded(rounds: Rounds, node: number, transactionalIds: readonly string[]): Promise<void> {
  const described = await rounds.call(node, describeTransactions, { transactionalIds });
  const errors = new Map(described.map(({ transactionalId, error }) => [transactionalId, error]));
  for (const id of transactionalIds) {
    const error = errors.get(id);
    if (error === TRANSACTIONAL_ID_NOT_FOUND) continue;
    if (error === TRANSACTIONAL_ID_AUTHORIZATION_FAILED) throw hidden(node, errorName(error));
    const said = error === undefined ? 'nothing' : errorName(error);
    throw wireError(`a coordinator does not answer yet: DescribeTransactions answered ${said}`, `broker ${node}`);
  }
}

async function proveNothingHidden(rounds: Rounds, node: number): Promise<void> {
  const { error, bindings } = await rounds.call(node, describeAcls, { resourceType: TRANSACTIONAL_ID });
  if (error === SECURITY_DISABLED) return;
  const said = `DescribeAcls answered ${errorName(error)}`;
  if (isPassing(error)) throw wireError(said, `broker ${node}`);
  if (error !== 0) throw hidden(node, said);
  if (bindings.some(({ deny }) => deny)) throw hidden(node, 'there are denials');
  // Brokers may let everybody see what has no entry: an entry for one id then hides it, unless all ids have one.
  const forAll = bindings.some(({ name, prefixed }) => name === '*' && !prefixed);
  if (bindings.length > 0 && !forAll) throw hidden(node, 'single ids have access-control entries');
}

function hidden(node: number, why: string): Final {
  const what = `transactional ids may be hidden from this user: ${why}`;
  return new Final(wireError(what, `broker ${node}`, 'allow Describe on all transactional ids and on the cluster'));
}

/** For each partition of a transaction log of this many, an id that belongs to it and that nobody uses. */
export function probeIds(partitions: number): string[] {
  const ids: string[] = [];
  const base = randomUUID();
  for (let i = 0, missing = partitions; missing > 0; i++) {
    const id = `${base}-${i}`;
    const partition = transactionLogPartition(id, partitions);
    if (ids[partition] !== undefined) continue;
    ids[partition] = id;
    missing--;
  }
  return ids;
}

/** Which partition of the transaction log keeps an id: Java's String.hashCode, as Kafka reduces it. */
export function transactionLogPartition(transactionalId: string, partitions: number): number {
  let hash = 0;
  for (let i = 0; i < transactionalId.length; i++) hash = (Math.imul(hash, 31) + transactionalId.charCodeAt(i)) | 0;
  return (hash === -0x80000000 ? 0 : Math.abs(hash)) % partitions;
}
