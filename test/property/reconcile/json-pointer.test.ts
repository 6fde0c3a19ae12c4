import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PointerScan, parsePointer } from '../../../src/reconcile/identity/json-pointer.js';
import { trials } from '../../support/effort.js';
import { naiveJson } from '../../support/naive-json.js';

/** What JSON.parse makes of the text and a plain walk of the pointer; `damaged` when it is not JSON. */
function expected(text: string, steps: readonly string[]): { value?: unknown } | 'damaged' {
  let value: unknown;
  try {
    // Half a character has no bytes.
    value = naiveJson(Buffer.from(text).toString());
  } catch {
    return 'damaged';
  }
  for (const step of steps) {
    const index = Array.isArray(value) && /^(0|[1-9]\d*)$/.test(step);
    const object = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!(index || object) || !Object.hasOwn(value as object, step)) return {};
    value = (value as Record<string, unknown>)[step];
  }
  return { value };
}

function found(text: string, steps: readonly string[]): { value?: unknown } | 'damaged' {
  const scan = new PointerScan(steps);
  // Neighbours on both sides: a scan must not leave its place.
  const bytes = Buffer.from(`"${text}"}`);
  if (!scan.scan(bytes, 1, bytes.length - 2)) return 'damaged';
  return scan.start < 0 ? {} : { value: naiveJson(bytes.toString('utf8', scan.start, scan.end)) };
}

const NAMES = ['a', 'b', 'id', '0', '1', '', 'é', '𝄞', 'a/b', '~', '"', '\\', '\n', '__proto__'];
const name = fc.constantFrom(...NAMES);
// Not the unit `binary`: fast-check takes a second to prepare it.
const character = fc.nat(0x10ffff).map((code) => String.fromCodePoint(code));
const space = fc.constantFrom('', '', '', ' ', '\n\t', '\r ');

/** A string as JSON, with some characters written as escapes. */
const quoted = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.infiniteStream(fc.nat(5))).map(([chars, dice]) => {
    let out = '';
    for (let i = 0; i < chars.length; i++) {
      const unit = chars[i] as string;
      const code = unit.charCodeAt(0).toString(16).padStart(4, '0');
      if (dice.next().value === 0) out += `\\u${code}`;
      else out += /[\ud800-\udfff]/.test(unit) ? unit : JSON.stringify(unit).slice(1, -1);
    }
    return `"${out}"`;
  });
const number = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom('-0', '1.50', '1e5', '12345678901234567890', '0.1E-7', '2e+9', '-1.0e0'),
);

