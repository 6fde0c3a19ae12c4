import assert from 'node:assert/strict';
import { z } from 'zod';
import { FlinchError } from '../../../src/core/error.js';
import { parseIdentity, type SchemaOptions } from '../../../src/reconcile/identity/short-form.js';
import { identitySchema } from '../../../src/reconcile/identity/spec.js';

const typed = { as: 'typed' };
const ofValue = { of: 'value', ...typed };

describe('identity as it is written', () => {
  it('in a scenario', () => {
    const forms: [written: unknown, spec: unknown][] = [
      [{ json: '/order/id' }, { kind: 'json', pointer: '/order/id', ...ofValue }],
      [
        { json: '', of: 'key', as: 'uuid' },
        { kind: 'json', pointer: '', of: 'key', as: 'uuid' },
      ],
      [{ header: 'x-request-id' }, { kind: 'header', name: 'x-request-id', ...typed }],
      [
        { key: true, as: 'text' },
        { kind: 'key', as: 'text' },
      ],
      [{ capture: 'id=(?<id>.)' }, { kind: 'capture', pattern: 'id=(?<id>.)', ...ofValue }],
      [
        { avro: 'order.id', schemaRegistry: 'http://r:8081' },
        { kind: 'avro', path: ['order', 'id'], schemaRegistry: 'http://r:8081', ...ofValue },
      ],
      [
        { avro: 'id', schemaFile: 'a.avsc' },
        { kind: 'avro', path: ['id'], schemaFile: 'a.avsc', framing: 'confluent', ...ofValue },
      ],
      [
        { all: [{ key: true }, { json: '/line' }] },
        {
          kind: 'all',
          parts: [
            { kind: 'key', ...typed },
            { kind: 'json', pointer: '/line', ...ofValue },
          ],
        },
      ],
    ];
    for (const [written, spec] of forms) assert.deepEqual(identitySchema.parse(written), spec);
  });

  it('a mistake says where it is, what is wrong and what is right', () => {
    const mistakes: [written: unknown, path: string, sentence: RegExp][] = [
      [undefined, '', /^nothing is not an identity; write one of \{ json: \/order\/id \}/],
      ['json:/id', '', /^"json:\/id" is not an identity; write one of/],
      [{}, '', /^names no identity; write one of/],
      [{ json: '/a', key: true }, '', /^is json and key at once; write \{ all: \[\.\.\.\] \} for several$/],
      [{ json: 'order/id' }, 'json', /^"order\/id" does not begin with a slash; write \/order\/id$/],
      [{ json: '$.id' }, 'json', /^"\$\.id" does not begin with a slash; write a JSON pointer, e\.g\. \/order\/id$/],
      [{ json: '/a~b' }, 'json', /^"\/a~b" has a ~ that is neither ~0/],
      [{ json: 7 }, 'json', /^7 is not a JSON pointer; write text/],
      [{ header: '' }, 'header', /^is empty; write the name of a header/],
      [{ key: 'x' }, 'key', /^"x" is not a way to name the key; write key: true$/],
      [{ key: true, of: 'key' }, 'of', /^does not go with key; leave it out$/],
      [{ json: '/a', as: 'number' }, 'as', /^"number" is not a form; write text, uuid or typed$/],
      [{ json: '/a', schemaFile: 'a.avsc' }, 'schemaFile', /^does not go with json, only with avro; leave it out$/],
      [{ capture: '(' }, 'capture', /^"\(" is not a regular expression \(Unterminated group\); write e\.g\. "id=/],
      [{ capture: '(?<no>x)' }, 'capture', /^"\(\?<no>x\)" has no group named id; write e\.g\./],
      [
        { avro: 'id' },
        '',
        /^names no schema; write either schemaRegistry: http:\/\/registry:8081 or schemaFile: order\.avsc$/,
      ],
      [
        { avro: 'id', schemaFile: 'a', schemaRegistry: 'http://r' },
        '',
        /^names two sources of its schema; write either/,
      ],
      [
        { avro: 'id', schemaRegistry: 'http://r', framing: 'none' },
        'framing',
        /write schemaFile: order\.avsc, not schemaRegistry$/,
      ],
      [{ avro: 'a..b', schemaFile: 'a' }, 'avro', /^"a\.\.b" is not the path of an Avro field; write names with dots/],
      [{ all: [{ key: true }] }, 'all', /^has fewer than two identities/],
      [{ all: [{ key: true }, { json: 'x' }] }, 'all.1.json', /^"x" does not begin with a slash; write \/x$/],
      [
        { all: [{ key: true }, { json: '/x', of: 'both' }] },
        'all.1.of',
        /^"both" is not a part of a record; write value or key$/,
      ],
      [{ all: [{ key: true }, { json: '/x' }], as: 'text' }, 'as', /^does not go with all; write it inside/],
      [{ all: [{ key: true }, {}] }, 'all.1', /^names no identity/],
    ];
    for (const [written, path, sentence] of mistakes) {
      const issue = identitySchema.safeParse(written).error?.issues[0];
      assert.ok(issue, JSON.stringify(written));
      assert.equal(issue.path.join('.'), path, JSON.stringify(written));
      assert.match(issue.message, sentence);
    }
  });

  it('a registry URL is never in a message', () => {
    for (const url of ['me:secret@registry', 'ftp://me:secret@registry', 7]) {
      const { error } = identitySchema.safeParse({ avro: 'id', schemaRegistry: url });
      assert.match(error?.issues[0]?.message ?? '', /^is not the URL of a schema registry/);
      assert.ok(!error?.issues[0]?.message.includes('secret'));
    }
  });

  it('has a JSON schema for editors', () => {
    const schema = z.toJSONSchema(identitySchema, { target: 'draft-7', io: 'input' });
    assert.ok(Object.keys(schema.properties ?? {}).includes('all'));
  });

  it('on the command line', () => {
    const registry = { schemaRegistry: 'http://r' };
    const forms: [text: string | string[], spec: unknown, options?: SchemaOptions][] = [
      ['json:/order/id', { kind: 'json', pointer: '/order/id', ...ofValue }],
      ['json:', { kind: 'json', pointer: '', ...ofValue }],
      ['key.json:/id', { kind: 'json', pointer: '/id', of: 'key', as: 'typed' }],
      ['uuid:json:/id', { kind: 'json', pointer: '/id', of: 'value', as: 'uuid' }],
      ['header:x-request-id', { kind: 'header', name: 'x-request-id', ...typed }],
      ['header:a:b', { kind: 'header', name: 'a:b', ...typed }],
      ['key', { kind: 'key', ...typed }],
      ['text:key', { kind: 'key', as: 'text' }],
      ['capture:id: (?<id>.)', { kind: 'capture', pattern: 'id: (?<id>.)', ...ofValue }],
      ['avro:order.id', { kind: 'avro', path: ['order', 'id'], ...registry, ...ofValue }, registry],
      [
        'key.avro:id',
        { kind: 'avro', path: ['id'], schemaFile: 'a', framing: 'none', of: 'key', as: 'typed' },
        { schemaFile: 'a', framing: 'none', schemaRegistry: undefined },
      ],
      [
        ['key', 'json:/l'],
        {
          kind: 'all',
          parts: [
            { kind: 'key', ...typed },
            { kind: 'json', pointer: '/l', ...ofValue },
          ],
        },
      ],
    ];
    for (const [text, spec, options] of forms) assert.deepEqual(parseIdentity(text, options), spec);
  });

  it('a mistake on the command line quotes the text', () => {
    const mistakes: [text: string | string[], sentence: RegExp][] = [
      ['', /^identity "": is not an identity; write key, json:/],
      ['/order/id', /^identity "\/order\/id": is not an identity; write key, json:/],
      ['json', /^identity "json": says nothing after json/],
      ['header:', /^identity "header:": says nothing after header/],
      ['key:x', /^identity "key:x": is not an identity/],
      ['key.header:x', /^identity "key\.header:x": is not an identity/],
      ['json:id', /^identity "json:id": "id" does not begin with a slash; write \/id$/],
      [
        'avro:id',
        /^identity "avro:id": names no schema; write either --schema-registry http\S+ or --schema-file order\.avsc$/,
      ],
      ['capture:x', /^identity "capture:x": "x" has no group named id/],
      [['key', 'json:x'], /^identity "json:x": "x" does not begin with a slash/],
    ];
    for (const [text, sentence] of mistakes) {
      assert.throws(
        () => parseIdentity(text),
        (error: FlinchError) => {
          assert.ok(error instanceof FlinchError && error.code === 'USAGE');
          assert.match(error.message, sentence);
          return true;
        },
      );
    }
  });
});
