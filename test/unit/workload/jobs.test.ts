import assert from 'node:assert/strict';
import type { WorkloadSpec } from '../../../src/core/scenario.js';
import { planJob } from '../../../src/workload/jobs.js';

const workload: WorkloadSpec = {
  job: 'pass-through',
  guarantee: 'exactly-once',
  rate: 1000,
  lanes: 8,
  partitions: 2,
  parallelism: 2,
  checkpoints: 2000,
  stateBackend: 'rocksdb',
  transactionTimeout: 600_000,
};
const plan = (change: Partial<WorkloadSpec>) =>
  planJob({
    workload: { ...workload, ...change },
    brokers: ['k1:9092', 'k2:9092'],
    input: 'in',
    output: "o'ut",
    run: 'r7',
  });

describe('sql jobs', () => {
  it('plans an exactly-once pass-through', () => {
    const { name, session, tables, insert } = plan({});
    assert.equal(name, 'flinch-pass-through-r7');
    assert.deepEqual(session, {
      'execution.runtime-mode': 'streaming',
      'execution.checkpointing.interval': '2000 ms',
      'execution.checkpointing.mode': 'EXACTLY_ONCE',
      'state.backend.type': 'rocksdb',
      'parallelism.default': '2',
      'pipeline.name': name,
      'table.dml-sync': 'false',
    });
    const [source, sink] = tables as [string, string];
    assert.match(source, /'properties.bootstrap.servers' = 'k1:9092,k2:9092'/);
    assert.match(source, /'properties.group.id' = 'flinch-pass-through-r7-source'/);
    assert.match(source, /'scan.startup.mode' = 'earliest-offset'/);
    assert.match(sink, /'topic' = 'o''ut'/);
    assert.match(sink, /'sink.delivery-guarantee' = 'exactly-once'/);
    assert.match(sink, /'sink.transactional-id-prefix' = 'flinch-pass-through-r7'/);
    assert.match(sink, /'properties.transaction.timeout.ms' = '600000'/);
    assert.match(insert, /^INSERT INTO `flinch_out` SELECT lane, seq, ts FROM `flinch_in`$/);
  });

  it('asks for no transactions with a lesser guarantee', () => {
    for (const guarantee of ['at-least-once', 'none'] as const) {
      const sink = plan({ guarantee }).tables[1] as string;
      assert.match(sink, new RegExp(`'sink.delivery-guarantee' = '${guarantee}'`));
      assert.doesNotMatch(sink, /transaction/);
    }
  });

  it('plans a count into an upsert topic keyed by lane', () => {
    const { tables, insert } = plan({ job: 'count', stateBackend: 'hashmap' });
    assert.match(tables[1] as string, /PRIMARY KEY \(lane\) NOT ENFORCED/);
    assert.match(tables[1] as string, /'connector' = 'upsert-kafka'/);
    assert.doesNotMatch(tables[1] as string, /buffer-flush/);
    assert.match(insert, /COUNT\(\*\) AS cnt, MAX\(seq\) AS mx FROM `flinch_in` GROUP BY lane/);
  });
});