/** JSON text of small names, so that keys repeat and pointers hit. */
const { document } = fc.letrec<{ document: string }>((tie) => {
  const spaced = fc.tuple(space, tie('document'), space).map((parts) => parts.join(''));
  const member = fc.tuple(space, quoted(name), space, spaced).map(([a, key, b, value]) => `${a}${key}${b}:${value}`);
  return {
    document: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom('true', 'false', 'null', '{}', '[]', '{ }', '[ ]'),
      number,
      quoted(fc.oneof(name, fc.string({ unit: character, maxLength: 8 }))),
      fc.array(spaced, { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc.array(member, { maxLength: 5 }).map((members) => `{${members.join(',')}}`),
    ),
  };
});
const pointer = fc.array(name, { maxLength: 3 });

/** A pointer that mostly leads somewhere: each number picks a key, or none. */
function stepsInto(text: string, picks: readonly number[]): string[] {
  const steps: string[] = [];
  let value: unknown = naiveJson(Buffer.from(text).toString());
  for (const pick of picks) {
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const step = keys[pick % (keys.length + 1)];
    steps.push(step ?? (NAMES[pick % NAMES.length] as string));
    value = step === undefined ? undefined : (value as Record<string, unknown>)[step];
  }
  return steps;
}

describe('JSON pointer over bytes', () => {
  it('finds what JSON.parse and a plain walk find', () => {
    let hits = 0;
    fc.assert(
      fc.property(document, fc.array(fc.nat(50), { maxLength: 3 }), (text, picks) => {
        const steps = stepsInto(text, picks);
        const wanted = expected(text, steps);
        assert.deepEqual(found(text, steps), wanted);
        if (wanted !== 'damaged' && 'value' in wanted && steps.length > 0) hits++;
      }),
      { numRuns: trials(600), seed: 7 },
    );
    assert.ok(hits > 25, `only ${hits} pointers led anywhere`);
  });

  it('refuses exactly what JSON.parse refuses', () => {
    let damaged = 0;
    const noise = fc.constantFrom(...'{}[],:"\\u0eE+-.9 tfn\x00\x1f\x7f\v\ufeff\u2028/x'.split(''));
    fc.assert(
      fc.property(document, pointer, fc.nat(), noise, fc.nat(2), (text, steps, at, byte, how) => {
        const where = at % (text.length + 1);
        const spoilt = text.slice(0, where) + (how === 0 ? '' : byte) + text.slice(where + (how === 2 ? 0 : 1));
        const wanted = expected(spoilt, steps);
        if (wanted === 'damaged') damaged++;
        assert.deepEqual(found(spoilt, steps), wanted, JSON.stringify(spoilt));
      }),
      { numRuns: trials(400), seed: 8 },
    );
    assert.ok(damaged > 150, `only ${damaged} were damaged`);
  });

  it('of equal keys the last one wins, however it is spelt', () => {
    const cases: [text: string, steps: string[]][] = [
      ['{"a":{"id":1},"a":5}', ['a', 'id']],
      ['{"a":{"id":1},"a":{"x":2}}', ['a', 'id']],
      ['{"a":{"id":1},"\\u0061":{"id":2}}', ['a', 'id']],
      ['{"a":{"id":1,"id":[]},"b":{"id":3}}', ['a', 'id']],
      ['{"a\\b":1}', ['a\\b']],
      ['{"a\\b":1}', ['a\b']],
      ['{"a\\\\b":1}', ['a\\b']],
    ];
    for (const [text, steps] of cases) assert.deepEqual(found(text, steps), expected(text, steps), text);
  });

  it('bytes that are not UTF-8 elsewhere do not matter, as JSON.parse reads them', () => {
    for (let byte = 0x80; byte <= 0xff; byte++) {
      const bytes = Buffer.concat([Buffer.from('{"x":"'), Buffer.from([byte]), Buffer.from('","id":7}')]);
      const scan = new PointerScan(['id']);
      assert.ok(scan.scan(bytes, 0, bytes.length) && scan.start === bytes.length - 2, String(byte));
    }
  });

  it('refuses every beginning of a document', () => {
    const text = '{"a":[1,-2.5e+3,{"id":"x\\u00e9\\n"},true,null],"b":{"c":false}}';
    for (let length = 0; length < text.length; length++) assert.equal(found(text.slice(0, length), ['b']), 'damaged');
  });

  it('goes as deep as the text does', () => {
    const depth = 100_000;
    const text = `{"x":${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)},"id":7}`;
    const scan = new PointerScan(['id']);
    const bytes = Buffer.from(text);
    assert.ok(scan.scan(bytes, 0, bytes.length));
    assert.equal(bytes.toString('utf8', scan.start, scan.end), '7');
    assert.ok(!scan.scan(bytes, 0, bytes.length - 1));
  });

  it('reads the examples of RFC 6901', () => {
    const text = JSON.stringify({
      foo: ['bar', 'baz'],
      '': 0,
      'a/b': 1,
      'c%d': 2,
      'i\\j': 5,
      'k"l': 6,
      ' ': 7,
      'm~n': 8,
    });
    const examples: [string, unknown][] = [
      ['', JSON.parse(text)],
      ['/foo', ['bar', 'baz']],
      ['/foo/0', 'bar'],
      ['/', 0],
      ['/a~1b', 1],
      ['/c%d', 2],
      ['/i\\j', 5],
      ['/k"l', 6],
      ['/ ', 7],
      ['/m~0n', 8],
    ];
    for (const [pointer, value] of examples)
      assert.deepEqual(found(text, parsePointer(pointer) as string[]), { value });
    for (const pointer of ['/foo/2', '/foo/-', '/foo/01', '/foo/0/x', '/bar']) {
      assert.deepEqual(found(text, parsePointer(pointer) as string[]), {}, pointer);
    }
    assert.deepEqual(parsePointer('/~01'), ['~1']);
    for (const wrong of ['foo', '/~2', '/a~']) assert.equal(typeof parsePointer(wrong), 'string');
  });
});
