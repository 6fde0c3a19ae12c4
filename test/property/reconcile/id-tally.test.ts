import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type HashWords, halfSipHash } from '../../../src/reconcile/ids/id-hash.js';
import { openIdTally } from '../../../src/reconcile/ids/id-tally.js';
import { Side } from '../../../src/reconcile/ids/sighting.js';
import { MultisetCounter } from '../../../src/reconcile/multiset-balance.js';
import { trials } from '../../support/effort.js';
import { hasCode } from '../../support/has-code.js';
import { addAll, finishAll, modelOf, sightings, sortedById } from '../../support/id-sightings.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const KIB = 1024;
const TINY = 16 * KIB;

/** Hashes that a good one might turn into by bad luck: the tally must be as exact with them. */
const HASHES: Readonly<Record<string, HashWords>> = {
  good: halfSipHash,
  'always equal': () => 0x1234567,
  'negative and equal': () => -1,
  'of the length only': (_words, _at, _count, length) => length << 27,
  'the same at each level': (words, at, count, length) => halfSipHash(words, at, count, length, 1, 2) & 0xc000000f,
};

describe('reconcile/id-tally', () => {
  const folder = temporaryFolder();

  for (const [name, hash] of Object.entries(HASHES)) {
    it(`agrees with a plain model whatever is spilled; hash: ${name}`, async () => {
      let [spilled, split] = [0, 0];
      const cases = fc.record({
        seed: fc.integer(),
        ids: fc.integer({ min: 1, max: 300 }),
        records: fc.integer({ min: 0, max: 900 }),
        longest: fc.constantFrom(1, 8, 36, 300, 512),
        budget: fc.constantFrom(TINY, 20_003, 64 * KIB),
      });
      await fc.assert(
        fc.asyncProperty(cases, async ({ seed, ids, records, longest, budget }) => {
          const seen = sightings(seed, ids, records, longest);
          const tally = openIdTally({ budgetBytes: budget, scratch: folder(), hash });
          addAll(tally, seen);
          const kept = await finishAll(tally);
          assert.deepEqual(sortedById(kept), sortedById(modelOf(seen)));
          const costs = tally.costs();
          assert.ok(costs.peakBytes <= budget, `${costs.peakBytes} bytes of ${budget}`);
          spilled += costs.rowsSpilled;
          split += costs.resplits;
        }),
        {
          numRuns: trials(2),
          examples: [
            [{ seed: 1, ids: 300, records: 900, longest: 300, budget: TINY }],
            [{ seed: 2, ids: 200, records: 400, longest: 512, budget: TINY }],
          ],
        },
      );
      assert.ok(spilled > 0 && split > 0, `nothing was put to the test: ${spilled} spilled, ${split} split again`);
    });
  }

  it('gives the same examples whatever the budget and the order of arrival', async () => {
    const seen = sightings(7, 250, 900, 40);
    const found: unknown[] = [];
    for (const [budgetBytes, records] of [
      [4096 * KIB, seen],
      [TINY, seen],
      [32 * KIB, seen.toReversed()],
    ] as const) {
      const tally = openIdTally({ budgetBytes, scratch: folder() });
      addAll(tally, records);
      const counter = new MultisetCounter({ kind: 'one-to-one' }, 4);
      await tally.finish((tallied) => counter.add(tallied));
      assert.equal(tally.costs().rowsSpilled > 0, budgetBytes !== 4096 * KIB);
      found.push(counter.balance({ source: true, sink: true, uncommitted: true, openTransactions: false }));
    }
    assert.deepEqual(found[1], found[0]);
    assert.deepEqual(found[2], found[0]);
  });

  it('counts one id that is seen very often where it is, in memory or on disk', async () => {
    const tally = openIdTally({ budgetBytes: TINY, scratch: folder() });
    const id = (n: number) => Buffer.from(`id-${n}`.padEnd(40, '.'));
    for (let n = 0; n < 200; n++) tally.add(Side.source, id(n), 0, 40, 0, n, 0);
    for (let n = 0; n < 6000; n++) tally.add(Side.sink, id(n % 2 === 0 ? 0 : 199), 0, 40, 1, n, n);
    const kept = await finishAll(tally);
    const often = sortedById(kept.filter(({ sink }) => sink > 0));
    assert.equal(kept.length, 200);
    assert.deepEqual(
      often.map(({ source, sink, places }) => [source, sink, places.sink?.offset, places.repeat?.offset]),
      [
        [1, 3000, 0, 5998],
        [1, 3000, 1, 5999],
      ],
    );
  });

  it('spreads what it spills again anew, so that levels are few', async () => {
    const tally = openIdTally({ budgetBytes: TINY, scratch: folder() });
    for (let n = 0; n < 2000; n++) tally.add(Side.source, Buffer.from(`id-${n}`.padEnd(36)), 0, 36, 0, n, 0);
    assert.equal((await finishAll(tally)).length, 2000);
    const { rowsSpilled, resplits } = tally.costs();
    assert.ok(rowsSpilled < 3 * 2000 && resplits >= 4, `${rowsSpilled} rows, ${resplits} files split`);
  });

  it('tells apart ids that differ only in zeros at the end', async () => {
    const tally = openIdTally({ budgetBytes: TINY, scratch: folder(), hash: () => 0 });
    for (let length = 0; length < 9; length++) tally.add(Side.source, Buffer.alloc(16), 0, length, 0, length, 0);
    assert.equal((await finishAll(tally)).length, 9);
  });

  it('takes no id that is not there, and none once it is finishing', async () => {
    for (const [start, end] of [
      [-1, -1],
      [2, 1],
      [0, 4],
    ] as const) {
      const tally = openIdTally({ budgetBytes: TINY, scratch: folder() });
      const add = () => tally.add(Side.sink, Buffer.from('abc'), start, end, 0, 0, 0);
      assert.throws(add, hasCode('INTERNAL', /no id: bytes/));
    }
    const tally = openIdTally({ budgetBytes: TINY, scratch: folder() });
    tally.add(Side.sink, Buffer.from('abc'), 0, 3, 0, 0, 0);
    const finished = finishAll(tally);
    const late = hasCode('INTERNAL', /tally that is over/);
    assert.throws(() => tally.add(Side.sink, Buffer.from('abc'), 0, 3, 0, 1, 0), late);
    await assert.rejects(finishAll(tally), late);
    assert.equal((await finished)[0]?.sink, 1);
  });

  it('refuses a budget that is too small and an id that is too long for the budget', async () => {
    assert.throws(
      () => openIdTally({ budgetBytes: 1000, scratch: folder() }),
      hasCode('USAGE', /memory budget of 1000 bytes is too small/),
    );
    const tally = openIdTally({ budgetBytes: TINY, scratch: folder() });
    tally.add(Side.source, Buffer.alloc(512), 0, 512, 0, 1, 0);
    const tooLong = hasCode('SPILL', /id of 513 bytes.* - partition 3, offset 9 - /);
    assert.throws(() => tally.add(Side.source, Buffer.alloc(513), 0, 513, 3, 9, 0), tooLong);
    assert.throws(() => tally.add(Side.source, Buffer.alloc(4), 0, 4, 3, 10, 0), tooLong);
    await assert.rejects(finishAll(tally), tooLong);
  });
});

describe('reconcile/id-hash', () => {
  it('spreads ids that differ in little over all 32 bits, differently with another key', () => {
    const words = new Uint32Array(3);
    const ones = new Array<number>(32).fill(0);
    let alike = 0;
    for (let n = 0; n < 4096; n++) {
      words[1] = n;
      const hash = halfSipHash(words, 0, 3, 12, 17, 4);
      if (hash === halfSipHash(words, 0, 3, 12, 17, 5)) alike++;
      for (let bit = 0; bit < 32; bit++) ones[bit]! += (hash >>> bit) & 1;
    }
    // Six standard deviations of 4096 fair coins.
    for (const count of ones) assert.ok(Math.abs(count - 2048) < 192, `${ones}`);
    assert.ok(alike <= 1);
  });
});
