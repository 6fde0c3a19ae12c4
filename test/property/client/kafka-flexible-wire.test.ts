import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Api } from '../../../src/client/kafka/apis/api.js';
import { describeAcls } from '../../../src/client/kafka/apis/describe-acls.js';
import { describeProducers } from '../../../src/client/kafka/apis/describe-producers.js';
import { describeTransactions } from '../../../src/client/kafka/apis/describe-transactions.js';
import { findCoordinator } from '../../../src/client/kafka/apis/find-coordinator.js';
import { listTransactions } from '../../../src/client/kafka/apis/list-transactions.js';
import { WireReader, WireWriter } from '../../../src/client/kafka/protocol/wire.js';
import { trials } from '../../support/effort.js';

const hex = (write: (writer: WireWriter) => void) => {
  const writer = new WireWriter();
  write(writer);
  return writer.done().toString('hex');
};
const request = <Q>(api: Api<Q, unknown>, version: number, body: Q) => hex((w) => api.encode(w, version, body));

describe('kafka flexible versions on the wire', () => {
  it('writes unsigned varints and compact fields as the protocol says', () => {
    const bytes = [0, 1, 127, 128, 300, 2 ** 31, 2 ** 32 - 1].map((value) => hex((w) => w.uvarint(value)));
    assert.deepEqual(bytes, ['00', '01', '7f', '8001', 'ac02', '8080808008', 'ffffffff0f']);
    assert.equal(
      hex((w) => w.compactString(null).compactString('').compactString('é')),
      '000103c3a9',
    );
    assert.equal(
      hex((w) => w.compactBytes(null).compactBytes(Buffer.from([7, 8]))),
      '00030708',
    );
    assert.equal(
      hex((w) =>
        w
          .compactArray([], () => {})
          .compactArray([5], (x, n) => x.int8(n))
          .tags(),
      ),
      '01020500',
    );
  });

  it('reads back what it wrote, of any length', () => {
    const value = fc.record({
      number: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      text: fc.option(fc.string({ unit: 'grapheme', maxLength: 150 })),
      bytes: fc.uint8Array({ maxLength: 200 }),
      list: fc.array(fc.integer(), { maxLength: 150 }),
    });
    fc.assert(
      fc.property(value, ({ number, text, bytes, list }) => {
        const writer = new WireWriter().uvarint(number).compactString(text).compactBytes(Buffer.from(bytes));
        const reader = new WireReader(
          writer
            .compactArray(list, (w, n) => w.int64(n))
            .tags()
            .done(),
        );
        assert.equal(reader.uvarint(), number);
        assert.equal(reader.compactString(), text);
        assert.ok(reader.compactBytes().equals(bytes));
        assert.deepEqual(
          reader.compactArray((r) => r.int64()),
          list,
        );
        reader.tags();
        assert.equal(reader.at, reader.buffer.length);
      }),
      { numRuns: trials(10) },
    );
  });

  it('skips tagged fields it does not know', () => {
    const reader = new WireReader(Buffer.from([2, 0, 1, 0xaa, 0x80, 0x01, 3, 1, 2, 3, 0x2a]));
    assert.equal(reader.tags().int8(), 0x2a);
  });

  it('never reads past the end or without one', () => {
    for (const [bytes, read] of [
      [[0x80], (r) => r.uvarint()],
      [[0xff, 0xff, 0xff, 0xff, 0xff, 0x01], (r) => r.uvarint()],
      [[5, 65], (r) => r.compactString()],
      [[5, 65], (r) => r.compactBytes()],
      [[0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1], (r) => r.compactArray((x) => x.int8())],
      [[1, 0, 9, 1], (r) => r.tags()],
    ] as [number[], (reader: WireReader) => unknown][]) {
      assert.throws(() => read(new WireReader(Buffer.from(bytes))), RangeError, String(bytes));
    }
  });

  it('writes each request as the broker expects it', () => {
    const none = {};
    assert.equal(request(listTransactions, 0, none), '010100');
    assert.equal(request(listTransactions, 1, none), '0101ffffffffffffffff00');
    const filtered = { states: ['Empty'], producerIds: [9], longerThanMs: 1000 };
    assert.equal(
      request(listTransactions, 1, filtered),
      '0206456d707479020000000000000009' + '00000000000003e8' + '00',
    );
    assert.equal(request(listTransactions, 0, filtered), '0206456d70747902000000000000000900');
    assert.equal(request(describeTransactions, 0, { transactionalIds: ['a', 'bc'] }), '030261' + '036263' + '00');
    const partitions = { topic: 't', partitions: [0, 258] };
    assert.equal(request(describeProducers, 0, partitions), '020274' + '030000000000000102' + '0000');
    assert.equal(request(describeAcls, 1, { resourceType: 5 }), '05ffff01ffffffff0101');
    assert.equal(request(findCoordinator, 2, { transactionalId: 'ab' }), '0002616201');
  });
});
