import assert from 'node:assert/strict';
import type { WorkloadSpec } from '../../../src/core/scenario.js';
import { planJob } from '../../../src/workload/jobs.js';

const workload: WorkloadSpec = {
  job: 'pass-through',
  guarantee: 'exactly-once',
  rate: 1000,
  recordSize: 0,
  lanes: 8,
  partitions: 2,
  parallelism: 2,
  checkpoints: 2000,
  stateBackend: 'rocksdb',
  transactionTimeout: 600_000,
  sinkConfig: {},
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
    assert.match(insert, /^INSERT INTO `flinch_out` SELECT lane, seq, ts, chk FROM `flinch_in`$/);
  });

  it('plans a start from a snapshot, which is then its own, and another parallelism', () => {
    const options = { workload, brokers: ['k1:9092'], input: 'in', output: 'out', run: 'r7' };
    const { session, insert, name } = planJob({ ...options, retain: true }, { from: 'file:/s1', parallelism: 4 });
    const key = 'execution.checkpointing.externalized-checkpoint-retention';
    assert.deepEqual(
      ['execution.state-recovery.path', 'execution.state-recovery.claim-mode', 'parallelism.default', key].map(
        (it) => (session as Record<string, string>)[it],
      ),
      ['file:/s1', 'CLAIM', '4', 'RETAIN_ON_CANCELLATION'],
    );
    assert.deepEqual([insert, name], [planJob(options).insert, planJob(options).name]);
    const changed = planJob(
      { ...options, workload: { ...workload, job: 'count' } },
      { from: 'file:/s1', changed: true },
    );
    assert.equal(changed.session['execution.state-recovery.claim-mode'], 'NO_CLAIM');
    assert.match(changed.insert, /AVG\(seq\) AS mx/);
  });

  it('carries the filling of filled records, and settings of the sink', () => {
    const { tables, insert } = plan({ recordSize: 100, sinkConfig: { 'linger.ms': '4000' } });
    for (const table of tables) assert.match(table, /chk BIGINT, pad STRING\)/);
    assert.match(insert, /SELECT lane, seq, ts, chk, pad FROM/);
    assert.doesNotMatch(tables[0] as string, /linger/);
    assert.match(tables[1] as string, /'properties.linger.ms' = '4000'/);
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
