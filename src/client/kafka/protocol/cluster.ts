import { type Clock, systemClock } from '../../../core/clock.js';
import { FlinchError, messageOf } from '../../../core/error.js';
import { type MetadataResponse, metadata } from '../apis/metadata.js';
import { BrokerConnection } from './connection.js';
import { errorName, isPassing, tellingOf, wireError } from './error-codes.js';
import { isAuthError, type KafkaSecurity } from './security.js';
import { whyClosed } from './why-closed.js';

export interface KafkaOptions {
  /** host:port of one or more brokers. */
  brokers: readonly string[];
  clientId: string;
  /**
   * Milliseconds an operation may take in all; for reading, how long a partition may stand still. A single request
   * gets at most `callMs`.
   */
  deadlineMs: number;
  /** Milliseconds for one request; 3000 unless told. */
  callMs?: number;
  /** Milliseconds between two tries; 100 unless told. */
  pauseMs?: number;
  signal?: AbortSignal;
  clock?: Clock;
  /** TLS and SASL; plaintext and nobody unless told. */
  security?: KafkaSecurity;
}

interface Address {
  host: string;
  port: number;
}

export interface TopicLayout {
  /** Partition to leader's node id. */
  leaders: Map<number, number>;
  /** Partition to the epoch of its leadership; rises with each election. */
  epochs: Map<number, number>;
}

/** The brokers, one connection to each, and who leads which partition. Repeats what passes until its deadline. */
export class KafkaCluster {
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly callMs: number;
  readonly pauseMs: number;
  readonly signal: AbortSignal | undefined;
  readonly #clientId: string;
  readonly #security: KafkaSecurity | undefined;
  readonly #bootstrap: Address[];
  readonly #nodes = new Map<number, Address>();
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  readonly #refusals = new Map<string, { error: FlinchError; at: number }>();
  #answered: Address | undefined;
  #closed = false;

  constructor({
    brokers,
    clientId,
    deadlineMs,
    callMs = 3000,
    pauseMs = 100,
    signal,
    clock = systemClock,
    security,
  }: KafkaOptions) {
    this.#bootstrap = brokers.map(parseAddress);
    this.#clientId = clientId;
    this.deadlineMs = deadlineMs;
    this.callMs = Math.min(callMs, deadlineMs);
    this.pauseMs = pauseMs;
    this.signal = signal;
    this.clock = clock;
    this.#security = security;
  }

