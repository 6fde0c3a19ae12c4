import { createHash } from 'node:crypto';
import { fill } from './fill.js';

/** Somebody else's data: orders as JSON with a UUID deep inside, and the same ones enriched, in another order of fields. */
export const orderId = (n: number): string => {
  const hex = createHash('md5').update(`order ${n}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
export const sourceOrder = (n: number): string =>
  `{"type":"${n % 10 === 9 ? 'heartbeat' : 'order'}","order":{"lines":[{"sku":"a\\"b","n":${n % 7}}],"id":"${orderId(n)}"},"at":${1_700_000_000_000 + n}}`;
export const sinkOrder = (n: number): string =>
  `{"orderId":"${orderId(n).toUpperCase()}","total":${n % 1000}.50,"meta":{"job":"enrich","order":{"id":"not this one"}}}`;

export interface Harm {
  lost: ReadonlySet<number>;
  /** Times that an order comes out, where not once. */
  repeated: ReadonlyMap<number, number>;
  /** Orders that come out and never went in: numbers from `count` on. */
  invented: number;
  /** Heartbeats, which the job should drop, that come out. */
  leaked: ReadonlySet<number>;
}

/** Writes `count` orders over `partitions`, in turn. */
export const writeSource = (brokers: readonly string[], topic: string, partitions: number, count: number) =>
  fill({ brokers, topic, partitions }, (partition, n) => {
    const at = n * partitions + partition;
    return at < count ? sourceOrder(at) : undefined;
  });

/** Writes what a job would make of them, with the harm done. */
export function writeSink(brokers: readonly string[], topic: string, partitions: number, count: number, harm: Harm) {
  const out: number[] = [];
  for (let n = 0; n < count + harm.invented; n++) {
    const heartbeat = n < count && n % 10 === 9;
    if (harm.lost.has(n) || (heartbeat && !harm.leaked.has(n))) continue;
    for (let i = 0; i < (harm.repeated.get(n) ?? 1); i++) out.push(n);
  }
  return fill({ brokers, topic, partitions }, (partition, n) => {
    const at = out[n * partitions + partition];
    return at === undefined ? undefined : sinkOrder(at);
  });
}
