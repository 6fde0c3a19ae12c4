import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Extractor } from '../../../src/reconcile/identity/extractor.js';
import { showIdentity } from '../../../src/reconcile/identity/show.js';
import { trials } from '../../support/effort.js';
import { extractorOf, read, take } from '../../support/identities.js';
import { viewOf } from '../../support/record-views.js';

const value = (text: string | Buffer) => viewOf({ value: text });
const UUID = '6F9619FF-8B86-D011-B42D-00C04FC964FF';
const uuid = UUID.toLowerCase();

/** Whether two decimal texts are the same number: by cross-multiplying fractions. */
function sameNumber(a: string, b: string): boolean {
  const fraction = (text: string): [bigint, bigint] => {
    const [, sign = '', whole = '', part = '', power = '0'] =
      /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
    const exponent = Number(power) - part.length;
    const digits = BigInt(`${whole}${part}`) * (sign ? -1n : 1n);
    return exponent >= 0 ? [digits * 10n ** BigInt(exponent), 1n] : [digits, 10n ** BigInt(-exponent)];
  };
  const [an, ad] = fraction(a);
  const [bn, bd] = fraction(b);
  return an * bd === bn * ad;
}

describe('identity of a record', () => {
  describe('in JSON', () => {
    let id: Extractor;
    before(async () => {
      id = await extractorOf({ json: '/id' });
    });
    const of = (json: string) => read(id, value(`{"id":${json}}`));

    it('numbers and text differ; what is missing and what is unreadable differ', () => {
      const cases: [string, string][] = [
        ['7', '7'],
        ['"7"', '"7"'],
        ['true', 'true'],
        ['"true"', '"true"'],
        ['""', '""'],
        ['"a\\u00e9\\n"', '"aé\\n"'],
        ['"\\ud834\\udd1e"', '"𝄞"'],
        ['null', 'missing: its identity is null'],
        ['{}', 'unreadable: its identity is an object or a list'],
        ['"\\ud834"', 'unreadable: the text of its identity has half a surrogate pair'],
        ['1,"id":"last"', '"last"'],
        ['1}x', 'unreadable: its value is not JSON'],
      ];
      for (const [json, expected] of cases) assert.equal(of(json), expected);
      assert.equal(read(id, value('{"key":1}')), 'missing: its value has nothing at /id');
      assert.equal(read(id, viewOf({ value: null })), 'missing: it has no value');
      assert.equal(read(id, value('')), 'unreadable: its value is not JSON');
    });

    it('text that is not UTF-8 is unreadable, and never another identity', () => {
      for (const bytes of [[0xff], [0xc3], [0xe9, 0x5c, 0x6e]]) {
        const record = value(Buffer.concat([Buffer.from('{"id":"'), Buffer.from(bytes), Buffer.from('"}')]));
        assert.equal(read(id, record), 'unreadable: the text of its identity is not UTF-8');
      }
    });

    it('an escaped text is the text that it stands for', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
          const escaped = [...text].map((c) =>
            c
              .split('')
              .map((u) => `\\u${u.charCodeAt(0).toString(16).padStart(4, '0')}`)
              .join(''),
          );
          const plain = take(id, value(JSON.stringify({ id: text })));
          assert.deepEqual(take(id, value(`{"id":"${escaped.join('')}"}`)), plain);
          assert.deepEqual((plain as Buffer).subarray(1), Buffer.from(text));
        }),
      );
    });

    it('numbers are equal exactly when their values are, at any size', () => {
      const digits = fc.oneof(
        fc.constantFrom('0', '1', '10', '100', '15'),
        fc.bigInt({ min: 0n, max: 10n ** 45n }).map(String),
      );
      const text = fc
        .record({
          sign: fc.constantFrom('', '-'),
          whole: digits,
          part: fc.constantFrom('', '.0', '.5', '.50', '.00', '.001', `.${'0'.repeat(45)}1`),
          power: fc.constantFrom('', 'e0', 'e1', 'E+2', 'e-1', 'e-2', 'e44', 'e-44'),
        })
        .map(({ sign, whole, part, power }) => sign + whole + part + power);
      const pair = fc.oneof(
        fc.tuple(text, text),
        // The same number with its point elsewhere.
        fc.tuple(text, fc.constantFrom('e3', 'e-3')).map(([a, power]): [string, string] => {
          // Nothing may stand behind a leading zero.
          const whole = /^-?[1-9]\d*$/.test(a);
          const shifted = !/^-?\d+$/.test(a) ? a : whole && power === 'e3' ? `${a}000e-3` : `${a}.000`;
          return [a, shifted];
        }),
      );
      let equal = 0;
      fc.assert(
        fc.property(pair, ([a, b]) => {
          const same = sameNumber(a, b);
          if (same) equal++;
          assert.equal(
            (take(id, value(`{"id":${a}}`)) as Buffer).equals(take(id, value(`{"id":${b}}`)) as Buffer),
            same,
            `${a} ${b}`,
          );
        }),
        { numRuns: trials(500), seed: 9 },
      );
      assert.ok(equal > 100, String(equal));
    });

    it('whole numbers beyond 2^53 are not merged, and huge exponents cost nothing', () => {
      assert.notEqual(of('9007199254740993'), of('9007199254740992'));
      assert.equal(of('1e100000000000000000000'), '1e100000000000000000000');
      assert.equal(of('10e99999999999999999999'), '1e100000000000000000000');
      for (const digits of [39, 40, 41, 42]) {
        const plain = take(id, value(`{"id":1${'0'.repeat(digits - 1)}}`));
        for (const sign of ['', '-']) {
          const other = take(id, value(`{"id":${sign}10e${digits - 2}}`));
          assert.deepEqual(other, take(id, value(`{"id":${sign}1${'0'.repeat(digits - 1)}.0}`)));
          if (sign === '') assert.deepEqual(other, plain, String(digits));
        }
      }
      assert.equal(of('-0'), '0');
      assert.equal(of('-0.0e7'), '0');
      assert.equal(of('1E2'), '100');
      assert.equal(of('0.0015e1'), '0.015');
    });

    it('of the key', async () => {
      const ofKey = await extractorOf({ json: '/id', of: 'key' });
      assert.equal(read(ofKey, viewOf({ key: '{"id":1}', value: '{"id":2}' })), '1');
      assert.equal(read(ofKey, viewOf({ key: null, value: '{}' })), 'missing: it has no key');
    });
  });

  it('as text, a number is its digits', async () => {
    const id = await extractorOf({ json: '/id', as: 'text' });
    assert.deepEqual(take(id, value('{"id":7.0}')), take(id, value('{"id":"7"}')));
    assert.deepEqual(take(id, value('{"id":true}')), take(id, value('{"id":"true"}')));
  });

  it('as a UUID, its spelling does not matter', async () => {
    const id = await extractorOf({ json: '/id', as: 'uuid' });
    const wanted = take(await extractorOf({ json: '/id' }), value(`{"id":"${uuid}"}`));
    for (const spelt of [UUID, uuid, uuid.replaceAll('-', '')]) {
      assert.deepEqual(take(id, value(`{"id":"${spelt}"}`)), wanted);
    }
    for (const other of ['"x"', '7', 'true', `"${uuid}0"`, `"${uuid.replace('-', '0')}"`, `"g${uuid.slice(1)}"`]) {
      assert.match(read(id, value(`{"id":${other}}`)), /^unreadable: its identity is not a UUID/);
    }
    const key = await extractorOf({ key: true, as: 'uuid' });
    assert.deepEqual(take(key, viewOf({ key: Buffer.from(uuid.replaceAll('-', ''), 'hex') })), wanted);
  });

  it('a key or a header is its bytes, and the text of these bytes', async () => {
    const key = await extractorOf({ key: true });
    const header = await extractorOf({ header: 'x-id' });
    const json = await extractorOf({ json: '/id' });
    const record = viewOf({
      key: 'é-1',
      value: '{"id":"é-1"}',
      headers: [
        ['x-id', 'old'],
        ['x-id', 'é-1'],
        ['x-i', 'no'],
      ],
    });
    assert.deepEqual(take(key, record), take(json, record));
    assert.deepEqual(take(header, record), take(json, record));
    assert.equal(read(key, viewOf({ key: Buffer.from([0xff, 0]) })), '0xff00');
    assert.equal(read(key, viewOf({ key: '' })), '""');
    assert.equal(read(key, viewOf({ key: null })), 'missing: it has no key');
    assert.equal(read(header, viewOf({ value: 'v' })), 'missing: it has no header x-id');
    assert.equal(
      read(
        header,
        viewOf({
          headers: [
            ['x-id', 'a'],
            ['x-id', null],
          ],
        }),
      ),
      'missing: its header x-id is null',
    );
  });

  it('damaged headers are unreadable', async () => {
    const view = viewOf({
      headers: [
        ['x-id', 'abc'],
        ['b', 'c'],
      ],
    }).copy();
    view.buffer[view.headersEnd - 2] = 0x7f;
    assert.equal(read(await extractorOf({ header: 'x-id' }), view), 'unreadable: its headers are damaged');
  });

  it('a capture is what its group holds at the first match', async () => {
    const id = await extractorOf({ capture: 'id=(?<id>[^ ]+)(?: other=(?<other>.))?' });
    assert.equal(read(id, value('x id=a-1 id=b')), '"a-1"');
    assert.equal(read(id, value('ü id=é𝄞 ')), '"é𝄞"');
    assert.match(read(id, value('nothing')), /^missing: its value does not match id=/);
    const bad = Buffer.concat([Buffer.from('id=a'), Buffer.from([0xff])]);
    assert.equal(read(id, value(bad)), 'unreadable: the text of its identity is not UTF-8');
    const maybe = await extractorOf({ capture: 'x(?<id>y)?', of: 'key' });
    assert.match(read(maybe, viewOf({ key: 'x' })), /^missing/);
  });

  it('several are one identity, in their order and without merging', async () => {
    const both = await extractorOf({ all: [{ key: true }, { json: '/line' }] });
    const of = (key: string, line: string) => read(both, viewOf({ key, value: `{"line":${line}}` }));
    assert.equal(of('a', '7'), '"a" + 7');
    assert.equal(of('a', 'null'), 'missing: its identity is null');
    assert.equal(of('a', '7x'), 'unreadable: its value is not JSON');
    const pairs = await extractorOf({ all: [{ key: true }, { header: 'h' }] });
    const part = fc.uint8Array({ maxLength: 6, max: 3 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        const one = take(pairs, viewOf({ key: a, headers: [['h', b]] })) as Buffer;
        const other = take(pairs, viewOf({ key: c, headers: [['h', d]] })) as Buffer;
        assert.equal(one.equals(other), a.equals(c) && b.equals(d));
      }),
    );
  });

  it('long identities fit, and a shown one stays short and harmless', async () => {
    const id = await extractorOf({ all: [{ key: true }, { json: '/id' }] });
    const long = 'x'.repeat(100_000);
    const record = viewOf({ key: long, value: JSON.stringify({ id: long }) });
    const bytes = take(id, record) as Buffer;
    assert.equal(bytes.length, 1 + 2 * (4 + 1 + long.length));
    assert.equal(read(id, record).length, 200);
    const evil = await extractorOf({ key: true });
    assert.equal(read(evil, viewOf({ key: '\u202e\u001b[2J' })), '"?\\u001b[2J"');
    const identity = { bytes, start: 0, end: bytes.length };
    assert.equal(showIdentity(identity, 20).length, 20);
  });
});
