import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaFacts } from '../../src/doctor/read/kafka.js';
import { flinch } from '../support/flinch.js';
import { startBrokers, type TestBrokers } from '../support/kafka/brokers.js';
import { stage } from '../support/kafka/transactions-stage.js';

for (const line of [3, 4] as const) {
  describe(`what doctor asks brokers of Kafka ${line}`, () => {
    const signal = AbortSignal.timeout(120_000);
    let brokers: TestBrokers;
    let play: ReturnType<typeof stage>;

    before(async () => {
      brokers = await startBrokers({
        ...(line === 4 && { line }),
        config: { 'transaction.max.timeout.ms': '1200000' },
      });
      play = stage(brokers);
      await play.admin.connect();
      await play.create('orders', 1);
      await play.create('out', 2);
    });
    after(async () => {
      await play?.end();
      await brokers?.end();
    });
    const ask = (topics: string[]) => kafkaFacts({ brokers: brokers.bootstrap, topics }, signal);

    it('knows topics and the longest transaction where nobody has written in one', async () => {
      const { kafka, problems } = await ask(['orders']);
      assert.deepEqual([kafka, problems], [{ replicas: { orders: 1 }, transactionMaxTimeout: 1_200_000 }, []]);
    });

    it('takes the shortest timeout of those who write in transactions, committed or open', async () => {
      const done = await play.begin('out', 'done-0-1', [0], 45_000);
      await done.transaction.commit();
      await play.begin('out', 'open-0-1', [0, 1], 600_000);
      const { kafka, problems } = await ask(['orders', 'out']);
      assert.deepEqual(problems, []);
      assert.deepEqual(kafka, {
        replicas: { orders: 1, out: 1, __transaction_state: 1 },
        transactionTimeout: 45_000,
        transactionMaxTimeout: 1_200_000,
      });
    });

    it('says which topic is not there', async () => {
      await assert.rejects(ask(['orders', 'nothing']), /there is no topic nothing/);
    });

    it('adds what they say to a configuration, on the command line', async () => {
      const it_ = flinch();
      writeFileSync(join(it_.cwd, 'config.yaml'), 'execution.checkpointing.interval: 10 s\n');
      const kafka = ['--brokers', brokers.bootstrap.join(','), '--topics', 'orders,out'];
      const { code, stdout } = await it_.run('doctor', 'config.yaml', ...kafka, '--format', 'json');
      rmSync(it_.cwd, { recursive: true });
      const { findings } = JSON.parse(stdout) as { findings: { rule: string; what: string }[] };
      const said = (rule: string) => findings.find((it) => it.rule === rule)?.what;
      assert.equal(code, 1);
      assert.match(said('one-replica') ?? '', /orders/);
      assert.match(said('transaction-timeout') ?? '', /a transaction lasts 45s at most/);
    });
  });
}
