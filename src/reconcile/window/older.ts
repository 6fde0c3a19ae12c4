import type { Extent } from '../../core/extent.js';
import type { Tallied } from '../ids/tallied.js';
import type { MultisetBalance } from '../multiset-balance.js';
import { readSide, type TopicSide } from '../topic-side.js';
import type { WindowPart } from './window.js';

/** Ids of the sink without a source record that are looked for further back. */
const MOST = 100_000;

/** How often an id is where: at the sink within the window and before it, and what is found further back. */
interface Stranger {
  within: number;
  before: number;
  /** Whether the source has it in records that the filter drops. */
  filtered: boolean;
  olderSource: number;
  olderFiltered: number;
  olderSink: number;
}

/** Ids that the sink has within the window, and the source not since it began to be read. */
export class Strangers {
  readonly ids = new Map<string, Stranger>();
  /** Records of those that are too many to be looked for. */
  beyond = 0;

  add(tallied: Tallied): void {
    const { source, around, sink: within, earlier: before } = tallied;
    const filtered = tallied.filtered > 0;
    if (within === 0 || source + around > 0) return;
    const none = { olderSource: 0, olderFiltered: 0, olderSink: 0 };
    if (this.ids.size < MOST) this.ids.set(tallied.id().toString('latin1'), { within, before, filtered, ...none });
    else this.beyond += within;
  }
}

/**
 * Looks for strangers among what both topics held before the window: late records are there at the source, and repeats
 * at the sink as well. @returns why what is found is not all that there was; empty when it is
 */
export async function lookFurtherBack(
  strangers: Strangers,
  source: TopicSide,
  sink: TopicSide,
  parts: { source: readonly WindowPart[]; sink: readonly WindowPart[] },
): Promise<string[]> {
  const count =
    (of: (stranger: Stranger, passes: boolean) => void): Parameters<typeof readSide>[2] =>
    ({ bytes, start, end }, record, passes) => {
      const stranger = record.committed && strangers.ids.get(bytes.toString('latin1', start, end));
      if (stranger) of(stranger, passes);
    };
  const doubts = await olderOf(
    source,
    parts.source,
    count((it, passes) => void (passes ? it.olderSource++ : it.olderFiltered++)),
  );
  // Only what was at the source can be there twice.
  if ([...strangers.ids.values()].some(({ olderSource }) => olderSource > 0)) {
    doubts.push(
      ...(await olderOf(
        sink,
        parts.sink,
        count((it) => void it.olderSink++),
      )),
    );
  }
  if (strangers.beyond > 0) doubts.push(`${strangers.beyond} records are too many to look for further back`);
  return doubts;
}

/** Reads what a topic held before it began to be read. @returns why that is not all */
async function olderOf(side: TopicSide, parts: readonly WindowPart[], onRecord: Parameters<typeof readSide>[2]) {
  if (parts.every(({ before }) => before === 0)) return [];
  const bounds = (await side.reader.offsets(side.topic)).map((it) => {
    const end = parts.find(({ partition }) => partition === it.partition)?.before ?? 0;
    return { ...it, earliest: Math.min(it.earliest, end), lastStableOffset: end, highWatermark: end };
  });
  const { reasons } = await readSide(side, bounds, onRecord);
  const gone = bounds.find(({ earliest }) => earliest > 0);
  return [
    ...reasons,
    ...(gone ? [`topic ${side.topic} begins at offset ${gone.earliest} of partition ${gone.partition}`] : []),
  ];
}

/**
 * The balance with what was found further back.
 * @param certain what was found is all that there was
 * @param most how often a source record may come out
 */
export function withOlder(
  balance: MultisetBalance,
  { ids, beyond }: Strangers,
  { certain, most }: { certain: boolean; most: number },
): MultisetBalance {
  let [known, nowhere, repeated, maybeRepeated, leaked] = [0, beyond, 0, certain ? 0 : beyond, 0];
  const repeats = new Set<string>();
  for (const [id, { within, before, filtered, olderSource, olderFiltered, olderSink }] of ids) {
    const extra = olderSource === 0 ? 0 : within + before + olderSink - olderSource * most;
    const again = Math.max(0, Math.min(within, extra));
    if (olderSource > 0) known += within;
    else nowhere += within;
    if (filtered && olderSource > 0) leaked -= within;
    if (!filtered && olderSource === 0 && olderFiltered > 0) leaked += within;
    repeated += again;
    maybeRepeated += certain ? again : within;
    if (certain && again > 0) repeats.add(id);
  }
  const { unexpected, duplicated, shouldHaveBeenFiltered } = balance;
  const repeatable = most === Number.POSITIVE_INFINITY;
  return {
    ...balance,
    unexpected: moved(unexpected, -known - (certain ? 0 : nowhere), -known),
    duplicated: moved(duplicated, certain ? repeated : 0, repeatable ? 0 : maybeRepeated),
    shouldHaveBeenFiltered: certain
      ? moved(shouldHaveBeenFiltered, leaked, leaked)
      : { atLeast: 0, atMost: moved(unexpected, 0, -known).atMost },
    examples: balance.examples.flatMap((it) => {
      const id = it.id.toString('latin1');
      if (it.problem !== 'unexpected' && it.problem !== 'shouldHaveBeenFiltered') return [it];
      if (repeats.has(id)) return [{ ...it, problem: 'duplicated' as const }];
      return (ids.get(id)?.olderSource ?? 0) > 0 ? [] : [it];
    }),
  };
}

const moved = ({ atLeast, atMost }: Extent, low: number, high: number): Extent => ({
  atLeast: Math.max(0, atLeast + low),
  atMost: atMost === null ? null : Math.max(0, atMost + high),
});
