import assert from 'node:assert/strict';
import { shareOut } from '../../../src/reconcile/ids/budget.js';
import { halfSipHash } from '../../../src/reconcile/ids/id-hash.js';
import { IdTable } from '../../../src/reconcile/ids/id-table.js';
import { Side, Sighting } from '../../../src/reconcile/ids/sighting.js';

const KIB = 1024;
const sighting = new Sighting();

function add(table: IdTable, id: Uint8Array, side: Side = Side.source): boolean {
  sighting.load(id, 0, id.length);
  sighting.side = side;
  return table.add(sighting, halfSipHash(sighting.words, 0, sighting.count, sighting.length, 5, 6));
}

function idOf(n: number, length: number): Buffer {
  const id = Buffer.alloc(Math.max(4, length));
  id.writeInt32LE(n);
  return id;
}

/** Adds new ids until one is refused; tells how many fitted. */
function fill(table: IdTable, length: number): number {
  let n = 0;
  while (add(table, idOf(n, length))) n++;
  return n;
}

describe('reconcile/id-table', () => {
  it('stays within its budget, growth and repeats of every id included', () => {
    for (const budget of [16, 17, 24, 48, 100, 200].map((kib) => kib * KIB)) {
      for (const length of [4, 36, Math.floor(budget / 32)]) {
        const shares = shareOut(budget);
        const table = new IdTable(shares);
        const held = fill(table, length);
        for (let n = 0; n < 3 * held; n++) assert.ok(add(table, idOf(n % held, length), Side.sink));
        assert.ok(table.peakBytes <= shares.table, `${table.peakBytes} of ${shares.table}`);
        // An id of any length that is allowed leaves room for others.
        assert.ok(held >= 4, `${held} ids of ${length} bytes in ${budget}`);
        for (let n = 0; n < held; n++) assert.ok(table.read(n).source === 1 && table.read(n).sink === 3);
      }
    }
  });

  it('takes no new id after it has refused one, even if that would fit', () => {
    const most = fill(new IdTable(shareOut(16 * KIB)), 4);
    let tried = 0;
    for (let held = 1; held < most; held++) {
      const table = new IdTable(shareOut(16 * KIB));
      for (let n = 0; n < held; n++) assert.ok(add(table, idOf(n, 4)));
      if (add(table, idOf(-1, 512))) continue;
      tried++;
      assert.equal(add(table, idOf(-2, 4)), false);
      assert.ok(add(table, idOf(0, 4)));
      assert.equal(table.count, held);
      table.clear();
      assert.ok(add(table, idOf(-2, 4)));
    }
    assert.ok(tried > 0);
  });

  it('is as good as new after clear, whatever the ids were before', () => {
    const shares = shareOut(64 * KIB);
    const [short, long] = [fill(new IdTable(shares), 4), fill(new IdTable(shares), 2 * KIB)];
    const table = new IdTable(shares);
    for (const [length, expected] of [
      [4, short],
      [2 * KIB, long],
      [4, short],
    ] as const) {
      // Slots that were grown are kept: less room for long ids.
      assert.ok(fill(table, length) >= expected * 0.7);
      table.clear();
    }
    assert.ok(table.peakBytes <= shares.table);
  });
});
