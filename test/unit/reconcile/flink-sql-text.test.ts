import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseFilter } from '../../../src/reconcile/filter-text.js';
import { identityBytes } from '../../../src/reconcile/flink-sql/identity-text.js';
import { balanceSql } from '../../../src/reconcile/flink-sql/query.js';
import { tableSql } from '../../../src/reconcile/flink-sql/tables.js';
import { parseIdentity } from '../../../src/reconcile/identity/short-form.js';
import { showIdentity } from '../../../src/reconcile/identity/show.js';
import { multiplicityOf, type Relation } from '../../../src/reconcile/relation.js';
import { hasCode } from '../../support/has-code.js';

const GOLDEN = new URL('../../support/golden/balance.sql.golden', import.meta.url);

function sqlOf(identity: string[], filter?: string, relation: Relation = { kind: 'one-to-one' }): string {
  const spec = parseIdentity(identity);
  return balanceSql({
    source: { committed: 's1', uncommitted: 's2', identity: spec, filter: filter ? parseFilter(filter) : undefined },
    sink: { committed: 'k1', uncommitted: 'k2', identity: spec },
    each: multiplicityOf(relation),
    examples: 5,
  });
}

describe('the SQL of a reconciliation', () => {
  it('is what it was, for every kind of identity and filter', () => {
    const filter = `{ all: [{ json: /type, in: [order, 7, 1.5, true] }, { header: region, equals: "d'e" },
      { header: gone, exists: false }, { not: { any: [{ json: /n, atLeast: 0.5, atMost: 9 }] } }] }`;
    const found = [
      sqlOf(['uuid:json:/lines/0/id', 'text:key.json:/a~1b', 'json:/id', 'header:x-id', 'uuid:key'], filter),
      sqlOf(['key'], undefined, { kind: 'one-to-many' }),
      sqlOf(['text:header:n'], undefined, { kind: 'one-to-many', times: 3 }),
    ].join('\n\n');
    if (process.env.FLINCH_GOLDEN === 'write') writeFileSync(GOLDEN, `${found}\n`);
    assert.equal(`${found}\n`, readFileSync(GOLDEN, 'utf8'));
  });

  it('reads exactly the window that was looked up, every partition of it', () => {
    const bounds = [
      { partition: 0, leaderEpoch: 3, earliest: 5, lastStableOffset: 90, highWatermark: 100 },
      { partition: 1, leaderEpoch: 3, earliest: 7, lastStableOffset: 7, highWatermark: 7 },
    ];
    const table = { name: 'sink_committed', topic: "o'ut", bounds, properties: { 'bootstrap.servers': 'a:1,b:2' } };
    const committed = tableSql({ ...table, isolation: 'read_committed' });
    assert.match(committed, /'scan.startup.mode' = 'specific-offsets'/);
    assert.match(committed, /'scan.startup.specific-offsets' = 'partition:0,offset:5;partition:1,offset:7'/);
    assert.match(committed, /'scan.bounded.mode' = 'specific-offsets'/);
    assert.match(committed, /'scan.bounded.specific-offsets' = 'partition:0,offset:90;partition:1,offset:7'/);
    assert.match(committed, /'properties.isolation.level' = 'read_committed'/);
    assert.match(committed, /'topic' = 'o''ut'/);
    assert.match(committed, /'properties.bootstrap.servers' = 'a:1,b:2'/);
    assert.doesNotMatch(committed, /group\.id/);
    const all = tableSql({ ...table, isolation: 'read_uncommitted' });
    assert.match(all, /'scan.bounded.specific-offsets' = 'partition:0,offset:100;partition:1,offset:7'/);
    assert.match(all, /'properties.isolation.level' = 'read_uncommitted'/);
  });

  for (const [name, identity, filter] of [
    ['an Avro field', 'avro:order.id', undefined],
    ['a regular expression', 'capture:id=(?<id>[a-z]+)', undefined],
    ['a name with a quote', "json:/a'b", undefined],
    ['a name with a backslash', 'json:/a\\b', undefined],
    ['many places in lists', 'json:/0/1/2/3', undefined],
    ['a header with a control character', 'header:a\u0007b', undefined],
    ['whether there is null or nothing', 'key', '{json: /a, exists: true}'],
    ['a test for null', 'key', '{json: /a, in: [a, null]}'],
    ['a pattern of a value', 'key', '{not: {json: /a, matches: b}}'],
    ['a pattern of a header', 'key', '{header: a, matches: b}'],
  ] as const) {
    it(`is refused for ${name}`, () => {
      const options = identity.startsWith('avro') ? { schemaRegistry: 'http://registry' } : {};
      const sql = () =>
        balanceSql({
          source: {
            committed: 's1',
            uncommitted: 's2',
            identity: parseIdentity(identity, options),
            filter: filter === undefined ? undefined : parseFilter(filter),
          },
          sink: { committed: 'k1', uncommitted: 'k2', identity: parseIdentity('key') },
          each: { least: 1, most: 1 },
          examples: 1,
        });
      assert.throws(sql, hasCode('USAGE', /cannot be expressed exactly in Flink SQL/));
    });
  }

  it('has identities that read back as those of the reader', () => {
    const shown = (text: string) => {
      const bytes = identityBytes(text);
      return showIdentity({ bytes, start: 0, end: bytes.length });
    };
    assert.equal(shown('"a-1'), '"a-1"');
    assert.equal(shown('-7'), '-7');
    assert.equal(shown('true'), 'true');
    assert.equal(shown('x\u00ff\u00fe'), '0xfffe');
    assert.equal(shown('[3:"é😀2:425:"1:23'), '"é😀" + 42 + "1:23"');
  });
});
