import { connect, type Socket } from 'node:net';
import type { Kafka } from 'kafkajs';

/** A kafkajs client that can be ended for good. */
export interface GuardedKafka {
  kafka: Kafka;
  /** Produce requests handed to a socket so far. */
  produceRequests(): number;
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
}

const PRODUCE = 0;
const RETRY_PAUSE = 300;

/**
 * kafkajs goes on retrying in the background after its caller has given up, and reconnects after disconnect(): a
 * record could be written long after it was called unknown. Here every socket is ours, so that giving up is final.
 */
export async function openGuardedKafka(options: GuardedKafkaOptions): Promise<GuardedKafka> {
  const { Kafka: KafkaClient, logLevel } = await import('kafkajs').then((module) => module.default ?? module);
  const sockets = new Set<Socket>();
  let produceRequests = 0;
  let ended = false;
  const kafka = new KafkaClient({
    brokers: [...options.brokers],
    clientId: options.clientId,
    requestTimeout: options.requestMs,
    connectionTimeout: options.requestMs,
    enforceRequestTimeout: true,
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
      const socket = connect({ host, port, noDelay: true }, onConnect);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
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
    end: () => {
      ended = true;
      for (const socket of sockets) socket.destroy(new Error('the client was ended'));
    },
  };
}
