import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FlinchError } from '../../../src/core/error.js';
import type { Extractor } from '../../../src/reconcile/identity/extractor.js';
import { framed, recordOf, typeOf } from '../../support/avro.js';
import { trials } from '../../support/effort.js';
import { extractorOf, read, take } from '../../support/identities.js';
import { viewOf } from '../../support/record-views.js';

/** Something of everything before and after what is wanted. */
const around = (name: string) => ({
  name,
  type: {
    type: 'record',
    name: `Around_${name}`,
    fields: [
      { name: 'nothing', type: 'null' },
      { name: 'flag', type: 'boolean' },
      { name: 'count', type: 'int' },
      { name: 'big', type: 'long' },
      { name: 'f', type: 'float' },
      { name: 'd', type: 'double' },
      { name: 'text', type: 'string' },
      { name: 'raw', type: 'bytes' },
      { name: 'fix', type: { type: 'fixed', name: `Fix_${name}`, size: 3 } },
      { name: 'colour', type: { type: 'enum', name: `Colour_${name}`, symbols: ['RED', 'BLUE'] } },
      { name: 'list', type: { type: 'array', items: ['null', 'string', 'long'] } },
      { name: 'map', type: { type: 'map', values: { type: 'array', items: 'int' } } },
      { name: 'next', type: ['null', `Around_${name}`] },
    ],
  },
});
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.record({
    nothing: fc.constant(null),
    flag: fc.boolean(),
    count: fc.integer(),
    big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    f: fc.float(),
    d: fc.double(),
    text: fc.string({ unit: 'grapheme' }),
    raw: fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    fix: fc.uint8Array({ minLength: 3, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
    colour: fc.constantFrom('RED', 'BLUE'),
    list: fc.array(
      fc.oneof(
        fc.constant(null),
        fc.string().map((string) => ({ string })),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((long) => ({ long })),
      ),
      { maxLength: 4 },
    ),
    map: fc.dictionary(fc.string(), fc.array(fc.integer(), { maxLength: 3 }), { maxKeys: 3, noNullPrototype: true }),
    next: fc.oneof(
      { maxDepth: 2 },
      fc.constant(null),
      tie('value').map((next) => ({ Around_before: next })),
    ),
  }),
}));
const afterwards = anything.map((value) => ({ ...(value as object), next: null }));

