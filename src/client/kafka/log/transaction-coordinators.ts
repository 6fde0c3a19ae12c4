import { type DescribedTransaction, describeTransactions } from '../apis/describe-transactions.js';
import { findCoordinator } from '../apis/find-coordinator.js';
import { listTransactions } from '../apis/list-transactions.js';
import { Final } from '../protocol/cluster.js';
import { errorName, isPassing, TRANSACTIONAL_ID_NOT_FOUND, wireError } from '../protocol/error-codes.js';
import type { Answer, Rounds } from '../protocol/rounds.js';
import { proveEveryCoordinatorAnswers } from './coordinator-proof.js';

export type Described = DescribedTransaction & { coordinator: number };

/**
 * The transactional id of each producer id, from every broker; null where it is proven that no coordinator knows the
 * producer id. @param topic any topic that may be described
 */
export function transactionalIds(
  rounds: Rounds,
  topic: string,
  producerIds: Iterable<number>,
): Promise<Map<number, Answer<string | null>>> {
  return rounds.ask(producerIds, async (pending) => {
    const first = await listEverywhere(rounds, topic, pending);
    const answers = new Map<number, Answer<string | null>>();
    for (const [producerId, value] of first.listed) answers.set(producerId, { value });
    const missing = pending.filter((producerId) => !answers.has(producerId));
    if (missing.length === 0) return answers;
    let { listed, trouble } = first;
    if (!trouble) {
      // A coordinator that is just moving is on no list, and neither is what this user may not see. So: once more,
      // between two proofs that nothing of that kind was the case.
      try {
        await proveEveryCoordinatorAnswers(rounds);
        ({ listed, trouble } = await listEverywhere(rounds, topic, missing));
        await proveEveryCoordinatorAnswers(rounds);
      } catch (error) {
        trouble = rounds.troubleOf(error);
      }
    }
    for (const producerId of missing) {
      const value = listed.get(producerId);
      answers.set(producerId, value === undefined ? (trouble ?? { value: null }) : { value });
    }
    return answers;
  });
}

/** What each broker lists, and the trouble with those that did not. */
async function listEverywhere(rounds: Rounds, topic: string, producerIds: readonly number[]) {
  const { brokers } = await rounds.metadata(topic);
  const listed = new Map<number, string>();
  const troubles: Extract<Answer<never>, { trouble: unknown }>[] = [];
  await Promise.all(
    brokers.map(async ({ node }) => {
      try {
        const { error, transactions } = await rounds.call(node, listTransactions, { producerIds });
        if (error !== 0) {
          const trouble = wireError(`ListTransactions answered ${errorName(error)}`, `broker ${node}`);
          troubles.push({ trouble, final: !isPassing(error) });
        }
        for (const { producerId, transactionalId } of transactions) {
          if (producerIds.includes(producerId)) listed.set(producerId, transactionalId);
        }
      } catch (error) {
        troubles.push(rounds.troubleOf(error));
      }
    }),
  );
  // What passes comes first: the others may have the answer next time.
  return { listed, trouble: troubles.find(({ final }) => !final) ?? troubles[0] };
}

/**
 * Each transactional id as its coordinator describes it. Who that is, is asked anew each time: a broker that has been
 * frozen goes on listing what is no longer its own. @param topic any topic that may be described
 */
export function describedTransactions(
  rounds: Rounds,
  topic: string,
  ids: Iterable<string>,
): Promise<Map<string, Answer<Described>>> {
  return rounds.ask(ids, async (pending) => {
    const { brokers } = await rounds.metadata(topic);
    const nodes = brokers.map(({ node }) => node);
    const answers = new Map<string, Answer<Described>>();
    const groups = new Map<number, string[]>();
    await Promise.all(
      pending.map(async (id) => {
        try {
          const node = await coordinatorOf(rounds, nodes, id);
          groups.set(node, [...(groups.get(node) ?? []), id]);
        } catch (error) {
          answers.set(id, rounds.troubleOf(error));
        }
      }),
    );
    const described = await Promise.all([...groups].map(([node, group]) => describeAt(rounds, node, group)));
    for (const [id, answer] of described.flatMap((part) => [...part])) answers.set(id, answer);
    return answers;
  });
}

/** @throws FlinchError KAFKA_WIRE, DEADLINE when no broker could tell; Final where none would */
async function coordinatorOf(rounds: Rounds, nodes: readonly number[], transactionalId: string): Promise<number> {
  let last: unknown = wireError('the metadata names no broker', 'the cluster');
  for (const broker of nodes) {
    try {
      const { error, node } = await rounds.call(broker, findCoordinator, { transactionalId });
      if (error === 0) return node;
      const refused = wireError(`FindCoordinator answered ${errorName(error)}`, `transactional id ${transactionalId}`);
      last = isPassing(error) ? refused : new Final(refused);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

async function describeAt(rounds: Rounds, node: number, ids: readonly string[]) {
  const answers = new Map<string, Answer<Described>>();
  try {
    const described = await rounds.call(node, describeTransactions, { transactionalIds: ids });
    for (const transaction of described) {
      const { error, transactionalId } = transaction;
      if (error === 0) {
        answers.set(transactionalId, { value: { ...transaction, coordinator: node } });
        continue;
      }
      const on = `transactional id ${transactionalId} (broker ${node})`;
      // It was listed a moment ago: an id that is not found has moved.
      const final = !isPassing(error) && error !== TRANSACTIONAL_ID_NOT_FOUND;
      answers.set(transactionalId, {
        trouble: wireError(`DescribeTransactions answered ${errorName(error)}`, on),
        final,
      });
    }
  } catch (error) {
    for (const id of ids) answers.set(id, rounds.troubleOf(error));
  }
  return answers;
}
