import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LogReader } from '../../../src/client/kafka/log/log-reader.js';
import { RecordView } from '../../../src/client/kafka/records/record-batch.js';
import { FlinchError } from '../../../src/core/error.js';
import { compileFilter } from '../../../src/reconcile/filter.js';
import { parseFilter } from '../../../src/reconcile/filter-text.js';
import { compileIdentity } from '../../../src/reconcile/identity/compile.js';
import { parseIdentity } from '../../../src/reconcile/identity/short-form.js';
import type { Relation } from '../../../src/reconcile/relation.js';
import type { Mark } from '../../../src/reconcile/window/marks.js';
import { reconcileWindow } from '../../../src/reconcile/window/reconcile-window.js';
import { trials } from '../../support/effort.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A record by its id; `!` before it: aborted; `?`: what the filter drops. */
type Log = readonly string[];

const exactly = (n: number) => ({ atLeast: n, atMost: n });
const ends = (at: number, earliest = 0) => [
  { partition: 0, leaderEpoch: 0, earliest, lastStableOffset: at, highWatermark: at },
];

/** A topic of one partition, as a reader sees it; `gone` records at its beginning are deleted. */
function readerOf(log: Log, { gone = 0, changed = [] as string[] } = {}): LogReader {
  const reader: Partial<LogReader> = {
    aborted: false,
    offsets: async () => ends(log.length, gone),
    changedSince: async () => changed.map((what) => new FlinchError('KAFKA_LOG_CHANGED', { what })),
    async read(_topic, { bounds }, onRecord) {
      const [bound] = bounds ?? [];
      assert.ok(bound);
      log.forEach((id, offset) => {
        if (offset < bound.earliest || offset >= bound.highWatermark) return;
        const view = new RecordView();
        view.buffer = Buffer.from(`{"id":"${id.replace(/^[!?]/, '')}","drop":${id.startsWith('?')}}`);
        [view.offset, view.valueStart, view.valueEnd] = [offset, 0, view.buffer.length];
        view.headersStart = view.headersEnd = view.buffer.length;
        view.committed = !id.startsWith('!') && offset < bound.lastStableOffset;
        onRecord(view);
      });
      return [{ ...bound, from: bound.earliest, to: bound.highWatermark }];
    },
  };
  return reader as LogReader;
}

interface Story {
  /** Records before `attached`, from there to `begun`, to `ended`, and to `drained`. */
  source: readonly [older: Log, before: Log, due: Log, behind: Log];
  /** To `attached`, to `begun`, and to `drained`. */
  sink: readonly [older: Log, before: Log, within: Log];
  undrained?: string;
  relation?: Relation;
  gone?: number;
  changed?: string[];
}

