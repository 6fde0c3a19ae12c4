import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import { brokersOnDuty } from '../../src/client/kafka/duties.js';
import { parseFlinkTransactionalId } from '../../src/client/kafka/log/flink-transactional-id.js';
import { openLog } from '../../src/client/kafka/log/log-reader.js';
import type { OpenTransactions } from '../../src/client/kafka/log/open-transactions.js';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { startBrokers, type TestBrokers } from '../support/kafka/brokers.js';
import { plantHanging } from '../support/kafka/raw-produce.js';
import { type Begun, stage } from '../support/kafka/transactions-stage.js';

const POLL = { every: 100, within: 30_000, clock: systemClock, signal: new AbortController().signal };
const COMMAND = 'org.apache.kafka.tools.TransactionsCommand';

const complete = (found: OpenTransactions) => {
  assert.equal(found.complete, true, found.reason);
  return found.transactions;
};
const brief = (found: OpenTransactions) =>
  complete(found).map((it) => `${it.partition} ${it.transactionalId ?? '?'}${it.hanging ? ' hangs' : ''}`);

describe('open transactions of real topics', () => {
  let brokers: TestBrokers;
  let play: ReturnType<typeof stage>;
  const begun = new Map<string, Begun>();

  before(async () => {
    brokers = await startBrokers({ count: 3, config: { 'transaction.partition.verification.enable': 'false' } });
    play = stage(brokers);
    await play.admin.connect();
    await play.create('out', 4);
    await play.create('ghosts', 2);
  });
  after(async () => {
    await play?.end();
    await brokers?.end();
  });

  it('are none before, and none after a transaction has ended', async () => {
    assert.deepEqual(await play.reader.openTransactions('out'), { transactions: [], complete: true });
    const done = await play.begin('out', 'done-0-1', [0, 1, 2, 3]);
    await done.transaction.commit();
    await pollUntil(
      'no open transaction',
      async () => {
        return brief(await play.reader.openTransactions('out')).length === 0 ? true : undefined;
      },
      POLL,
    );
  });

  it('are found with their ids, offsets, ages and timeouts; what was committed or aborted meanwhile is not', async () => {
    for (const [id, partitions, timeout] of [
      ['pt-0-8', [0, 1, 2], 600_000],
      ['pt-1-8', [1, 2, 3], 300_000],
      ['committed-0-1', [0, 3], 600_000],
      ['aborted-0-1', [0, 1, 2, 3], 600_000],
      ['pt-2-8', [2], 1_200_000],
    ] as const) {
      begun.set(id, await play.begin('out', id, [...partitions], timeout));
    }
    await begun.get('committed-0-1')?.transaction.commit();
    await begun.get('aborted-0-1')?.transaction.abort();
    const wanted = ['0 pt-0-8', '1 pt-0-8', '1 pt-1-8', '2 pt-0-8', '2 pt-1-8', '2 pt-2-8', '3 pt-1-8'];
    const found = await pollUntil(
      'the ended ones to be gone',
      async () => {
        const seen = await play.reader.openTransactions('out');
        return brief(seen).length === wanted.length ? seen : undefined;
      },
      POLL,
    );
    assert.deepEqual(brief(found), wanted);
    for (const it of found.transactions) {
      const { offsets, timeout, between } = begun.get(it.transactionalId ?? '') as Begun;
      assert.equal(it.firstOffset, offsets.get(it.partition));
      assert.deepEqual([it.state, it.timeoutMs, it.hanging], ['Ongoing', timeout, undefined]);
      const { startedAt = 0, ageMs = -1 } = it;
      assert.ok(between[0] <= startedAt && startedAt <= between[1], `${between[0]} ${startedAt} ${between[1]}`);
      assert.ok(ageMs >= 0 && ageMs <= Date.now() - startedAt);
      assert.deepEqual(
        it.partitionsInTransaction?.map(({ topic, partitions }) => [topic, [...partitions].sort()]),
        [['out', [...offsets.keys()]]],
      );
      assert.equal(parseFlinkTransactionalId(it.transactionalId ?? '')?.prefix, 'pt');
    }
    // The first of each partition is the one that holds its last stable offset.
    for (const { partition, lastStableOffset } of await play.reader.offsets('out')) {
      assert.equal(found.transactions.find((it) => it.partition === partition)?.firstOffset, lastStableOffset);
    }
  });

  it('are what Kafka itself lists and describes', async () => {
    const { transactions } = await play.reader.openTransactions('out');
    const at = ['--bootstrap-server', brokers.bootstrap[0] as string];
    const listed = (await brokers.java(COMMAND, [...at, 'list'])).split('\n').map((line) => line.trim().split(/\s+/));
    for (const it of transactions) {
      const row = listed.find(([id]) => id === it.transactionalId);
      assert.deepEqual(row?.slice(1), [String(it.coordinator), String(it.producerId), 'Ongoing']);
    }
    const partition = ['describe-producers', '--topic', 'out', '--partition', '2'];
    const described = (await brokers.java(COMMAND, [...at, ...partition]))
      .split('\n')
      .map((it) => it.trim().split(/\s+/));
    const open = described.slice(1).filter((row) => row.length > 1 && row.at(-1) !== 'None');
    assert.deepEqual(
      open.map((row) => [row[0], row[1], row.at(-1)]).sort(),
      transactions
        .filter((it) => it.partition === 2)
        .map((it) => [String(it.producerId), String(it.producerEpoch), String(it.firstOffset)])
        .sort(),
    );
  });

  it('are counted by the broker that has them to end, beside who keeps a group and who is the controller', async () => {
    const options = { brokers: brokers.bootstrap, clientId: 'test', deadlineMs: 10_000 };
    const at = ['--bootstrap-server', brokers.bootstrap[0] as string];
    const address = (node: string) => brokers.bootstrap[Number(node) - 1] as string;
    const wanted: Record<string, number> = {};
    for (const row of (await brokers.java(COMMAND, [...at, 'list'])).split('\n')) {
      const [id = '', node = '', , state] = row.trim().split(/\s+/);
      if (id.startsWith('pt-') && state === 'Ongoing') wanted[address(node)] = (wanted[address(node)] ?? 0) + 1;
    }
    assert.equal(
      Object.values(wanted).reduce((sum, n) => sum + n, 0),
      3,
    );
    assert.deepEqual(await brokersOnDuty({ transactions: 'pt-' }, 'out', options), wanted);

    const quorum = await brokers.java('org.apache.kafka.tools.MetadataQuorumCommand', [...at, 'describe', '--status']);
    const [, controller = ''] = /LeaderId:\s+(\d+)/.exec(quorum) ?? [];
    assert.deepEqual(await brokersOnDuty('controller', 'out', options), { [address(controller)]: 1 });

    await play.admin.setOffsets({ groupId: 'g', topic: 'out', partitions: [{ partition: 0, offset: '0' }] });
    // Kafka's own command names none while the coordinator still loads what is new to it.
    const coordinator = await pollUntil(
      'a coordinator named by Kafka',
      async () => {
        const groups = await brokers.java('org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', [
          ...at,
          ...['--describe', '--group', 'g', '--state'],
        ]);
        return /(127\.0\.0\.1:\d+)/.exec(groups)?.[1];
      },
      POLL,
    );
    assert.deepEqual(await brokersOnDuty({ group: 'g' }, 'out', options), { [coordinator]: 1 });
  });

  it('are gone when their timeout is over', async () => {
    await play.begin('out', 'short-0-1', [3], 2000);
    const shown = await play.reader.openTransactions('out');
    const short = shown.transactions.find(({ transactionalId }) => transactionalId === 'short-0-1');
    assert.equal(short?.timeoutMs, 2000);
    await pollUntil(
      'the end of what is over its time',
      async () => {
        return brief(await play.reader.openTransactions('out')).some((it) => it.includes('short')) ? undefined : true;
      },
      POLL,
    );
  });

  it('hang when no coordinator will end them, as Kafka finds too', async () => {
    const idle = await play.begin('ghosts', 'idle-0-1', [0]);
    const known = (await play.reader.openTransactions('ghosts')).transactions[0]?.producerId ?? -1;
    await idle.transaction.commit();
    const timestamp = Date.now() - 3_600_000;
    await plantHanging(brokers.bootstrap, { topic: 'ghosts', partition: 1, producerId: known, timestamp });
    await plantHanging(brokers.bootstrap, { topic: 'ghosts', partition: 0, producerId: 987_654_321, timestamp });
    // The coordinator may still be about to note that the commit is complete.
    const complete = (it: OpenTransactions) => (it.transactions.at(-1)?.state === 'CompleteCommit' ? it : undefined);
    const found = await pollUntil('the end', () => play.reader.openTransactions('ghosts').then(complete), POLL);
    assert.deepEqual(brief(found), ['0 ? hangs', '1 idle-0-1 hangs']);
    assert.equal(found.transactions[0]?.state, undefined);
    const hanging = await brokers.java(COMMAND, [
      ...['--bootstrap-server', brokers.bootstrap[0] as string],
      ...['find-hanging', '--topic', 'ghosts', '--max-transaction-timeout', '1'],
    ]);
    for (const { partition, producerId } of found.transactions) {
      assert.match(hanging, new RegExp(`ghosts\\s+${partition}\\s+${producerId}\\s`));
    }
  });

  it('are found again when their coordinator has been killed', async () => {
    const before = await play.reader.openTransactions('out');
    const coordinator = complete(before)[0]?.coordinator ?? -1;
    const its = before.transactions.filter((it) => it.coordinator === coordinator).map(keyOf);
    await brokers.kill(coordinator - 1);
    const found = await play.reader.openTransactions('out');
    assert.deepEqual(complete(found).map(keyOf), before.transactions.map(keyOf));
    assert.ok(its.length > 0);
    for (const it of found.transactions) assert.notEqual(it.coordinator, coordinator);
    assert.ok(found.transactions.every((it) => it.startedAt === startOf(before, it)));
  });
});

