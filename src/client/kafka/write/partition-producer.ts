import { withDeadline } from '../../../core/deadline.js';
import { messageOf } from '../../../core/error.js';
import { wireError } from '../protocol/error-codes.js';
import { isAuthError, type KafkaSecurity } from '../protocol/security.js';
import { type GuardedKafka, openGuardedKafka } from './guarded-kafkajs.js';

/** How a send ended. `failed` is proven not written; of `unknown` nothing is known. */
export type SendOutcome = { state: 'acknowledged' } | { state: 'failed' | 'unknown'; reason: string };

export interface OutgoingRecord {
  key: string;
  value: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
}

export interface PartitionProducerOptions {
  brokers: readonly string[];
  clientId: string;
  topic: string;
  partition: number;
  /** Milliseconds for one request. kafkajs repeats it, with the same sequence numbers, until the send's deadline. */
  requestMs: number;
  /** Milliseconds for one send, all repeats included. */
  sendMs: number;
  security?: KafkaSecurity | undefined;
}

/** Answers with which a broker says that it has not appended the batch. */
const REFUSALS = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'NOT_ENOUGH_REPLICAS',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'POLICY_VIOLATION',
]);

/**
 * An idempotent kafkajs producer for one partition, one send at a time. More would be unsafe, by its source
 * (producer/sendMessages.js):
 * - it rolls its sequence back after a failed request, so whatever it sends next carries the numbers of a batch that
 *   may have been written; the broker then acknowledges it as a duplicate without writing it. Hence one send in
 *   flight, and a new producer (a new producer id) after each send that was not acknowledged;
 * - a send to several partitions that is retried after a leader moved drops the moved partition and still succeeds.
 */
export class PartitionProducer {
  readonly #options: PartitionProducerOptions;
  #live: { guarded: GuardedKafka; producer: import('kafkajs').Producer } | undefined;

  constructor(options: PartitionProducerOptions) {
    this.#options = options;
  }

  /**
   * Connects if needed. @throws FlinchError KAFKA_WIRE, KAFKA_AUTH, with the client ended; the signal's reason.
   */
  async connect(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#live) return;
    const { brokers, clientId, requestMs, sendMs, security } = this.#options;
    const guarded = await openGuardedKafka({ brokers, clientId, requestMs, awayMs: sendMs, security });
    const producer = guarded.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Old metadata would keep it at a frozen leader: a timeout alone does not make kafkajs look for a new one.
      metadataMaxAge: 2000,
      retry: { retries: Number.MAX_SAFE_INTEGER, initialRetryTime: 100, maxRetryTime: 500 },
    });
    try {
      const connect = () => guarded.unlessRefused(producer.connect());
      await withDeadline(`connecting the producer to ${brokers.join(', ')}`, ms, connect, signal);
      this.#live = { guarded, producer };
    } catch (error) {
      guarded.end();
      signal?.throwIfAborted();
      if (isAuthError(error)) throw error;
      const on = `brokers ${brokers.join(', ')}`;
      throw wireError(`the producer could not connect: ${messageOf(error)}`, on, 'check that the brokers run', error);
    }
  }

  /** Sends one batch and says how it ended; never throws. An abort ends the send early, as failed or unknown. */
  async send(records: readonly OutgoingRecord[], signal?: AbortSignal): Promise<SendOutcome> {
    const { topic, partition, sendMs } = this.#options;
    const live = this.#live;
    if (!live) return { state: 'failed', reason: 'the producer is not connected' };
    const before = live.guarded.produceRequests();
    try {
      const messages = records.map(({ key, value, timestamp }) => ({
        key,
        value,
        timestamp: String(timestamp),
        partition,
      }));
      const what = `sending to ${topic}-${partition}`;
      const sent = live.producer.send({ topic, messages, acks: -1, timeout: sendMs });
      const answers = await withDeadline(what, sendMs, () => sent, signal);
      const answer = answers.find((entry) => entry.partition === partition);
      if (answer?.errorCode === 0) return { state: 'acknowledged' };
      this.end();
      return { state: 'unknown', reason: 'the answer does not name the partition' };
    } catch (error) {
      this.end();
      const requests = live.guarded.produceRequests() - before;
      const refused = requests === 1 && REFUSALS.has(typeOf(error) ?? '');
      const reason = messageOf(live.guarded.refusal() ?? error);
      return { state: requests === 0 || refused ? 'failed' : 'unknown', reason };
    }
  }

  get connected(): boolean {
    return this.#live !== undefined;
  }

  /** Ends the client; what was not yet handed to a socket is never sent. */
  end(): void {
    this.#live?.guarded.end();
    this.#live = undefined;
  }
}

/** kafkajs' name of a broker's error, also inside the errors it wraps. */
function typeOf(error: unknown): string | undefined {
  for (let at = error as { type?: string; cause?: unknown } | undefined; at; at = at.cause as typeof at) {
    if (typeof at.type === 'string') return at.type;
  }
  return undefined;
}
