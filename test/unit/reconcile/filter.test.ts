import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { compileFilter, type Judgement } from '../../../src/reconcile/filter.js';
import { filterSchema } from '../../../src/reconcile/filter-spec.js';
import { viewOf } from '../../support/record-views.js';

const filterOf = (written: unknown) => compileFilter(filterSchema.parse(written));
const judge = (written: unknown, value: string | Buffer | null, headers: [string, string | Buffer | null][] = []) =>
  filterOf(written)(viewOf({ key: '{"k":1}', value, headers }));

describe('filter of records', () => {
  it('asks JSON', () => {
    const cases: [test: object, json: string, expected: Judgement][] = [
      [{ equals: 'order' }, '"order"', 'yes'],
      [{ equals: 'order' }, '"\\u006frder"', 'yes'],
      [{ equals: 'order' }, '"Order"', 'no'],
      [{ equals: 'order' }, '["order"]', 'no'],
      [{ equals: '7' }, '7', 'no'],
      [{ equals: 7 }, '7.0', 'yes'],
      [{ equals: 7 }, '"7"', 'no'],
      [{ equals: 0.1 }, '1e-1', 'yes'],
      [{ equals: 9007199254740991 }, '9007199254740992', 'no'],
      [{ equals: true }, 'true', 'yes'],
      [{ equals: 'true' }, 'true', 'no'],
      [{ equals: null }, 'null', 'yes'],
      [{ equals: 'null' }, 'null', 'no'],
      [{ in: ['a', 1] }, '1', 'yes'],
      [{ in: ['a', 1] }, '"b"', 'no'],
      [{ matches: '^or' }, '"order"', 'yes'],
      [{ matches: '^or' }, '"for"', 'no'],
      [{ matches: '7' }, '7', 'unreadable'],
      [{ matches: 'x' }, 'null', 'no'],
      [{ exists: true }, 'null', 'yes'],
      [{ exists: true }, '{}', 'yes'],
      [{ exists: false }, '1', 'no'],
      [{ atLeast: 5 }, '5', 'yes'],
      [{ atLeast: 5 }, '4.9999999999999999999999', 'no'],
      [{ atLeast: -5 }, '-5.0000000000000000000001', 'no'],
      [{ atLeast: 5, atMost: 6 }, '6.0', 'yes'],
      [{ atMost: 5 }, '1e400', 'no'],
      [{ atMost: 5 }, '-1e400', 'yes'],
      [{ atLeast: 0 }, '-0', 'yes'],
      [{ atLeast: 5 }, '"6"', 'unreadable'],
      [{ atLeast: 5 }, 'null', 'no'],
    ];
    for (const [test, json, expected] of cases) {
      assert.equal(judge({ json: '/x', ...test }, `{"x":${json}}`), expected, `${JSON.stringify(test)} ${json}`);
    }
    assert.equal(judge({ json: '/k', of: 'key', equals: 1 }, null), 'yes');
  });

  it('where nothing is, the answer is no; where nothing can be read, it is unreadable', () => {
    for (const test of [{ equals: 1 }, { in: [null] }, { matches: '' }, { exists: true }, { atLeast: 0 }]) {
      assert.equal(judge({ json: '/x', ...test }, '{"y":1}'), 'no');
      assert.equal(judge({ json: '/x', ...test }, null), 'no');
      assert.equal(judge({ json: '/x', ...test }, '{"x":1'), 'unreadable');
      assert.equal(judge({ json: '/x', ...test }, ''), 'unreadable');
    }
    assert.equal(judge({ json: '/x', exists: false }, '{"y":1}'), 'yes');
    const latin = Buffer.from('{"x":"\xe9"}', 'latin1');
    assert.equal(judge({ json: '/x', equals: 'é' }, latin), 'unreadable');
  });

  it('asks headers', () => {
    const headers: [string, string | Buffer | null][] = [
      ['t', 'a'],
      ['t', 'b'],
      ['n', null],
      ['bad', Buffer.from([0xff])],
    ];
    assert.equal(judge({ header: 't', equals: 'b' }, 'v', headers), 'yes');
    assert.equal(judge({ header: 't', equals: 'a' }, 'v', headers), 'no');
    assert.equal(judge({ header: 't', matches: '^b$' }, 'v', headers), 'yes');
    assert.equal(judge({ header: 'n', exists: true }, 'v', headers), 'yes');
    assert.equal(judge({ header: 'n', equals: 'null' }, 'v', headers), 'no');
    assert.equal(judge({ header: 'o', exists: false }, 'v', headers), 'yes');
    assert.equal(judge({ header: 'bad', equals: 'x' }, 'v', headers), 'unreadable');
    const view = viewOf({ value: 'v', headers }).copy();
    view.buffer[view.headersStart] = 0x7f;
    assert.equal(filterOf({ header: 't', exists: true })(view), 'unreadable');
  });

  it('combines answers without turning "cannot tell" into no', () => {
    const yes = { json: '/x', exists: true };
    const no = { json: '/x', exists: false };
    const unreadable = { json: '/x', matches: 'a' };
    const answers: [object, Judgement][] = [
      [yes, 'yes'],
      [no, 'no'],
      [unreadable, 'unreadable'],
    ];
    const worst = (list: Judgement[], first: Judgement, other: Judgement) =>
      list.includes(first) ? first : list.includes('unreadable') ? 'unreadable' : other;
    for (const [filter, answer] of answers) {
      const opposite = answer === 'yes' ? 'no' : answer === 'no' ? 'yes' : answer;
      assert.equal(judge({ not: filter }, '{"x":1}'), opposite);
    }
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...answers), { minLength: 1, maxLength: 4 }), (list) => {
        const [filters, wanted] = [list.map(([filter]) => filter), list.map(([, answer]) => answer)];
        assert.equal(judge({ all: filters }, '{"x":1}'), worst(wanted, 'no', 'yes'));
        assert.equal(judge({ any: filters }, '{"x":1}'), worst(wanted, 'yes', 'no'));
        const swapped = { not: { any: filters.map((filter) => ({ not: filter })) } };
        assert.equal(judge(swapped, '{"x":1}'), judge({ all: filters }, '{"x":1}'));
      }),
    );
  });

  it('numbers compare by value at any size', () => {
    const digits = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    fc.assert(
      fc.property(digits, fc.maxSafeInteger(), fc.boolean(), (random, bound, near) => {
        const value = near ? BigInt(bound) + (random % 3n) : random;
        const expected = value >= BigInt(bound) ? 'yes' : 'no';
        assert.equal(judge({ json: '', atLeast: bound }, `${value}`), expected);
        assert.equal(judge({ json: '', atLeast: bound }, `${value}.000e0`), expected);
        assert.equal(judge({ json: '', atMost: bound }, `${value}`), value <= BigInt(bound) ? 'yes' : 'no');
      }),
    );
  });

  it('a mistake says where it is, what is wrong and what is right', () => {
    const mistakes: [written: unknown, path: string, sentence: RegExp][] = [
      ['x', '', /^"x" is not a filter; write \{ json: \/type, equals: order \}/],
      [{}, '', /^means nothing; write/],
      [{ json: '/x' }, '', /^asks nothing of json; write one of equals, in, matches/],
      [{ json: '/x', header: 'h', equals: 1 }, 'header', /^does not go with json; write all: \[\.\.\.\] for both$/],
      [{ json: '/x', equals: 1, in: [1] }, 'in', /^does not go with equals; write all/],
      [{ json: '/x', equals: 1, atLeast: 1 }, 'atLeast', /^does not go with equals/],
      [{ json: '/x', atLeast: 2, atMost: 1 }, 'atMost', /^is below atLeast \(2\), so that nothing is meant/],
      [{ json: '/x', atLeast: 2 ** 53 }, 'atLeast', /^9007199254740992 is not exact/],
      [{ json: '/x', equals: 2 ** 53 }, 'equals', /^9007199254740992 is not exact/],
      [{ json: '/x', equals: {} }, 'equals', /^a map is not a plain value; write text/],
      [{ json: '/x', matches: '(' }, 'matches', /^"\(" is not a regular expression/],
      [{ json: 'x', exists: true }, 'json', /^"x" does not begin with a slash; write \/x$/],
      [{ json: '/x', exists: 'yes' }, 'exists', /^"yes" is not an answer; write true or false$/],
      [{ header: 'h', equals: 7 }, 'equals', /^7 is not text, which a header is; write "7"$/],
      [{ header: 'h', atLeast: 7 }, 'atLeast', /^does not go with header, which is text/],
      [{ not: { json: '/x' } }, 'not', /^asks nothing of json/],
      [{ all: [] }, 'all', /^is empty; write at least one filter$/],
      [
        {
          any: [
            { json: '/x', exists: true },
            { json: 'y', exists: true },
          ],
        },
        'any.1.json',
        /^"y" does not begin/,
      ],
      [{ all: [{ json: '/x', exists: true }], equals: 1 }, 'equals', /^does not go with all; write it inside$/],
    ];
    for (const [written, path, sentence] of mistakes) {
      const issue = filterSchema.safeParse(written).error?.issues[0];
      assert.ok(issue, JSON.stringify(written));
      assert.equal(issue.path.join('.'), path, JSON.stringify(written));
      assert.match(issue.message, sentence);
    }
  });

  it('has a JSON schema for editors', () => {
    const text = JSON.stringify(z.toJSONSchema(filterSchema, { target: 'draft-7', io: 'input' }));
    assert.match(text, /"atLeast"/);
  });
});