const keyOf = (it: OpenTransactions['transactions'][number]) =>
  `${it.partition}:${it.firstOffset} ${it.transactionalId}`;
const startOf = (found: OpenTransactions, wanted: OpenTransactions['transactions'][number]) =>
  found.transactions.find((it) => keyOf(it) === keyOf(wanted))?.startedAt;

describe('open transactions of Kafka 4', () => {
  let brokers: TestBrokers;
  let play: ReturnType<typeof stage>;

  before(async () => {
    brokers = await startBrokers({
      line: 4,
      config: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'allow.everyone.if.no.acl.found': 'true',
      },
    });
    play = stage(brokers);
    await play.admin.connect();
    await play.create('out', 2);
  });
  after(async () => {
    await play?.end();
    await brokers?.end();
  });

  it('leave the rest to be told as ever: what a group has committed, and what the batches hold', async () => {
    assert.deepEqual(await play.reader.groupOffsets('nobody', 'out'), [{ partition: 0 }, { partition: 1 }]);
    await play.admin.setOffsets({ groupId: 'g', topic: 'out', partitions: [{ partition: 1, offset: '7' }] });
    assert.deepEqual(await play.reader.groupOffsets('g', 'out'), [{ partition: 0 }, { partition: 1, offset: 7 }]);
    const { transaction } = await play.begin('out', 'counted-0-1', [0]);
    await transaction.commit();
    // The marker is written after the commit was accepted.
    const counted = await pollUntil(
      'the marker',
      async () => {
        const seen = await play.reader.count('out');
        return seen.every((it) => it.lastStableOffset === it.highWatermark) ? seen : undefined;
      },
      POLL,
    );
    assert.deepEqual(
      counted.map(({ committed, aborted, undecided, control }) => [committed, aborted, undecided, control]),
      [
        [1, 0, 0, 1],
        [0, 0, 0, 0],
      ],
    );
  });

  it('are found, and never called hanging when their id is hidden', async () => {
    const { offsets } = await play.begin('out', 'pt-0-8', [0, 1], 60_000);
    await play.begin('out', 'secret-0-1', [1], 60_000);
    const found = await play.reader.openTransactions('out');
    assert.deepEqual(brief(found), ['0 pt-0-8', '1 pt-0-8', '1 secret-0-1']);
    assert.equal(found.transactions[0]?.firstOffset, offsets.get(0));
    assert.equal(found.transactions[0]?.timeoutMs, 60_000);
    const { TRANSACTIONAL_ID } = kafkajs.AclResourceTypes;
    await play.admin.createAcls({
      acl: [
        {
          ...{ resourceType: TRANSACTIONAL_ID, resourceName: 'secret-0-1', principal: 'User:other', host: '*' },
          resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
          operation: kafkajs.AclOperationTypes.ALL,
          permissionType: kafkajs.AclPermissionTypes.ALLOW,
        },
      ],
    });
    const limited = openLog({ brokers: brokers.bootstrap, clientId: 'test', deadlineMs: 10_000 });
    const shown = await pollUntil(
      'the id to be hidden',
      async () => {
        const seen = await limited.openTransactions('out');
        return seen.complete ? undefined : seen;
      },
      POLL,
    );
    limited.close();
    assert.deepEqual(
      shown.transactions.map((it) => it.transactionalId),
      ['pt-0-8', 'pt-0-8', undefined],
    );
    assert.ok(shown.transactions.every(({ hanging }) => !hanging));
    assert.match(shown.reason ?? '', /hidden from this user: single ids have access-control entries/);
  });
});
