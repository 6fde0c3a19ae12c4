import type { Extent } from '../../core/extent.js';
import type { Tallied } from '../ids/tallied.js';
import type { MultisetBalance } from '../multiset-balance.js';
import { readSide, type TopicSide } from '../topic-side.js';
import type { WindowPart } from './window.js';

/** Ids of the sink without a source record that are looked for further back. */
const MOST = 100_000;

interface Stranger {
  /** Records at the sink within the window. */
  sink: number;
  /** Its source record was found, and whether the filter lets it pass. */
  found?: 'passes' | 'filtered';
}

/** Ids that the sink has within the window, and the source not since it began to be read. */
export class Strangers {
  readonly ids = new Map<string, Stranger>();
  /** Records of those that are too many to be looked for. */
  beyond = 0;

  add(tallied: Tallied): void {
    const { source, around, sink } = tallied;
    if (sink === 0 || source + around > 0) return;
    if (this.ids.size < MOST) this.ids.set(tallied.id().toString('latin1'), { sink });
    else this.beyond += sink;
  }
}

/**
 * Looks for strangers among what the source held before the window: were they there, they are repeats of what had come
 * out before, or late. @returns why it is not certain that the others never were there
 */
export async function lookFurtherBack(
  strangers: Strangers,
  source: TopicSide,
  parts: readonly WindowPart[],
): Promise<string[]> {
  if (parts.every(({ before }) => before === 0)) return [];
  const now = await source.reader.offsets(source.topic);
  const bounds = now.map((it) => {
    const end = parts.find(({ partition }) => partition === it.partition)?.before ?? 0;
    const ends = { lastStableOffset: end, highWatermark: end };
    return { ...it, earliest: Math.min(it.earliest, end), ...ends };
  });
  const read = await readSide(source, bounds, ({ bytes, start, end }, record, passes) => {
    if (!record.committed) return;
    const stranger = strangers.ids.get(bytes.toString('latin1', start, end));
    if (stranger && stranger.found !== 'passes') stranger.found = passes ? 'passes' : 'filtered';
  });
  const gone = now.find(({ partition, earliest }) => {
    const end = parts.find((part) => part.partition === partition)?.before ?? 0;
    return earliest > 0 && end > 0;
  });
  return [
    ...read.reasons,
    ...(gone
      ? [
          `topic ${source.topic} begins at offset ${gone.earliest} of partition ${gone.partition}: what was before is gone`,
        ]
      : []),
    ...(strangers.beyond > 0 ? [`${strangers.beyond} records are too many to look for their source further back`] : []),
  ];
}

/**
 * The balance with what was found further back.
 * @param certain what was not found was never there
 * @param settled all that was found had come out before the window, so that it came out again
 * @param repeatable a source record may come out any number of times
 */
export function withOlder(
  balance: MultisetBalance,
  { ids, beyond }: Strangers,
  { certain, settled, repeatable }: { certain: boolean; settled: boolean; repeatable: boolean },
): MultisetBalance {
  let [passing, filtered, nowhere] = [0, 0, beyond];
  for (const { sink, found } of ids.values()) {
    if (found === 'passes') passing += sink;
    else if (found === 'filtered') filtered += sink;
    else nowhere += sink;
  }
  const again = repeatable ? 0 : passing;
  const unsure = certain ? 0 : nowhere;
  const { unexpected, duplicated, shouldHaveBeenFiltered: leaked } = balance;
  return {
    ...balance,
    unexpected: moved(unexpected, -passing - unsure, -passing),
    duplicated: moved(duplicated, settled ? again : 0, again + (repeatable ? 0 : unsure)),
    shouldHaveBeenFiltered: certain
      ? moved(leaked, filtered, filtered)
      : { atLeast: 0, atMost: moved(unexpected, 0, -passing).atMost },
    examples: balance.examples.map((it) =>
      ids.get(it.id.toString('latin1'))?.found === 'passes' &&
      (it.problem === 'unexpected' || it.problem === 'shouldHaveBeenFiltered')
        ? { ...it, problem: 'duplicated' as const }
        : it,
    ),
  };
}

const moved = ({ atLeast, atMost }: Extent, low: number, high: number): Extent => ({
  atLeast: Math.max(0, atLeast + low),
  atMost: atMost === null ? null : Math.max(0, atMost + high),
});
