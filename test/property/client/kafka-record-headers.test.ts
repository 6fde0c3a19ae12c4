import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FlinchError } from '../../../src/core/error.js';
import { trials } from '../../support/effort.js';
import { viewOf, viewsOf } from '../../support/record-views.js';

describe('record headers', () => {
  it('the last header of a name wins; null and absent differ', () => {
    const view = viewOf({
      value: 'v',
      headers: [
        ['id', '1'],
        ['x', null],
        ['id', '2'],
        ['é', ''],
        ['x', 'y'],
        ['z', null],
      ],
    });
    assert.equal(view.header('id')?.toString(), '2');
    assert.equal(view.header('x')?.toString(), 'y');
    assert.equal(view.header('z'), null);
    assert.equal(view.header('é')?.length, 0);
    assert.equal(view.header('i'), undefined);
    assert.equal(viewOf({ value: 'v' }).header('id'), undefined);
  });

  it('every header is handed over, whatever it holds', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 80 });
    const value = fc.option(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      { nil: null },
    );
    const record = fc.record({
      key: fc.option(fc.string(), { nil: null }),
      value: fc.option(fc.string(), { nil: null }),
      headers: fc.array(fc.tuple(name, value), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), (records) => {
        const views = viewsOf(records);
        for (const [i, { headers, key }] of records.entries()) {
          assert.deepEqual(
            views[i]?.headers().map(({ name, value }) => [name, value]),
            headers,
          );
          const copy = views[i]?.copy();
          assert.deepEqual(copy?.headers(), views[i]?.headers());
          assert.deepEqual(copy?.value(), views[i]?.value());
          assert.equal(copy?.key()?.toString() ?? null, key);
          assert.equal(copy?.offset, 100 + i);
        }
      }),
      { numRuns: trials(30) },
    );
  });

  it('damage at any byte is an error of its own or other headers, never a crash or a read past the end', () => {
    const whole = viewOf({
      value: 'v',
      headers: [
        ['id', 'abc'],
        ['other', null],
        ['third', 'x'.repeat(70)],
      ],
    });
    let damaged = 0;
    for (let at = whole.headersStart; at < whole.headersEnd; at++) {
      for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const view = whole.copy();
        view.buffer[at - whole.headersEnd + view.headersEnd] = byte;
        try {
          for (const { value } of view.headers())
            assert.ok((value?.length ?? 0) <= view.headersEnd - view.headersStart);
        } catch (error) {
          assert.ok(error instanceof FlinchError && error.code === 'KAFKA_WIRE', String(error));
          damaged++;
        }
      }
    }
    assert.ok(damaged > 20, String(damaged));
  });

  it('headers that are cut off or followed by bytes are damaged', () => {
    for (const shift of [-1, -3]) {
      const view = viewOf({ value: 'v', headers: [['id', 'abc']] }).copy();
      view.headersEnd += shift;
      assert.throws(() => view.header('id'), /headers of a record are damaged - offset 100/);
    }
    const view = viewsOf([{ value: 'v', headers: [['id', 'abc']] }, { value: 'w' }])[0];
    if (view) view.headersEnd += 1;
    assert.throws(() => view?.header('id'), /damaged/);
  });
});
