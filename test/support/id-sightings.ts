import type { openIdTally } from '../../src/reconcile/ids/id-tally.js';
import type { Place, Side } from '../../src/reconcile/ids/sighting.js';
import type { PlaceName, Tallied } from '../../src/reconcile/ids/tallied.js';

/** One record as a reader would hand it over. */
export interface Seen extends Place {
  side: Side;
  id: Buffer;
}

/** What a tally hands over, kept. Ids in hex. */
export interface KeptId {
  id: string;
  source: number;
  filtered: number;
  around: number;
  sink: number;
  earlier: number;
  uncommitted: number;
  places: Partial<Record<PlaceName, Place>>;
}

/** Numbers from 0 to below 1 that a seed determines (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sightings of ids of 0 to `longest` bytes on `sides` sides, many alike but for a byte, with times that collide. */
export function sightings(seed: number, ids: number, records: number, longest: number, sides = 6): Seen[] {
  const random = randomFrom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const stem = Buffer.alloc(longest, 'id');
  const pool = Array.from({ length: ids }, (_, i) => {
    const id = Buffer.from(stem.subarray(0, below(longest + 1)));
    if (id.length > 0) id[below(id.length)] = below(256);
    if (id.length > 1) id[id.length - 1] = i;
    return id;
  });
  const offsets = Array.from({ length: 8 }, () => 0);
  return Array.from({ length: records }, () => {
    const partition = below(3);
    offsets[partition]! += 1 + below(3);
    const side = below(sides) as Side;
    const offset = offsets[partition]! + (partition === 2 ? 2 ** 40 : 0);
    return { side, id: pool[below(ids)]!, partition, offset, timestamp: below(40) - 1 };
  });
}

const byTime = (a: Place, b: Place): number =>
  a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset;

/** The same by the plainest means: a Map of lists, sorted. */
export function modelOf(seen: readonly Seen[]): KeptId[] {
  const lists = new Map<string, Seen[]>();
  for (const one of seen) {
    const id = one.id.toString('hex');
    lists.set(id, [...(lists.get(id) ?? []), one]);
  }
  return [...lists].map(([id, list]) => {
    const on = (side: number): Place[] =>
      list
        .filter((one) => one.side === side)
        .sort(byTime)
        .map(({ partition, offset, timestamp }) => ({ partition, offset, timestamp }));
    const [source, filtered, sink, uncommitted] = [on(0), on(1), on(2), on(3)] as [Place[], Place[], Place[], Place[]];
    const [around, earlier] = [on(4), on(5)] as [Place[], Place[]];
    const found = {
      source: source[0] ?? around[0] ?? filtered[0],
      sink: sink[0],
      repeat: sink.length > 1 ? sink.at(-1) : undefined,
      uncommitted: uncommitted[0],
    };
    const places = Object.fromEntries(Object.entries(found).filter(([, place]) => place)) as KeptId['places'];
    const counts = { source: source.length, filtered: filtered.length, around: around.length };
    const sinks = { sink: sink.length, earlier: earlier.length };
    return { id, ...counts, ...sinks, uncommitted: uncommitted.length, places };
  });
}

export function keep(tallied: Tallied): KeptId {
  const places: KeptId['places'] = {};
  for (const name of ['source', 'sink', 'repeat', 'uncommitted'] as const) {
    const place = tallied.place(name);
    if (place) places[name] = place;
  }
  const { source, filtered, around, sink, earlier, uncommitted } = tallied;
  return { id: tallied.id().toString('hex'), source, filtered, around, sink, earlier, uncommitted, places };
}

export const sortedById = (kept: readonly KeptId[]): KeptId[] =>
  [...kept].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

export type Tally = ReturnType<typeof openIdTally>;

/** Adds records as windows on one larger buffer, as a fetch would. */
export function addAll(tally: Tally, seen: readonly Seen[]): void {
  const buffer = Buffer.concat([Buffer.from('x'), ...seen.map(({ id }) => id)]);
  let at = 1;
  for (const { side, id, partition, offset, timestamp } of seen) {
    tally.add(side, buffer, at, at + id.length, partition, offset, timestamp);
    at += id.length;
  }
}

export async function finishAll(tally: Tally): Promise<KeptId[]> {
  const kept: KeptId[] = [];
  await tally.finish((tallied) => kept.push(keep(tallied)));
  return kept;
}