  /** The connection to a node of the last metadata. @throws FlinchError KAFKA_WIRE */
  node(id: number): Promise<BrokerConnection> {
    const address = this.#nodes.get(id);
    if (!address) return Promise.reject(wireError(`broker ${id} is not in the metadata`, this.#names()));
    return this.#connect(address);
  }

  /**
   * The topic's partitions and leaders as a broker has them now, waiting until each partition has a leader.
   * @throws FlinchError KAFKA_WIRE when no broker gave such an answer within the deadline.
   */
  layout(topic: string): Promise<TopicLayout> {
    return this.retry(`the metadata of topic ${topic}`, async () => {
      const answer = await this.look(topic);
      const found = answer.topics.find(({ name }) => name === topic);
      if (!found) throw wireError('the broker left the topic out of its metadata', `topic ${topic}`);
      if (found.error !== 0) {
        const error = wireError(
          `Metadata answered ${errorName(found.error)}`,
          `topic ${topic}`,
          'check that the topic exists',
        );
        throw isPassing(found.error) ? error : new Final(error);
      }
      const headless = found.partitions.filter(({ leader }) => leader < 0).map(({ partition }) => partition);
      if (headless.length > 0 || found.partitions.length === 0) {
        throw wireError(
          `partitions without a leader: ${headless.join(', ')}`,
          `topic ${topic}`,
          'check that the brokers run',
        );
      }
      for (const { leader } of found.partitions) this.#throwIfRefused(leader);
      const sorted = found.partitions.sort((a, b) => a.partition - b.partition);
      return {
        leaders: new Map(sorted.map(({ partition, leader }) => [partition, leader])),
        epochs: new Map(sorted.map(({ partition, leaderEpoch }) => [partition, leaderEpoch])),
      };
    });
  }

  /** The topic's metadata as one broker has it now, waiting for nothing. @throws FlinchError KAFKA_WIRE */
  async look(topic: string): Promise<MetadataResponse> {
    const answer = await this.#ask(topic);
    for (const { node, host, port } of answer.brokers) this.#nodes.set(node, { host, port });
    return answer;
  }

  /**
   * Runs `attempt` until it succeeds or the deadline is over; errors of kind KAFKA_WIRE pass, unless wrapped in Final.
   * @throws FlinchError KAFKA_WIRE naming the last error; the signal's reason.
   */
  async retry<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    const until = this.clock.mono() + this.deadlineMs;
    for (;;) {
      this.signal?.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof Final) throw error.error;
        if (!(error instanceof FlinchError && error.code === 'KAFKA_WIRE') || this.#closed) throw error;
        if (this.clock.mono() + this.pauseMs >= until) {
          throw wireError(
            `${what} could not be had within ${this.deadlineMs} ms: ${messageOf(error)}`,
            this.#names(),
            undefined,
            error,
          );
        }
      }
      await this.clock.sleep(this.pauseMs, this.signal);
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    for (const opening of this.#connections.values()) {
      opening.then(
        (connection) => connection.close(),
        () => {},
      );
    }
    this.#connections.clear();
  }

  /** Asks each known broker in turn: the one that answered last, then those of the last metadata. */
  async #ask(topic: string): Promise<MetadataResponse> {
    const addresses = new Map<string, Address>();
    const known = [...this.#nodes.values(), ...this.#bootstrap];
    // A frozen broker would otherwise cost its whole time at each look.
    if (this.#answered) known.unshift(this.#answered);
    for (const address of known) addresses.set(key(address), address);
    const failed: unknown[] = [];
    for (const address of addresses.values()) {
      try {
        const connection = await this.#connect(address);
        const answer = await connection.call(metadata, { topics: [topic] }, { ms: this.callMs, signal: this.signal });
        this.#answered = address;
        return answer;
      } catch (error) {
        this.#answered = undefined;
        this.signal?.throwIfAborted();
        const reason = (await this.#demand(address)) ?? error;
        // Another broker that merely cannot be reached must not hide it.
        if (isAuthError(reason)) throw reason;
        failed.push(reason);
      }
    }
    throw tellingOf(failed) ?? wireError('no broker was given', 'the cluster');
  }

  /** What a broker may want that never answered and was spoken to without SASL. */
  async #demand(address: Address): Promise<FlinchError | undefined> {
    if (this.#security?.sasl || this.#nodes.size > 0) return undefined;
    const connection = await this.#connections.get(key(address))?.catch(() => undefined);
    if (!connection?.closed) return undefined;
    const options = { clientId: this.#clientId, ms: this.callMs, signal: this.signal, security: this.#security };
    return whyClosed(address, options);
  }

  /** Whoever found a leader refusing us asks for the layout next, as for any trouble: this one does not pass. */
  #throwIfRefused(leader: number): void {
    const address = this.#nodes.get(leader);
    const refusal = address && this.#refusals.get(key(address));
    if (refusal && this.clock.mono() - refusal.at <= this.callMs) throw refusal.error;
  }

  async #connect(address: Address): Promise<BrokerConnection> {
    if (this.#closed) throw wireError('the reader was closed', this.#names());
    const known = this.#connections.get(key(address));
    if (known !== undefined) {
      const connection = await known;
      if (!connection.closed) return connection;
      if (this.#connections.get(key(address)) !== known) return this.#connect(address);
    }
    const opening = BrokerConnection.open(address, {
      clientId: this.#clientId,
      ms: this.callMs,
      signal: this.signal,
      security: this.#security,
      clock: this.clock,
    });
    this.#connections.set(key(address), opening);
    try {
      const connection = await opening;
      // close() may have come while the connection was being opened.
      if (this.#closed) connection.close();
      this.#refusals.delete(key(address));
      return connection;
    } catch (error) {
      if (isAuthError(error)) this.#refusals.set(key(address), { error, at: this.clock.mono() });
      if (this.#connections.get(key(address)) === opening) this.#connections.delete(key(address));
      throw error;
    }
  }

  #names(): string {
    return `brokers ${this.#bootstrap.map(key).join(', ')}`;
  }
}

/** Wraps an error that trying again cannot cure. */
export class Final extends Error {
  readonly error: FlinchError;
  constructor(error: FlinchError) {
    super(error.message);
    this.error = error;
  }
}

const key = ({ host, port }: Address) => `${host}:${port}`;

/** @throws FlinchError KAFKA_WIRE when it is not host:port. */
export function parseAddress(text: string): Address {
  const match = /^\[?([^\]]+?)\]?:(\d+)$/.exec(text);
  if (!match)
    throw new FlinchError('KAFKA_WIRE', { what: `"${text}" is not host:port`, todo: 'give brokers as host:port' });
  return { host: match[1] as string, port: Number(match[2]) };
}
