import assert from 'node:assert/strict';
import { trials } from '../../support/effort.js';
import { random } from '../../support/kafka/random.js';
import {
  ALL_INVARIANTS,
  type Entry,
  type TotalsStory,
  tellTotals,
  totalOf,
  type Weighing,
  weighTotals,
} from '../../support/totals.js';

const exactly = (n: number) => ({ atLeast: n, atMost: n });
const SEEDS = Array.from({ length: trials(6) }, (_, seed) => seed);
const order = (customer: string, amount: string | number | null = 1, at: number | null = 1): Entry => ({
  key: customer,
  value: `{"type":"order","customer":"${customer}","amount":${amount},"at":${at}}`,
});
const total = (customer: string, orders: number, hundreds: number | null, latest: number | null = 1) =>
  totalOf(customer, { orders, total: hundreds, latest, first: latest });

/** One partition each: what went in and came out before the mark `attached`, up to `begun`, and behind it. */
function storyOf(source: [Entry[], Entry[], Entry[]], sink: [Entry[], Entry[]]): TotalsStory {
  const [before, between] = source;
  const begun = sink[0].length;
  return {
    source: [source.flat()],
    sink: [sink.flat()],
    attached: { source: [before.length], sink: [Math.min(before.length, begun)] },
    begun: { source: [before.length + between.length], sink: [begun] },
  };
}
const clean = (): TotalsStory =>
  storyOf([[order('a')], [order('b')], [order('a')]], [[total('a', 1, 100), total('b', 1, 100)], [total('a', 2, 200)]]);

