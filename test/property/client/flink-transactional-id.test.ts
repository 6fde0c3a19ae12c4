import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFlinkTransactionalId as parse } from '../../../src/client/kafka/log/flink-transactional-id.js';
import { trials } from '../../support/effort.js';

describe('Flink transactional ids', () => {
  it('are prefix, subtask and counter', () => {
    assert.deepEqual(parse('pt-0-8'), { prefix: 'pt', subtask: 0, counter: 8 });
    assert.deepEqual(parse('run-2024-06-orders-13-0'), { prefix: 'run-2024-06-orders', subtask: 13, counter: 0 });
    assert.deepEqual(parse('a\nb-1-2'), { prefix: 'a\nb', subtask: 1, counter: 2 });
    assert.deepEqual(parse('-1-2'), { prefix: '', subtask: 1, counter: 2 });
  });

  it('are told from ids of another shape', () => {
    for (const id of [
      '',
      'orders',
      'orders-1',
      'orders-x-1',
      'orders-1-',
      'orders-01-1',
      'orders-1-007',
      '1-2',
      'o-1-2 ',
    ]) {
      assert.equal(parse(id), undefined, id);
    }
    assert.equal(parse('o-2147483648-1'), undefined);
    assert.equal(parse('o-1-9007199254740993'), undefined);
  });

  it('are read whatever the prefix', () => {
    const [subtask, counter] = [fc.nat(), fc.maxSafeNat()];
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), subtask, counter, (prefix, s, c) => {
        assert.deepEqual(parse(`${prefix}-${s}-${c}`), { prefix, subtask: s, counter: c });
      }),
      { numRuns: trials(30) },
    );
  });
});
