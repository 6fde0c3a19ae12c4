import { withDeadline } from '../../../core/deadline.js';
import { FlinchError } from '../../../core/error.js';
import type { Api } from '../apis/api.js';
import type { MetadataResponse } from '../apis/metadata.js';
import { Final, type KafkaCluster } from './cluster.js';
import { wireError } from './error-codes.js';

/** What is known of one thing asked for. A `final` trouble is one that asking again cannot cure. */
export type Answer<V> = { value: V } | { trouble: FlinchError; final?: boolean };

/**
 * Many things asked of many brokers until a common end: each gets its own answer, and one that cannot be had holds
 * back no other.
 */
export class Rounds {
  readonly cluster: KafkaCluster;
  readonly #until: number;

  /** @param until monotonic milliseconds of the cluster's clock; no call lasts longer */
  constructor(cluster: KafkaCluster, until: number) {
    this.cluster = cluster;
    this.#until = until;
  }

  /**
   * Asks again for what is in passing trouble until each key has its value, a final trouble, or the time is up. A
   * round that throws is in trouble with each of its keys. @throws the signal's reason; a defect.
   */
  async ask<K, V>(
    keys: Iterable<K>,
    round: (pending: readonly K[]) => Promise<ReadonlyMap<K, Answer<V>>>,
  ): Promise<Map<K, Answer<V>>> {
    const { clock, signal, pauseMs } = this.cluster;
    const unasked = { trouble: wireError('there was no time left to ask', 'the cluster') };
    const answers = new Map<K, Answer<V>>();
    for (const key of keys) answers.set(key, unasked);
    for (;;) {
      signal?.throwIfAborted();
      const pending = [...answers].filter(([, answer]) => 'trouble' in answer && !answer.final).map(([key]) => key);
      if (pending.length === 0 || clock.mono() >= this.#until) return answers;
      let heard: ReadonlyMap<K, Answer<V>>;
      try {
        heard = await round(pending);
      } catch (error) {
        const trouble = this.troubleOf(error);
        heard = new Map(pending.map((key) => [key, trouble]));
      }
      let open = false;
      for (const key of pending) {
        const answer = heard.get(key) ?? { trouble: wireError('the answer leaves it out', 'the cluster') };
        const passing = 'trouble' in answer && !answer.final;
        open ||= passing;
        // A round that was cut short by the end has less to tell than the one before it.
        const cut = passing && clock.mono() >= this.#until && answers.get(key) !== unasked;
        if (!cut) answers.set(key, answer);
      }
      if (open) await clock.sleep(Math.min(pauseMs, this.#left()), signal);
    }
  }

  /** One call to a broker of the last metadata. @throws FlinchError KAFKA_WIRE, DEADLINE; Final: it lacks the API. */
  async call<Request, Response>(node: number, api: Api<Request, Response>, request: Request): Promise<Response> {
    const { cluster } = this;
    const what = `connecting to broker ${node}`;
    const connection = await withDeadline(what, this.#callMs(), () => cluster.node(node), cluster.signal);
    if (connection.versionOf(api) !== undefined) {
      return connection.call(api, request, { ms: this.#callMs(), signal: cluster.signal });
    }
    throw new Final(
      wireError(`the broker does not offer ${api.name} in a version known here`, connection.address, 'see its version'),
    );
  }

  /** @throws FlinchError KAFKA_WIRE, DEADLINE */
  metadata(topic: string): Promise<MetadataResponse> {
    const { cluster } = this;
    return withDeadline(`the metadata of topic ${topic}`, this.#left(), () => cluster.look(topic), cluster.signal);
  }

  /** A caught error as the trouble that it is. @throws the signal's reason; what is not an error of talking to Kafka. */
  troubleOf(error: unknown): { trouble: FlinchError; final?: boolean } {
    this.cluster.signal?.throwIfAborted();
    if (error instanceof Final) return { trouble: error.error, final: true };
    if (!(error instanceof FlinchError)) throw error;
    const passes = error.code === 'KAFKA_WIRE' || error.code === 'DEADLINE';
    return { trouble: error, final: !passes || this.cluster.closed };
  }

  #left(): number {
    return Math.max(1, Math.ceil(this.#until - this.cluster.clock.mono()));
  }

  #callMs(): number {
    return Math.min(this.cluster.callMs, this.#left());
  }
}
