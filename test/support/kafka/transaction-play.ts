import type { Kafka, Producer, ProducerConfig, Transaction } from 'kafkajs';
import { type Random, random } from './random.js';

/** What became of a transaction. `unknown`: its end was asked for and the answer did not come. */
export type Fate = 'committed' | 'aborted' | 'open' | 'unknown' | 'plain';

export interface Written {
  partition: number;
  value: string;
  transaction: number;
}

/** What a naive observer knows of one topic: every record that was acknowledged, and how its transaction ended. */
export interface Played {
  topic: string;
  written: Written[];
  fates: Map<number, Fate>;
}

export interface Troupe {
  /** Plays a seeded history of overlapping transactions into a topic. */
  play(topic: string, partitions: number, seed: number): Promise<Played>;
  /** Connections of the producers whose transactions stay open. */
  end(): Promise<void>;
}

/** For what has to get through however long a broker takes to start: on a busy machine minutes. */
const PATIENT = { retries: 500, initialRetryTime: 100, maxRetryTime: 500 };

/** How long a transaction that is left open stays so. */
const OPEN_MS = 600_000;

/**
 * Several transactional producers, and a plain one, that write side by side into one topic after another. Kept to
 * kafkajs' rule: one transaction of a producer at a time.
 */
export async function openTroupe(kafka: Kafka, name: string, size: number): Promise<Troupe> {
  const opened: Producer[] = [];
  const common = { idempotent: true, maxInFlightRequests: 1 };
  const connected = async (producer: Producer): Promise<Producer> => {
    opened.push(producer);
    await producer.connect();
    return producer;
  };
  /** kafkajs asks for a producer's id once where the connection is reset: a broker that goes, and not one that is away. */
  const joined = async (own: ProducerConfig): Promise<Producer> => {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        return await connected(kafka.producer(own));
      } catch {
        // It has tried for 20 s, or a broker went in the middle.
      }
    }
    return connected(kafka.producer(own));
  };
  /** One whose sends fail while a broker is away, which makes histories hard; it gets there all the same. */
  const join = (transactionalId: string): Promise<Producer> =>
    joined({ ...common, transactionalId, transactionTimeout: OPEN_MS });
  const stay = (transactionalId: string): Promise<Producer> =>
    joined({ ...common, transactionalId, transactionTimeout: OPEN_MS, retry: PATIENT });
  const cast = await Promise.all(Array.from({ length: size }, (_, i) => join(`${name}-${i}-0`)));
  const plain = await joined({ ...common, retry: PATIENT });
  let strangers = 0;

  return {
    play: async (topic, partitions, seed) => {
      const dice = random(seed);
      const played: Played = { topic, written: [], fates: new Map() };
      const live = new Map<Producer, { id: number; transaction: Transaction; broken: boolean }>();
      let ids = 0;
      let records = 0;
      // One partition a send: kafkajs calls a send to several acknowledged, though it dropped some of it, when a leader
      // moves to a broker that has answered already.
      const messages = (id: number) => {
        const partition = dice.upTo(partitions);
        return Array.from({ length: dice.upTo(3) + 1 }, () => ({ partition, value: `${topic} t${id} r${records++}` }));
      };
      /** One that is stuck in its own state machine: another of the same id ends whatever it left open. */
      const recast = async (producer: Producer) => {
        const index = cast.indexOf(producer);
        cast[index] = await join(`${name}-${index}-0`);
      };
      const finish = async (producer: Producer, commit: boolean) => {
        const act = live.get(producer);
        if (!act) return;
        live.delete(producer);
        try {
          // A send whose answer did not come may or may not be in the log: such a transaction can only be aborted.
          if (commit && !act.broken) await act.transaction.commit();
          else await act.transaction.abort();
          played.fates.set(act.id, commit && !act.broken ? 'committed' : 'aborted');
        } catch {
          played.fates.set(act.id, 'unknown');
          await recast(producer);
        }
      };
      const step = async (dice: Random) => {
        if (dice.upTo(8) === 0) {
          const id = ids++;
          const sent = messages(id);
          played.fates.set(id, 'plain');
          await plain.send({ topic, messages: sent, acks: -1 });
          for (const { partition, value } of sent) played.written.push({ partition, value, transaction: id });
          return;
        }
        const producer = cast[dice.upTo(cast.length)] as Producer;
        const act = live.get(producer);
        if (!act) {
          const transaction = await producer.transaction().catch(() => recast(producer));
          if (transaction) live.set(producer, { id: ids++, transaction, broken: false });
          return;
        }
        if (dice.upTo(3) === 0) return finish(producer, dice.upTo(2) === 0);
        await speak(act);
      };
      const speak = async (act: { id: number; transaction: Transaction; broken: boolean }) => {
        const sent = messages(act.id);
        try {
          await act.transaction.send({ topic, messages: sent, acks: -1 });
          for (const { partition, value } of sent) played.written.push({ partition, value, transaction: act.id });
        } catch {
          act.broken = true;
        }
      };
      for (let i = 0; i < 18; i++) {
        await step(dice);
        // One in five topics gets a transaction that nobody ends, somewhere in the middle.
        if (i === 9 && seed % 5 === 0) {
          const stranger = await stay(`${name}-left-open-${strangers++}`);
          const act = { id: ids++, transaction: await stranger.transaction(), broken: false };
          await speak(act);
          played.fates.set(act.id, 'open');
        }
      }
      for (const producer of [...live.keys()]) await finish(producer, dice.upTo(2) === 0);
      return played;
    },
    end: async () => {
      await Promise.allSettled(opened.map((producer) => producer.disconnect()));
    },
  };
}
