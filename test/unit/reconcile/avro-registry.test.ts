import assert from 'node:assert/strict';
import { openSchemaRegistry, type SchemaRegistry } from '../../../src/client/schema-registry.js';
import type { FlinchError } from '../../../src/core/error.js';
import { WaitingRoom } from '../../../src/reconcile/identity/waiting-room.js';
import { framed, recordOf, typeOf } from '../../support/avro.js';
import { extractorOf, read, take } from '../../support/identities.js';
import { hang, json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';

describe('identity in Avro with a schema registry', () => {
  let server: LyingHttpServer;
  let registry: SchemaRegistry;
  before(async () => {
    server = await startLyingHttp();
    registry = openSchemaRegistry({ url: server.url });
  });
  after(async () => {
    registry.close();
    await server.close();
  });
  const deps = { registry: () => registry };
  const open = (path = 'id') => extractorOf({ avro: path, schemaRegistry: 'http://registry:8081' }, deps);
  const body = typeOf(recordOf('string')).toBuffer({ id: 'a' });

  it('a record waits for its schema, once', async () => {
    server.on('/schemas/ids/1', json({ schema: JSON.stringify(recordOf('string')) }));
    const id = await open();
    assert.equal(take(id, framed(1, body)), 'later');
    assert.equal(take(id, framed(1, body)), 'later');
    assert.ok(id.waiting);
    await id.settle();
    assert.ok(!id.waiting);
    assert.equal(read(id, framed(1, body)), '"a"');
    assert.equal(server.requests.length, 1);
  });

  it('a record that waits is kept, up to a limit, and comes back', async () => {
    server.on('/schemas/ids/8', json({ schema: JSON.stringify(recordOf('string')) }));
    const id = await open();
    const room = new WaitingRoom(40);
    const record = framed(8, body);
    const kept = [1, 2, 3, 4, 5, 6, 7].filter(() => take(id, record) === 'later' && room.keep(record));
    assert.equal(kept.length, 5, 'seven bytes of value and one that counts headers, each');
    record.buffer.fill(0);
    const back: string[] = [];
    for (let i = 0; i < 2; i++) await room.release(id, (view) => back.push(`${view.offset} ${read(id, view)}`));
    assert.deepEqual(back, Array(5).fill('100 "a"'));
  });

  it('two may wait at once', async () => {
    const ids = [21, 22, 23, 24];
    for (const id of ids) server.on(`/schemas/ids/${id}`, json({ schema: JSON.stringify(recordOf('string')) }));
    const id = await open();
    for (const schema of ids) take(id, framed(schema, body));
    await Promise.all([id.settle(), id.settle(), id.settle()]);
    for (const schema of ids) assert.equal(read(id, framed(schema, body)), '"a"');
  });

  it('schemas evolve: each record is read in the schema that it was written in', async () => {
    const wide = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'line', type: 'long' },
        { name: 'id', type: 'string' },
      ],
    };
    server.on('/schemas/ids/2', json({ schema: JSON.stringify(wide) }));
    const id = await open();
    const newer = framed(2, typeOf(wide).toBuffer({ line: 3n, id: 'a' }));
    for (const record of [framed(1, body), newer]) take(id, record);
    await id.settle();
    assert.equal(read(id, framed(1, body)), read(id, newer));
  });

  it('names of other subjects are known', async () => {
    const order = { type: 'record', name: 'Order', namespace: 'shop', fields: [{ name: 'id', type: 'string' }] };
    const top = { type: 'record', name: 'Top', namespace: 'shop', fields: [{ name: 'order', type: 'Order' }] };
    const references = [{ name: 'shop.Order', subject: 'order', version: 1 }];
    server.on('/schemas/ids/3', json({ schema: JSON.stringify(top), references }));
    server.on('/subjects/order/versions/1', json({ schema: JSON.stringify(order) }));
    const id = await open('order.id');
    take(id, framed(3, body));
    await id.settle();
    assert.equal(read(id, framed(3, body)), '"a"');
  });

  it('a record of no use is unreadable, and says why', async () => {
    server.on('/schemas/ids/4', json({ schema: 'message', schemaType: 'PROTOBUF' }));
    server.on('/schemas/ids/5', json({ error_code: 40403 }, 404));
    server.on('/schemas/ids/6', json({ schema: JSON.stringify(recordOf('string')) }));
    const id = await open('order.id');
    for (const schema of [4, 5, 6]) take(id, framed(schema, body));
    await id.settle();
    assert.match(read(id, framed(4, body)), /^unreadable: its schema is of no use: schema 4 .* is PROTOBUF, not Avro/);
    assert.match(read(id, framed(5, body)), /^unreadable: its schema is of no use: .* has no schema 5/);
    assert.match(
      read(id, framed(6, body)),
      /^unreadable: its schema 6: the schema has no field order; its fields are id/,
    );
  });

  it('a registry that is away is an error, and is asked again', async () => {
    server.on('/schemas/ids/7', hang);
    const brief = openSchemaRegistry({ url: server.url, timeoutMs: 60 });
    const id = await extractorOf(
      { all: [{ avro: 'id', schemaRegistry: 'http://r' }, { key: true }] },
      { registry: () => brief },
    );
    const record = framed(7, body, 'k');
    assert.equal(take(id, record), 'later');
    await assert.rejects(id.settle(), (error: FlinchError) => error.code === 'SCHEMA_REGISTRY');
    assert.ok(id.waiting);
    assert.equal(take(id, record), 'later');
    server.on('/schemas/ids/7', json({ schema: JSON.stringify(recordOf('string')) }));
    await id.settle();
    assert.equal(read(id, record), '"a" + "k"');
    brief.close();
  });
});