describe('totals by group against their source', () => {
  it('agrees with a naive model, aborted records, negative numbers and nulls included, however often topics are read', async () => {
    const passes = new Set<number>();
    for (const seed of SEEDS) {
      const story = tellTotals(random(seed));
      for (const budgetBytes of [1024 * 1024, [3000, 6000, 12_000][seed % 3] as number]) {
        const found = await weighTotals(story, { budgetBytes });
        assert.deepEqual([found.wrong, found.reasons, found.examples], [exactly(0), [], []], `seed ${seed}`);
        const known = new Set(story.sink.flat().flatMap(({ key, aborted }) => (aborted ? [] : [key])));
        assert.deepEqual([found.groups, found.sinkGroups], [known.size, known.size]);
        const all = story.source.flat().filter(({ aborted }) => !aborted);
        const orders = all.filter(({ value }) => value?.includes('"order"')).length;
        assert.deepEqual([found.sourceRecords, found.filteredRecords], [orders, all.length - orders]);
        passes.add(found.passes);
      }
    }
    assert.ok(passes.has(1) && Math.max(...passes) >= 5, `${[...passes]}`);
  });

  it('finds a total that was tampered with, and names group, invariant and place', async () => {
    for (const seed of SEEDS) {
      const dice = random(seed + 1000);
      const story = tellTotals(dice);
      const [partition, at] = lastOfWindow(story, dice.upTo(1000)) ?? [-1, -1];
      const entry = story.sink[partition]?.[at];
      if (!entry?.value) continue;
      const kind = (['count', 'sum', 'max', 'min'] as const)[dice.upTo(4)];
      const name = { count: 'orders', sum: 'total', max: 'latest', min: 'first' }[kind ?? 'count'];
      const json = JSON.parse(entry.value) as Record<string, number | null>;
      entry.value = JSON.stringify({ ...json, [name]: json[name] === null ? 0 : (json[name] as number) + 0.01 });
      for (const budgetBytes of [1024 * 1024, 6000]) {
        const found = await weighTotals(story, { budgetBytes });
        assert.deepEqual([found.wrong, found.reasons], [exactly(1), []], `seed ${seed}`);
        const [example, more] = found.examples;
        assert.ok(example && !more);
        assert.equal(example.group.toString(), `"${entry.key}`);
        assert.equal(ALL_INVARIANTS[example.invariant ?? -1]?.kind, kind);
        assert.deepEqual([example.said?.partition, example.said?.offset], [partition, at]);
        assert.deepEqual(
          found.invariants.map(({ spec, wrong }) => [spec.kind, wrong]),
          ALL_INVARIANTS.map((it) => [it.kind, it.kind === kind ? 1 : 0]),
        );
      }
    }
  });

  it('finds a record that never reached its total, and one that reached it twice', async () => {
    for (const seed of SEEDS) {
      const dice = random(seed + 2000);
      const { source, ...rest } = tellTotals(dice);
      const lost = { ...rest, source: source.map((partition) => [...partition]) };
      // The job is the same, but the source has one more, or one less, than it has seen.
      const extra = { ...order('c0', '0.07', 3), key: '' };
      lost.source[0]?.push(extra);
      const { wrong, examples } = await weighTotals(lost);
      assert.deepEqual(wrong, exactly(1), `seed ${seed}`);
      assert.ok(examples.some(({ group, invariant }) => group.toString() === '"c0' && (invariant ?? 0) === 0));
    }
  });

  const cases: [what: string, story: TotalsStory, how: Weighing, expected: object, reason?: RegExp][] = [
    ['nothing wrong', clean(), {}, {}],
    [
      'a group that the sink does not have',
      storyOf([[order('a')], [], [order('b')]], [[total('a', 1, 100)], []]),
      {},
      { wrong: exactly(1) },
    ],
    [
      'a group that the sink has deleted',
      storyOf([[order('a')], [], []], [[total('a', 1, 100)], [{ key: 'a', value: null }]]),
      { identity: 'key' },
      { wrong: exactly(1) },
    ],
    [
      'a deletion that cannot be told whose it is',
      storyOf([[order('a')], [], []], [[total('a', 1, 100)], [{ key: 'a', value: null }]]),
      {},
      { wrong: { atLeast: 0, atMost: null } },
      /1 records of topic out have no identity: it has no value/,
    ],
    [
      'a source record without a value',
      storyOf([[order('a'), { key: 'a', value: null }], [], []], [[total('a', 1, 100)], []]),
      { identity: 'key', unfiltered: true },
      { wrong: { atLeast: 0, atMost: 1 }, unclear: 1 },
      /the record at partition 0, offset 1 of the source has no value/,
    ],
    [
      'a group that nobody wrote',
      storyOf([[order('a')], [], []], [[total('a', 1, 100)], [total('z', 1, 100)]]),
      {},
      { wrong: exactly(1) },
    ],
    [
      'a group that nobody wrote, with the total of nothing',
      storyOf([[order('a')], [], []], [[total('a', 1, 100)], [total('z', 1, null)]]),
      { invariants: [{ kind: 'sum', source: '/amount', sink: '/total', tolerance: 0 }] },
      { wrong: exactly(1) },
    ],
    [
      'a total that was wrong before anything was broken',
      storyOf([[order('a'), order('a')], [], [order('a')]], [[total('a', 1, 100)], [total('a', 2, 200)]]),
      {},
      { wrong: { atLeast: 0, atMost: null }, before: 1 },
      /1 of 1 groups did not agree with the source before anything was broken/,
    ],
    [
      'a group that was missing before anything was broken',
      storyOf([[order('a'), order('b')], [], []], [[total('a', 1, 100)], [total('b', 1, 100)]]),
      {},
      { wrong: { atLeast: 0, atMost: null }, before: 1 },
      /did not agree/,
    ],
    [
      'a group that nobody had written before anything was broken',
      storyOf([[order('a')], [], [order('b')]], [[total('a', 1, 100), total('b', 1, 100)], []]),
      {},
      { wrong: { atLeast: 0, atMost: null }, before: 1 },
      /did not agree/,
    ],
    [
      'a wrong one beside one that was wrong before: nothing is certain',
      storyOf([[order('a'), order('b')], [], []], [[total('a', 2, 100), total('b', 1, 100)], [total('b', 2, 100)]]),
      {},
      { wrong: { atLeast: 0, atMost: null }, before: 1 },
      /did not agree/,
    ],
    [
      'a group in two partitions of the sink',
      { ...clean(), sink: [clean().sink.flat(), [total('b', 1, 100)]] },
      {},
      { wrong: { atLeast: 0, atMost: 1 }, unclear: 1 },
      /1 groups cannot be judged; of the first of them, it is in partitions 0 and 1 of the sink/,
    ],
    [
      'a source number that is none',
      storyOf([[order('a')], [], [order('b', '"7"')]], [[total('a', 1, 100)], [total('b', 1, 700)]]),
      {},
      { wrong: { atLeast: 0, atMost: 1 }, unclear: 1 },
      /offset 1 of the source cannot be added: what it has at \/amount is not a number/,
    ],
    [
      'a sink number that is none',
      storyOf([[order('a')], [], []], [[total('a', 1, 100)], [{ key: '', value: '{"customer":"a","orders":[1]}' }]]),
      {},
      { wrong: { atLeast: 0, atMost: 1 }, unclear: 1 },
      /record at partition 0, offset 1 has no number at \/orders/,
    ],
    [
      'a wrong group beside one that cannot be judged',
      storyOf(
        [[order('a')], [], [order('b', '"7"')]],
        [[total('a', 1, 100)], [total('b', 1, 700), total('a', 2, 100)]],
      ),
      {},
      { wrong: { atLeast: 1, atMost: 2 }, unclear: 1 },
      /cannot be judged/,
    ],
    [
      'a source that has lost its beginning',
      storyOf([[order('a'), order('a')], [], []], [[total('a', 2, 200)], []]),
      { earliest: { source: 1 } },
      { wrong: { atLeast: 0, atMost: null }, before: 1 },
      /topic in begins at offset 1 of partition 0/,
    ],
    [
      'a group that the sink may have deleted with its beginning',
      storyOf([[order('b')], [], [order('a')]], [[total('b', 1, 100)], [total('a', 1, 100)]]),
      { earliest: { sink: 1 } },
      { wrong: { atLeast: 0, atMost: 1 }, unclear: 1 },
      /the sink, which no longer has its first records, does not have it/,
    ],
    ['a log that was cut off', clean(), { changed: ['cut off'] }, { wrong: { atLeast: 0, atMost: null } }, /cut off/],
    ['a job that did not drain', clean(), { undrained: 'slow' }, { wrong: { atLeast: 0, atMost: null } }, /slow/],
  ];
  for (const [what, story, how, expected, reason] of cases) {
    it(`tells ${what}`, async () => {
      const found = await weighTotals(story, how);
      const { wrong, before, unclear, reasons } = found;
      assert.deepEqual({ wrong, before, unclear }, { wrong: exactly(0), before: 0, unclear: 0, ...expected });
      if (reason) assert.match(reasons.join('; '), reason);
      else assert.deepEqual(reasons, []);
    });
  }

  it('compares nothing that may be on its way', async () => {
    const found = await weighTotals(storyOf([[order('a')], [], []], [[], []]), { undrained: 'slow' });
    assert.deepEqual([found.passes, found.examples, found.reasons], [0, [], ['slow']]);
  });

  it('compares sums within a tolerance, to the last digit', async () => {
    const floats = storyOf([[order('a', 0.1)], [order('a', 0.2)], []], [[], [total('a', 2, 30)]]);
    const last = floats.sink[0]?.[0] as Entry;
    for (const [said, tolerance, right] of [
      ['0.30000000000000004', 0, false],
      ['0.30000000000000004', 1e-9, true],
      ['0.31', 0.01, true],
      ['0.29', 0.01, true],
      ['0.3100000000000000000001', 0.01, false],
      ['null', 1000, false],
    ] as const) {
      last.value = `{"customer":"a","total":${said}}`;
      const invariants = [{ kind: 'sum', source: '/amount', sink: '/total', tolerance } as const];
      const late = { ...floats, attached: { source: [0], sink: [0] } };
      assert.equal((await weighTotals(late, { invariants })).wrong.atMost, right ? 0 : 1, said);
    }
  });

  it('knows SQL: null does not count, and nothing but nulls is null', async () => {
    const nulls = [order('a', null, null), order('a', null, null)];
    const story = storyOf(
      [[nulls[0] as Entry], [], [nulls[1] as Entry]],
      [[total('a', 1, null, null)], [total('a', 2, null, null)]],
    );
    assert.deepEqual((await weighTotals(story)).wrong, exactly(0));
    const zero = storyOf(
      [[nulls[0] as Entry], [], [nulls[1] as Entry]],
      [[total('a', 1, null, null)], [total('a', 2, 0, null)]],
    );
    assert.deepEqual((await weighTotals(zero)).wrong, exactly(1));
  });
});

/** A group's last record at the sink, where it lies within the window. */
function lastOfWindow({ sink, begun }: TotalsStory, n: number): [partition: number, offset: number] | undefined {
  const last = new Map<string, [number, number]>();
  sink.forEach((partition, p) => {
    partition.forEach(({ key, aborted }, offset) => {
      if (!aborted) last.set(key, [p, offset]);
    });
  });
  const within = [...last.values()].filter(([p, offset]) => offset >= (begun.sink[p] ?? 0));
  return within[n % Math.max(1, within.length)];
}