describe('identity in Avro', () => {
  let folder: string;
  let files = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'flinch-avro-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const deps = () => ({ folder, registry: () => assert.fail('it asks for a registry') });

  function fileOf(schema: unknown): string {
    const name = `${files++}.avsc`;
    writeFileSync(join(folder, name), typeof schema === 'string' ? schema : JSON.stringify(schema));
    return name;
  }
  /** Reads plain Avro binary at a path. */
  const plain = (schema: unknown, path: string, options: object = {}): Promise<Extractor> =>
    extractorOf({ avro: path, schemaFile: fileOf(schema), framing: 'none', ...options }, deps());
  const bytesOf = (schema: unknown, value: unknown) => viewOf({ value: typeOf(schema).toBuffer(value) });
  async function one(type: unknown, value: unknown, options: object = {}): Promise<string> {
    return read(await plain(recordOf(type), 'id', options), bytesOf(recordOf(type), { id: value }));
  }

  it('every type that can be an identity', async () => {
    const decimal = { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 };
    const fixed = (size: number, more: object = {}) => ({ type: 'fixed', name: 'F', size, ...more });
    const uuid = '6f9619ff-8b86-d011-b42d-00c04fc964ff';
    const raw = Buffer.from(uuid.replaceAll('-', ''), 'hex');
    const cases: [type: unknown, value: unknown, expected: string, options?: object][] = [
      ['int', -7, '-7'],
      ['long', 7n, '7'],
      ['long', 2n ** 53n + 1n, '9007199254740993'],
      ['long', -(2n ** 63n), '-9223372036854775808'],
      ['long', 2n ** 63n - 1n, '9223372036854775807'],
      ['float', Math.fround(0.1), '0.1'],
      ['double', 1e300, '1e300'],
      ['double', -0, '0'],
      ['double', Number.NaN, 'unreadable: its identity is not a finite number'],
      ['boolean', true, 'true'],
      ['string', 'é', '"é"'],
      ['bytes', Buffer.from([0xff, 0]), '0xff00'],
      [fixed(2), Buffer.from('ab'), '"ab"'],
      [{ type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'B', '"B"'],
      [decimal, Buffer.from([0x04, 0xd2]), '12.34'],
      [decimal, Buffer.from([0xff, 0x9c]), '-1'],
      [fixed(3, { logicalType: 'decimal', precision: 6, scale: 0 }), Buffer.from([0xff, 0xff, 0xff]), '-1'],
      [{ type: 'string', logicalType: 'uuid' }, uuid.toUpperCase(), `"${uuid}"`],
      [{ type: 'string', logicalType: 'uuid' }, 'none', '"none"'],
      [{ type: 'string', logicalType: 'uuid' }, 'none', 'unreadable: its identity is not a UUID', { as: 'uuid' }],
      [fixed(16, { logicalType: 'uuid' }), raw, `"${uuid}"`],
      [fixed(16), raw, `"${uuid}"`, { as: 'uuid' }],
      ['long', 7n, '"7"', { as: 'text' }],
      [{ type: 'long', logicalType: 'timestamp-millis' }, 5n, '5'],
      [['null', 'long', 'string'], { long: 5n }, '5'],
      [['null', 'long', 'string'], { string: '5' }, '"5"'],
      [['null', 'long', 'string'], null, 'missing: its identity is null'],
      [['string', { type: 'array', items: 'int' }], { array: [1] }, 'unreadable: its identity is an array'],
    ];
    for (const [type, value, expected, options] of cases) {
      assert.equal(await one(type, value, options), expected, JSON.stringify(type));
    }
  });

  it('a number of Avro is that number of JSON', async () => {
    const json = await extractorOf({ json: '/id' });
    const avro = await plain(recordOf('long'), 'id');
    const record = bytesOf(recordOf('long'), { id: 12n });
    assert.deepEqual(take(avro, record), take(json, viewOf({ value: '{"id":12.0}' })));
  });

  it('is found whatever stands around it', async () => {
    const schema = {
      type: 'record',
      name: 'Top',
      fields: [
        around('before'),
        { name: 'order', type: ['null', { type: 'record', name: 'Order', fields: [{ name: 'id', type: 'long' }] }] },
        { name: 'tags', type: { type: 'map', values: ['null', 'string'] } },
        around('after'),
      ],
    };
    const type = typeOf(schema);
    const [order, tag] = [await plain(schema, 'order.id'), await plain(schema, 'tags.id')];
    const id = fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { nil: undefined });
    const tags = fc.dictionary(fc.constantFrom('id', 'i', 'ids', ''), fc.string(), { noNullPrototype: true });
    fc.assert(
      fc.property(anything, id, tags, afterwards, (before, id, tags, after) => {
        const wrapped = Object.fromEntries(Object.entries(tags).map(([key, string]) => [key, { string }]));
        const value = type.toBuffer({
          before,
          order: id === undefined ? null : { Order: { id } },
          tags: wrapped,
          after,
        });
        const record = viewOf({ value });
        assert.equal(read(order, record).replace(/:.*/, ''), id === undefined ? 'missing' : String(id));
        const found = take(tag, record);
        assert.equal(typeof found === 'string' ? found : found.subarray(1).toString(), tags.id ?? 'missing');
        // A schema of something else, or bytes that are not whole, are told.
        const short = viewOf({ value: value.subarray(0, -1) });
        const long = viewOf({ value: Buffer.concat([value, Buffer.from([0])]) });
        assert.equal(take(order, short), 'unreadable');
        assert.equal(take(order, long), 'unreadable');
      }),
      { numRuns: trials(15), seed: 3 },
    );
  });

  it('blocks that tell their size are stepped over, or into', async () => {
    const schema = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'list', type: { type: 'array', items: 'string' } },
        { name: 'map', type: { type: 'map', values: 'int' } },
      ],
    };
    // -2 items of 4 bytes; -1 entry of 4 bytes: "id" -> 3
    const value = Buffer.from([3, 8, 2, 0x61, 2, 0x62, 0, 1, 8, 4, 0x69, 0x64, 6, 0]);
    assert.equal(read(await plain(schema, 'map.id'), viewOf({ value })), '3');
    // The same key again: the last one wins.
    const twice = Buffer.concat([value.subarray(0, -1), Buffer.from([2, 4, 0x69, 0x64, 8, 0])]);
    assert.equal(read(await plain(schema, 'map.id'), viewOf({ value: twice })), '4');
  });

  it('bytes of no schema never hold the reader up, nor crash it', async () => {
    const schema = {
      type: 'record',
      name: 'Top',
      fields: [
        { name: 'nulls', type: { type: 'array', items: 'null' } },
        { name: 'id', type: 'string' },
        {
          name: 'tree',
          type: {
            type: 'array',
            items: { type: 'record', name: 'T', fields: [{ name: 'of', type: { type: 'array', items: 'T' } }] },
          },
        },
      ],
    };
    const id = await plain(schema, 'id');
    const huge = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 2, 0x61, 0]);
    assert.equal(read(id, viewOf({ value: huge })), '"a"');
    const deep = Buffer.concat([Buffer.from([0, 2, 0x61]), Buffer.alloc(1_000_000, 2)]);
    assert.equal(read(id, viewOf({ value: deep })), 'unreadable: it is not of its Avro schema');
    const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
    const all = await plain({ type: 'record', name: 'Top', fields: [around('before')] }, 'before.text');
    fc.assert(
      fc.property(noise, (value) => {
        for (const extractor of [id, all]) take(extractor, viewOf({ value }));
      }),
      { numRuns: trials(40) },
    );
  });

  it('a path that leads nowhere says what there is', async () => {
    const schema = {
      type: 'record',
      name: 'x.R',
      fields: [
        { name: 'id', type: 'int' },
        { name: 'in', type: ['null', 'x.R'] },
      ],
    };
    const failures: [path: string, sentence: RegExp][] = [
      ['no', /the schema has no field no; its fields are id, in/],
      ['id.x', /id is an int, which has no x/],
      ['in.in.no', /in\.in has no field no; its fields are id, in/],
      ['in', /in is an union|in is a union|record/],
    ];
    for (const [path, sentence] of failures) {
      await assert.rejects(plain(schema, path), (error: Error) => {
        assert.ok(error instanceof FlinchError && error.code === 'USAGE');
        assert.match(error.message, sentence);
        return true;
      });
    }
    await assert.rejects(plain('{', 'id'), /the schema file: is not Avro/);
    await assert.rejects(plain({ type: 'what' }, 'id'), /is not Avro \(unknown type/);
    await assert.rejects(extractorOf({ avro: 'id', schemaFile: 'none.avsc' }, deps()), /cannot be read .*none\.avsc/);
  });

  it('a schema file whose defaults are wrong is read all the same', async () => {
    const schema = { type: 'record', name: 'R', fields: [{ name: 'id', type: ['null', 'string'], default: 'x' }] };
    const written = { type: 'record', name: 'R', fields: [{ name: 'id', type: ['null', 'string'] }] };
    assert.equal(read(await plain(schema, 'id'), bytesOf(written, { id: { string: 'a' } })), '"a"');
  });

  it('a schema file reads framed values of one schema id', async () => {
    const schema = recordOf('string');
    const id = await extractorOf({ avro: 'id', schemaFile: fileOf(schema) }, deps());
    const body = typeOf(schema).toBuffer({ id: 'a' });
    assert.equal(read(id, framed(9, Buffer.from([2]))), 'unreadable: it is not of its Avro schema');
    assert.equal(read(id, framed(4, body)), '"a"');
    assert.match(read(id, framed(5, body)), /^unreadable: it is of schema 5, the file was read as schema 4/);
    assert.equal(read(id, framed(4, body)), '"a"');
    assert.match(read(id, viewOf({ value: body })), /^unreadable: its value does not begin with a zero/);
    assert.match(read(id, viewOf({ value: null })), /^missing/);
  });
});