describe('reconciling a window of topics that go on', () => {
  const folder = temporaryFolder();

  async function weighed(story: Story) {
    const { source, sink, undrained, relation = { kind: 'subset' }, gone = 0, changed } = story;
    const lengths = (parts: readonly Log[]) => parts.map((_, i) => parts.slice(0, i + 1).flat().length);
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = lengths(source);
    const [k0 = 0, k1 = 0, k2 = 0] = lengths(sink);
    const mark = (s: number, k: number): Mark => ({ source: ends(s), sink: ends(k), wall: 0 });
    const extractor = () => compileIdentity(parseIdentity('json:/id'), { registry: () => assert.fail('no registry') });
    return reconcileWindow({
      source: {
        reader: readerOf(source.flat(), { gone, ...(changed ? { changed } : {}) }),
        topic: 'in',
        extractor: await extractor(),
        filter: compileFilter(parseFilter('{json: /drop, equals: false}')),
      },
      sink: { reader: readerOf(sink.flat()), topic: 'out', extractor: await extractor() },
      window: {
        attached: mark(s0, k0),
        begun: mark(s1, k1),
        ended: mark(s2, k2),
        drained: mark(s3, k2),
        undrained,
      },
      relation,
      budgetBytes: 1024 * 1024,
      scratch: folder(),
      examples: 5,
    });
  }
  const numbers = async (story: Story) => {
    const { balance, reasons } = await weighed(story);
    const { lost, duplicated, unexpected, shouldHaveBeenFiltered } = balance;
    return { lost, duplicated, unexpected, shouldHaveBeenFiltered, certain: reasons.length === 0 };
  };
  const CLEAN = {
    lost: exactly(0),
    duplicated: exactly(0),
    unexpected: exactly(0),
    shouldHaveBeenFiltered: exactly(0),
    certain: true,
  };
  const flowing: Story = {
    source: [
      ['a', 'b'],
      ['c', 'd', '?x'],
      ['e', 'f', '?y'],
      ['g', 'h'],
    ],
    // b was on its way at the first mark, d at the second, h at the last.
    sink: [['a'], ['b', 'c'], ['d', 'e', 'f', 'g']],
  };

  it('is clean although records were on their way at each end', async () => {
    assert.deepEqual(await numbers(flowing), CLEAN);
    const { balance, parts } = await weighed(flowing);
    assert.deepEqual([balance.sourceRecords, balance.filteredRecords, balance.sinkRecords], [2, 2, 4]);
    assert.deepEqual(parts.source, [{ partition: 0, before: 2, from: 5, to: 8, behind: 10 }]);
    assert.deepEqual(parts.sink, [{ partition: 0, before: 1, from: 3, to: 7, behind: 7 }]);
  });

  for (const [what, sink, change] of [
    ['one that was due and never came out', ['d', 'f', 'g'], { lost: exactly(1) }],
    ['one that was on its way at the begin, lost: not of this window', ['e', 'f', 'g'], {}],
    ['one that went in behind the end, not there yet', ['d', 'e', 'f'], {}],
    ['a repeat of one that was due', ['d', 'e', 'f', 'e', 'g'], { duplicated: exactly(1) }],
    ['a repeat of one that was on its way at the begin', ['d', 'e', 'd', 'f', 'g'], { duplicated: exactly(1) }],
    ['a repeat of one that went in behind the end', ['d', 'e', 'f', 'g', 'g'], { duplicated: exactly(1) }],
    ['one that nobody wrote', ['d', 'e', 'f', 'z'], { unexpected: exactly(1) }],
    ['one that the filter drops', ['d', 'e', 'f', 'y'], { unexpected: exactly(1), shouldHaveBeenFiltered: exactly(1) }],
    ['a repeat of what went in and out long before', ['d', 'e', 'f', 'a'], { duplicated: exactly(1) }],
    ['aborted attempts', ['!e', 'd', '!e', 'e', 'f'], {}],
  ] as const) {
    it(`sees ${what}`, async () => {
      const story: Story = { ...flowing, sink: [['a'], ['b', 'c'], sink] };
      assert.deepEqual(await numbers(story), { ...CLEAN, ...change });
    });
  }

  it('is unsure of a record that came out before the begin and again within: a replay, or another with its id', async () => {
    const story: Story = { ...flowing, sink: [['a'], ['b', 'c', 'd'], ['d', 'e', 'f']] };
    assert.deepEqual((await numbers(story)).duplicated, { atLeast: 0, atMost: 1 });
  });

  it('is unsure of an id that is used again around the window', async () => {
    const again: Story = { ...flowing, source: [[], ['c', 'e'], ['e', 'f'], []], sink: [[], ['c'], ['e', 'f']] };
    assert.deepEqual((await numbers(again)).lost, { atLeast: 0, atMost: 1 });
    const twice: Story = { ...again, sink: [[], ['c'], ['e', 'e', 'f']] };
    assert.deepEqual((await numbers(twice)).lost, exactly(0));
    assert.deepEqual((await numbers(twice)).duplicated, { atLeast: 0, atMost: 1 });
  });

  it('is unsure of what the source held once, where that is deleted', async () => {
    const story: Story = { ...flowing, gone: 1, sink: [['a'], ['b', 'c'], ['d', 'e', 'f', 'a']] };
    const { unexpected, duplicated, certain } = await numbers(story);
    assert.deepEqual([unexpected, duplicated, certain], [{ atLeast: 0, atMost: 1 }, { atLeast: 0, atMost: 1 }, false]);
    assert.deepEqual((await numbers({ ...flowing, gone: 2 })).certain, true, 'nothing had to be looked for there');
  });

  it('tells a late record from a repeat, however late it is', async () => {
    const late: Story = { ...flowing, sink: [['a'], ['c'], ['b', 'd', 'e', 'f']] };
    assert.deepEqual(await numbers(late), CLEAN);
    const both: Story = { ...flowing, sink: [['a'], ['c', 'b'], ['b', 'd', 'e', 'f', 'a']] };
    assert.deepEqual(await numbers(both), { ...CLEAN, duplicated: exactly(2) });
    assert.deepEqual(
      (await weighed(both)).balance.examples.map(({ problem }) => problem),
      ['duplicated', 'duplicated'],
    );
    const dropped: Story = { ...flowing, source: [['a', '?w'], [], ['e'], []], sink: [['a'], [], ['e', 'w']] };
    const leak = { unexpected: exactly(1), shouldHaveBeenFiltered: exactly(1) };
    assert.deepEqual(await numbers(dropped), { ...CLEAN, ...leak });
  });

  it('loses nothing for certain that may still be on its way', async () => {
    const story: Story = { ...flowing, undrained: 'it was slow', sink: [['a'], ['b', 'c'], ['d', 'f']] };
    assert.deepEqual(await numbers(story), {
      ...CLEAN,
      lost: { atLeast: 0, atMost: 1 },
      duplicated: { atLeast: 0, atMost: null },
      unexpected: { atLeast: 0, atMost: null },
      shouldHaveBeenFiltered: { atLeast: 0, atMost: null },
      certain: false,
    });
  });

  it('proves nothing by a log that was cut off meanwhile', async () => {
    const { lost, certain } = await numbers({ ...flowing, changed: ['the log was cut off'] });
    assert.deepEqual([lost, certain], [{ atLeast: 0, atMost: null }, false]);
  });

  it('counts each of several that a record gives', async () => {
    const relation: Relation = { kind: 'one-to-many', times: 2 };
    const source: Story['source'] = [[], ['d'], ['e', 'f'], []];
    const numbersOf = (within: Log) => numbers({ relation, source, sink: [[], ['d'], within] });
    assert.deepEqual(await numbersOf(['d', 'e', 'e', 'f', 'f']), CLEAN);
    assert.deepEqual(await numbersOf(['d', 'e', 'f', 'f']), { ...CLEAN, lost: exactly(1) });
    assert.deepEqual(await numbersOf(['d', 'e', 'e', 'e', 'f', 'f']), { ...CLEAN, duplicated: exactly(1) });
  });

  it('keeps the truth within its extents, whatever the job does to records with ids that come again', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd');
    // Each record of the source with how often it comes out, and how much later.
    const record = fc.record({ id, times: fc.constantFrom(0, 1, 1, 1, 2), late: fc.nat(3) });
    const part = fc.array(record, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(part, part, part, fc.array(id, { maxLength: 1 }), async (before, due, behind, invented) => {
        // What went in before the first mark is worked off; the sink's parts begin where the source's do.
        const out: string[][] = [[], [], []];
        const truth = { lost: 0, duplicated: 0 };
        for (const [zone, records] of [before, due, behind].entries()) {
          for (const { id: it, times, late } of records) {
            if (zone === 1 && times === 0) truth.lost++;
            for (let n = 0; n < times; n++) {
              const at = zone === 0 && late === 0 ? 1 : 2;
              if (at === 2 && n > 0) truth.duplicated++;
              out[at]?.push(it);
            }
          }
        }
        const known = new Set([...before, ...due, ...behind].map((it) => it.id));
        const strangers = invented.filter((it) => !known.has(it));
        const ids = (records: typeof due): Log => records.map((it) => it.id);
        const found = await numbers({
          source: [[], ids(before), ids(due), ids(behind)],
          sink: [[], out[1] ?? [], [...(out[2] ?? []), ...strangers]],
        });
        // By id a lost record and a repeat of another one cancel out, as in any multiset.
        const slack = Math.min(truth.lost, truth.duplicated);
        assert.ok(
          found.lost.atLeast <= truth.lost && truth.lost - slack <= (found.lost.atMost ?? 99),
          JSON.stringify({ found, truth }),
        );
        assert.ok(found.duplicated.atLeast <= truth.duplicated, JSON.stringify({ found, truth }));
        assert.deepEqual(found.unexpected, exactly(strangers.length));
      }),
      { numRuns: trials(30) },
    );
  });
});
