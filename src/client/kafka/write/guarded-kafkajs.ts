import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Kafka } from 'kafkajs';
import type { FlinchError } from '../../../core/error.js';
import { parseAddress } from '../protocol/cluster.js';
import { isAuthError, type KafkaSecurity } from '../protocol/security.js';
import { connectTls } from '../protocol/tls.js';
import { whyClosed } from '../protocol/why-closed.js';
import { kafkajsSasl, maybeRefused, REAUTHENTICATION_THRESHOLD } from './kafkajs-sasl.js';

/** A kafkajs client that can be ended for good. */
export interface GuardedKafka {
  kafka: Kafka;
  /** Produce requests handed to a socket so far. */
  produceRequests(): number;
  /**
   * `work`, but ended at once, with KAFKA_AUTH, when a broker refuses us or we refuse it: kafkajs would go on trying.
   */
  unlessRefused<T>(work: Promise<T>): Promise<T>;
  /** Why the client was ended, when it was by a refusal. */
  refusal(): FlinchError | undefined;
  /** Destroys every socket; nothing is sent from then on and no retry goes on. */
  end(): void;
}

export interface GuardedKafkaOptions {
  brokers: readonly string[];
  clientId: string;
  /** Milliseconds for one request of kafkajs; its own retries come on top. */
  requestMs: number;
  /** Milliseconds that kafkajs goes on trying to reach a broker that is away. */
  awayMs: number;
  security?: KafkaSecurity | undefined;
}

const PRODUCE = 0;
const RETRY_PAUSE = 300;

/**
 * kafkajs goes on retrying in the background after its caller has given up, and reconnects after disconnect(): a
 * record could be written long after it was called unknown. Here every socket is ours, so that giving up is final.
 */
export async function openGuardedKafka(options: GuardedKafkaOptions): Promise<GuardedKafka> {
  const { Kafka: KafkaClient, logLevel } = await import('kafkajs').then((module) => module.default ?? module);
  const { clientId, requestMs, security } = options;
  const { tls, sasl } = security ?? {};
  const sockets = new Set<Socket>();
  let produceRequests = 0;
  let ended = false;
  let content = false;
  let looking = false;
  let refused: FlinchError | undefined;
  const refusal = new EventEmitter();
  const over = new AbortController();
  const end = () => {
    ended = true;
    over.abort();
    for (const socket of sockets) socket.destroy(new Error('the client was ended'));
  };
  const refuse = (error: FlinchError) => {
    refused ??= error;
    end();
    refusal.emit('refused');
  };

  function open(peer: { host: string; port: number }): Socket {
    if (!tls) return connect({ ...peer, noDelay: true });
    try {
      return connectTls(peer, tls);
    } catch (error) {
      if (isAuthError(error)) refuse(error);
      throw error;
    }
  }

  /** kafkajs takes whatever closes a connection for something that passes. */
  async function lookWhy(peer: { host: string; port: number }): Promise<void> {
    if (ended || content || looking) return;
    looking = true;
    const final = await whyClosed(peer, { clientId, ms: requestMs, security, signal: over.signal });
    looking = false;
    if (final && !content) refuse(final);
  }

  const kafka = new KafkaClient({
    brokers: [...options.brokers],
    clientId,
    requestTimeout: requestMs,
    connectionTimeout: requestMs,
    enforceRequestTimeout: true,
    ...(sasl ? { sasl: kafkajsSasl(sasl, refuse), reauthenticationThreshold: REAUTHENTICATION_THRESHOLD } : {}),
    // These bound how long kafkajs tries to reconnect; the producer's own retries are set where it is created.
    retry: {
      initialRetryTime: RETRY_PAUSE,
      maxRetryTime: RETRY_PAUSE,
      multiplier: 1,
      factor: 0,
      retries: Math.max(1, Math.ceil(options.awayMs / RETRY_PAUSE)),
    },
    socketFactory: ({ host, port, onConnect }) => {
      if (ended) throw new Error('the client was ended');
      const socket = open({ host, port });
      socket.once(tls ? 'secureConnect' : 'connect', onConnect);
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        void lookWhy({ host, port });
      });
      const write = socket.write.bind(socket) as (data: Buffer, encoding?: BufferEncoding) => boolean;
      socket.write = ((data: Buffer, encoding?: BufferEncoding) => {
        if (ended) return false;
        if (data.length >= 6 && data.readInt16BE(4) === PRODUCE) produceRequests++;
        return write(data, encoding);
      }) as typeof socket.write;
      return socket;
    },
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => {
      // The only way into the retry loops of kafkajs: both log inside them, and a non-retriable throw ends them.
      const retrying = entry.namespace === 'Producer' || entry.namespace === 'BrokerPool';
      if (ended && retrying) throw Object.assign(new Error('the client was ended'), { retriable: false });
    },
  });
  return {
    kafka,
    produceRequests: () => produceRequests,
    unlessRefused: async (work) => {
      const settled = new AbortController();
      const refusing = once(refusal, 'refused', { signal: settled.signal }).then(() => {
        throw refused;
      });
      const failing = work.catch(async (error: unknown) => {
        const why = refused ?? (maybeRefused(error) ? await askOurselves(options) : undefined);
        throw why ?? error;
      });
      try {
        const result = await Promise.race([failing, refusing]);
        content = true;
        return result;
      } finally {
        settled.abort();
      }
    },
    refusal: () => refused,
    end,
  };
}

/** What our own client is told by the first broker that refuses. */
async function askOurselves({ brokers, clientId, requestMs, security }: GuardedKafkaOptions) {
  for (const broker of brokers) {
    const found = await whyClosed(parseAddress(broker), { clientId, ms: requestMs, security });
    if (found) return found;
  }
  return undefined;
}
