import { openLog } from '../../src/client/kafka/log/log-reader.js';
import type { OpenTransactions } from '../../src/client/kafka/log/open-transactions.js';
import type { KafkaOptions } from '../../src/client/kafka/protocol/cluster.js';
import {
  type CannedCall,
  type CannedClusterOptions,
  type CannedTransaction,
  type CannedTrouble,
  startCannedTransactions,
} from './canned-transactions.js';
import { leapingClock } from './leaping-clock.js';

export const STARTED = Date.now() - 90_000;
export const ongoing = (id: string, producer: number, partitions: number[]): CannedTransaction => ({
  id,
  producer,
  timeout: 600_000,
  startedAt: STARTED,
  topics: { t: partitions },
});

/** Broker 1 leads partitions 0 and 2, broker 2 partition 1; each coordinates one transaction. */
export const twoBrokers = (): CannedClusterOptions => ({
  nodes: {
    1: {
      partitions: { 0: [{ id: 70, start: 12 }, { id: 71 }, { id: 72, start: 4, epoch: 3 }], 2: [{ id: 71 }] },
      transactions: [ongoing('sink-0-8', 72, [0, 1])],
    },
    2: { partitions: { 1: [{ id: 72, start: 6 }] }, transactions: [ongoing('sink-1-8', 70, [0])] },
  },
});

/** Broker 1 leads and coordinates, broker 2 has nothing; one open transaction of producer 70 that nobody knows. */
export const nobodys = (): CannedClusterOptions => ({
  nodes: { 1: { partitions: { 0: [{ id: 70, start: 3 }] }, transactions: [ongoing('other', 9, [0])] }, 2: {} },
  logLeaders: [1, 2, 1],
});

/** Looks for open transactions on topic `t` of canned brokers, new ones for each look. */
export function openTransactionLooks() {
  let end = async () => {};
  let asked: (api: number) => number[] = () => [];
  return {
    look: async (options: CannedClusterOptions, limits: Partial<KafkaOptions> = {}, away: number[] = []) => {
      await end();
      const brokers = await startCannedTransactions(options);
      for (const node of away) await brokers.away(node);
      const bounds = { deadlineMs: 10_000, callMs: 5000, pauseMs: 2, ...limits };
      const reader = openLog({ brokers: brokers.bootstrap, clientId: 'test', ...bounds });
      asked = brokers.asked;
      end = async () => {
        reader.close();
        await brokers.stop();
      };
      return reader.openTransactions('t');
    },
    /** Which brokers were asked an API during the last look, in order. */
    asked: (api: number) => asked(api),
    end: () => end(),
  };
}

/** One line of what a look found. */
export const brief = ({ transactions }: OpenTransactions): string =>
  transactions
    .map((it) => `${it.partition}:${it.firstOffset} ${it.transactionalId ?? '?'}${it.hanging ? ' hangs' : ''}`)
    .join(', ');

/** Up to three rounds for the ids, the rest in one: what passes does not pass in that time, however short it is. */
export const leaping = () => ({ deadlineMs: 200_000, pauseMs: 1, clock: leapingClock() });

/** An error code, or another trouble, for each call of an API; at one broker only when told. */
export function on(api: number, what: number | CannedTrouble, node?: number) {
  return (call: CannedCall): CannedTrouble => {
    if (call.api !== api || (node !== undefined && call.node !== node)) return undefined;
    return typeof what === 'number' ? { error: what } : what;
  };
}
