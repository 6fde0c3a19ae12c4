import { PartitionProducer } from '../client/kafka/write/partition-producer.js';
import { type Clock, systemClock } from '../core/clock.js';
import { withDeadline } from '../core/deadline.js';
import { FlinchError, messageOf } from '../core/error.js';
import { LaneLedger, type ProducedCounts, type ProducedLane, sumCounts } from './lane-ledger.js';
import { Pace } from './pace.js';
import { formatRecord } from './record/lane-record.js';

export interface ProducerOptions {
  brokers: readonly string[];
  clientId: string;
  topic: string;
  /** Partitions of the topic; lane l goes to partition l mod partitions. */
  partitions: number;
  lanes: number;
  /** Records a second over all lanes. */
  rate: number;
  /** Bytes to fill each value up to; none unless told. */
  recordSize?: number;
  /** Milliseconds for the first connection; 15 s unless told. */
  connectMs?: number;
  /** Milliseconds for one request; 3 s unless told. */
  requestMs?: number;
  /** Milliseconds after which an unacknowledged send is given up as unknown; 30 s unless told. */
  sendMs?: number;
  clock?: Clock;
  signal?: AbortSignal;
  /** Told of each send that was not acknowledged and of each lost connection. */
  onTrouble?: (message: string) => void;
}

export interface WorkloadProducer {
  /** Records a second over all lanes, from now on. */
  setRate(rate: number): void;
  /** One partition gets so many percent of them, from now on, and the others the rest; undefined: each lane the same. */
  setSkew(skew: { partition: number; share: number } | undefined): void;
  /** Records handed to the client so far, by partition. */
  attemptedByPartition(): number[];
  snapshot(): ProducedCounts;
  produced(): ProducedLane[];
  /** Sends nothing new, waits up to `ms` for what is in flight (after that it is unknown), and ends the clients. */
  stop(ms: number): Promise<ProducedLane[]>;
}

/** Milliseconds between two batches of one partition. */
const LINGER = 100;
/** Milliseconds of the schedule that are made up for after an outage; what is beyond is never produced. */
const CATCH_UP = 2000;
const RECONNECT_PAUSE = 500;

/**
 * Starts to write gapless sequences, each lane from 1, at a steady rate. A sequence is never used twice: after a send
 * that was not acknowledged the lane goes on with its next one.
 * @throws FlinchError WORKLOAD when no connection can be made in time; the signal's reason.
 */
export async function startProducer(options: ProducerOptions): Promise<WorkloadProducer> {
  const { lanes, partitions, rate, topic, clock = systemClock, requestMs = 3000, sendMs = 30_000 } = options;
  const ledgers = Array.from({ length: lanes }, (_, lane) => new LaneLedger(lane));
  const stopping = new AbortController();
  const abandon = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, abandon.signal]) : abandon.signal;
  const resting = AbortSignal.any([signal, stopping.signal]);
  const writers = Array.from({ length: Math.min(lanes, partitions) }, (_, partition) => {
    const { brokers, clientId } = options;
    const own = ledgers.filter(({ lane }) => lane % partitions === partition);
    const client = new PartitionProducer({ brokers, clientId, topic, partition, requestMs, sendMs });
    const pace = new Pace((rate * own.length) / lanes, CATCH_UP, clock.mono());
    return { client, own, partition, pace };
  });
  try {
    await Promise.all(writers.map(({ client }) => client.connect(options.connectMs ?? 15_000, signal)));
  } catch (error) {
    for (const { client } of writers) client.end();
    options.signal?.throwIfAborted();
    throw new FlinchError('WORKLOAD', {
      what: `the producer could not be started: ${messageOf(error)}`,
      on: `topic ${topic}`,
      todo: 'check that the brokers run',
      cause: error,
    });
  }
  const running = Promise.all(writers.map(write));
  let [now, skew]: [rate: number, skew?: { partition: number; share: number } | undefined] = [rate];

  /** Records a second of one partition. */
  function rateOf({ own, partition }: (typeof writers)[number]): number {
    if (!skew) return (now * own.length) / lanes;
    const preferred = writers.find((it) => it.partition === skew?.partition)?.own.length ?? 0;
    if (partition === skew.partition) return (now * skew.share) / 100;
    return (now * (1 - skew.share / 100) * own.length) / (lanes - preferred);
  }

  function paceAnew(): void {
    for (const writer of writers) writer.pace.setRate(rateOf(writer), clock.mono());
  }

  async function write({ client, own, partition, pace }: (typeof writers)[number]): Promise<void> {
    pace.restart(clock.mono());
    let turn = 0;
    while (!resting.aborted) {
      if (!client.connected && !(await reconnect(client))) continue;
      const due = pace.take(clock.mono());
      if (due > 0) {
        const time = clock.wall();
        const records = Array.from({ length: due }, () => {
          const ledger = own[turn++ % own.length]!;
          const value = formatRecord(ledger.lane, ledger.next(), time, options.recordSize);
          return { key: String(ledger.lane), value, timestamp: time };
        });
        const outcome = await client.send(records, signal);
        for (const ledger of own) ledger.settle(outcome.state);
        if (outcome.state !== 'acknowledged') {
          options.onTrouble?.(`${due} records for ${topic}-${partition} are ${outcome.state}: ${outcome.reason}`);
        }
      }
      await rest(LINGER);
    }
  }

  function rest(ms: number): Promise<void> {
    return clock.sleep(ms, resting).catch(() => {});
  }

  async function reconnect(client: PartitionProducer): Promise<boolean> {
    try {
      await client.connect(sendMs, resting);
      return true;
    } catch (error) {
      if (!resting.aborted) options.onTrouble?.(messageOf(error));
      await rest(RECONNECT_PAUSE);
      return false;
    }
  }

  const produced = () => ledgers.map((ledger) => ledger.produced());
  return {
    setRate(next) {
      now = next;
      paceAnew();
    },
    setSkew(next) {
      skew = next;
      paceAnew();
    },
    attemptedByPartition: () => writers.map(({ own }) => sumCounts(own).attempted),
    snapshot: () => sumCounts(ledgers),
    produced,
    stop: async (ms) => {
      stopping.abort();
      try {
        await withDeadline('the last sends', ms, () => running);
      } catch {
        // Ends the sends at once; their records are unknown unless they were never handed to a socket.
        abandon.abort(new FlinchError('WORKLOAD', { what: `the send did not end within ${ms} ms of the stop` }));
        await running;
      } finally {
        for (const { client } of writers) client.end();
      }
      return produced();
    },
  };
}
