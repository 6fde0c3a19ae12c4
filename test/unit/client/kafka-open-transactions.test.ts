import assert from 'node:assert/strict';
import { KafkaCluster } from '../../../src/client/kafka/protocol/cluster.js';
import { wireError } from '../../../src/client/kafka/protocol/error-codes.js';
import { type Answer, Rounds } from '../../../src/client/kafka/protocol/rounds.js';
import {
  API,
  type CannedCall,
  type CannedClusterOptions,
  type CannedTrouble,
} from '../../support/canned-transactions.js';
import {
  brief,
  leaping,
  nobodys,
  on,
  ongoing,
  openTransactionLooks,
  STARTED,
  twoBrokers,
} from '../../support/open-transaction-looks.js';

describe('kafka open transactions', () => {
  const looks = openTransactionLooks();
  const { look } = looks;
  afterEach(() => looks.end());
  const ALL = '0:4 sink-0-8, 0:12 sink-1-8, 1:6 sink-0-8';

  it('finds none where none is open, without asking for every transaction there is', async () => {
    const found = await look({ nodes: { 1: { partitions: { 0: [{ id: 5 }], 1: [] }, transactions: [] } } });
    assert.deepEqual(found, { transactions: [], complete: true });
    assert.deepEqual(looks.asked(API.list), []);
  });

  it('tells each by its id, state, age and timeout, in the order in which they hold the topic back', async () => {
    for (const options of [{}, { tagged: true }, { ranges: { 66: [0, 0], 10: [0, 1] } }, { ranges: { 66: [0, 2] } }]) {
      const found = await look({ ...twoBrokers(), ...options } as CannedClusterOptions);
      assert.equal(found.complete, true, found.reason);
      assert.equal(brief(found), ALL);
      const { ageMs = -1, ...rest } = found.transactions[0]!;
      assert.ok(ageMs >= 90_000 && ageMs < 150_000, String(ageMs));
      assert.deepEqual(rest, {
        partition: 0,
        firstOffset: 4,
        producerId: 72,
        producerEpoch: 3,
        lastTimestamp: 5,
        transactionalId: 'sink-0-8',
        coordinator: 1,
        state: 'Ongoing',
        timeoutMs: 600_000,
        partitionsInTransaction: [{ topic: 't', partitions: [0, 1] }],
        startedAt: STARTED,
      });
      assert.equal(found.transactions[1]?.coordinator, 2);
    }
  });

  it('gives no age to a transaction that has no start, and none below zero', async () => {
    const options = twoBrokers();
    delete options.nodes[1]!.transactions![0]!.startedAt;
    options.nodes[2]!.transactions![0]!.startedAt = Date.now() + 60_000;
    const [first, second] = (await look(options)).transactions;
    assert.deepEqual([first?.startedAt, first?.ageMs, first?.timeoutMs], [undefined, undefined, 600_000]);
    assert.equal(second?.ageMs, 0);
  });

  it('leaves out what ended while it looked', async () => {
    for (const change of ['ended', 'another began'] as const) {
      const options = twoBrokers();
      options.before = ({ node, api, count }) => {
        if (node !== 1 || api !== API.producers || count !== 2) return;
        options.nodes[1]!.partitions![0]![0]!.start = change === 'ended' ? -1 : 40;
      };
      const found = await look(options);
      assert.equal(brief(found), '0:4 sink-0-8, 1:6 sink-0-8');
      assert.equal(found.complete, true);
    }
  });

  it('is not taken in by a transaction that ends between the leader and the coordinator', async () => {
    const options = twoBrokers();
    options.before = ({ api, count }) => {
      if (api !== API.list || count !== 1) return;
      options.nodes[1]!.transactions = [{ ...ongoing('sink-0-8', 72, []), state: 'CompleteCommit' }];
      options.nodes[2]!.transactions = [];
      options.nodes[1]!.partitions![0] = [];
      options.nodes[2]!.partitions![1] = [];
    };
    const found = await look(options);
    assert.deepEqual(found, { transactions: [], complete: true });
  });

  it('looks for the coordinator again when it has moved', async () => {
    for (const answer of [{ error: 16 }, 'close', 'hang'] as CannedTrouble[]) {
      const options = twoBrokers();
      options.trouble = ({ node, api, count }) => {
        if (node !== 1 || api !== API.describe || count !== 1) return undefined;
        options.nodes[2]!.transactions!.push(...options.nodes[1]!.transactions!.splice(0));
        return answer;
      };
      const found = await look(options, answer === 'hang' ? { callMs: 40 } : {});
      assert.equal(brief(found), ALL);
      assert.deepEqual([found.complete, found.transactions[0]?.coordinator], [true, 2]);
    }
  });

  it('believes the coordinator, not a broker that only lists an id', async () => {
    const options = twoBrokers();
    options.nodes[3] = { transactions: [{ ...ongoing('sink-0-8', 72, []), state: 'Empty' }] };
    options.trouble = ({ node, api, count }) => (node === 1 && api === API.list && count === 1 ? 'close' : undefined);
    const found = await look(options);
    assert.equal(brief(found), ALL);
    assert.equal(found.transactions[0]?.coordinator, 1);
  });

  it('asks again after whatever passes', async () => {
    const errors: Record<number, number> = {
      [API.metadata]: 5,
      [API.producers]: 6,
      [API.list]: 14,
      [API.describe]: 15,
    };
    for (const kind of ['close', 'garbage', 'hang', 'error'] as const) {
      const met = new Set<number>();
      const trouble = ({ api, count }: CannedCall): CannedTrouble => {
        const error = errors[api];
        if (error === undefined || count > 1) return undefined;
        met.add(api);
        return kind === 'error' ? { error } : kind;
      };
      const found = await look({ ...twoBrokers(), trouble }, kind === 'hang' ? { callMs: 40 } : {});
      assert.equal(brief(found), ALL, `${kind}: ${found.reason}`);
      assert.deepEqual([found.complete, met.size], [true, 4]);
    }
  });

  it('does not wait at each look for a broker that is frozen', async () => {
    const frozen = ({ node, api }: CannedCall) => (node === 1 && api === API.metadata ? ('hang' as const) : undefined);
    const found = await look({ ...twoBrokers(), trouble: frozen }, { callMs: 100 });
    assert.equal(brief(found), ALL);
    assert.ok(looks.asked(API.metadata).filter((node) => node === 1).length < 3);
  });

  it('keeps what a round told when the next one is cut short by the end', async () => {
    let now = 0;
    const clock = { mono: () => now, wall: () => 0, sleep: async () => {} };
    const cluster = new KafkaCluster({ brokers: ['127.0.0.1:1'], clientId: 'test', deadlineMs: 100, clock });
    const answers = await new Rounds(cluster, 100).ask(['a', 'b', 'c'], async (pending) => {
      now += 60;
      const heard = new Map<string, Answer<number>>();
      for (const key of pending) heard.set(key, { trouble: wireError(`${key} at ${now}`, 'x') });
      return now < 100 ? heard : heard.set('b', { value: 1 });
    });
    const told = [...answers.values()].map((answer) => ('value' in answer ? answer.value : answer.trouble.message));
    assert.deepEqual(
      told.map((it) => String(it).split(' - ')[0]),
      ['a at 60', '1', 'c at 60'],
    );
  });

  it('says what a broker that is away would have known', async () => {
    const options = twoBrokers();
    const found = await look(options, leaping(), [2]);
    assert.equal(brief(found), '0:4 sink-0-8, 0:12 ?');
    assert.equal(found.complete, false);
    assert.match(found.reason ?? '', /partition 1: .*ECONNREFUSED/);
    assert.match(found.reason ?? '', /the transactional id of producer 70: .*ECONNREFUSED/);
    const none = await look(options, leaping(), [1, 2]);
    assert.deepEqual([none.transactions, none.complete], [[], false]);
    assert.match(none.reason ?? '', /the partitions of t: .*ECONNREFUSED/);
  });

  it('says what an old broker cannot tell, and finds the rest', async () => {
    const found = await look({ ...twoBrokers(), ranges: { 61: [0, -1] } });
    assert.deepEqual([found.transactions, found.complete], [[], false]);
    assert.match(found.reason ?? '', /^partition 0, 2: .*does not offer DescribeProducers/);
    const undescribed = await look({ ...twoBrokers(), ranges: { 65: [0, -1] } });
    assert.equal(brief(undescribed), ALL);
    assert.equal(undescribed.transactions[0]?.state, undefined);
    assert.match(undescribed.reason ?? '', /transactional id sink-0-8: .*does not offer DescribeTransactions/);
  });

  it('says what it may not see', async () => {
    const topic = await look({ ...twoBrokers(), trouble: on(API.producers, 29, 1) });
    assert.equal(brief(topic), '1:6 sink-0-8');
    assert.match(topic.reason ?? '', /^partition 0, 2: .*TOPIC_AUTHORIZATION_FAILED.*needs Read/);
    const id = await look({ ...twoBrokers(), trouble: on(API.describe, 53, 1) });
    assert.equal(brief(id), ALL);
    assert.match(id.reason ?? '', /^transactional id sink-0-8: .*TRANSACTIONAL_ID_AUTHORIZATION_FAILED/);
    assert.equal(id.complete, false);
    const coordinator = await look({ ...twoBrokers(), trouble: on(API.findCoordinator, 53) });
    assert.match(coordinator.reason ?? '', /FindCoordinator answered TRANSACTIONAL_ID_AUTHORIZATION_FAILED/);
    assert.equal(looks.asked(API.findCoordinator).length, 4);
    const list = ({ node, api, count }: CannedCall): CannedTrouble =>
      api !== API.list ? undefined : node === 1 ? { error: 31 } : count === 1 ? { error: 14 } : undefined;
    assert.equal(brief(await look({ ...twoBrokers(), trouble: list })), '0:4 ?, 0:12 sink-1-8, 1:6 ?');
    const unknown = await look({ ...twoBrokers(), trouble: on(API.metadata, 29) });
    assert.deepEqual([unknown.transactions, unknown.complete], [[], false]);
    assert.match(unknown.reason ?? '', /^the partitions of t: .*TOPIC_AUTHORIZATION_FAILED/);
  });

  it('does not call complete what it could not ask a second time', async () => {
    const trouble = ({ node, api, count }: CannedCall): CannedTrouble =>
      node === 1 && api === API.producers && count > 1 ? { error: 29 } : undefined;
    const options = { ...nobodys(), trouble };
    for (const shown of ['0:3 ?', '0:3 sink']) {
      const found = await look(options);
      assert.deepEqual([brief(found), found.complete], [shown, false]);
      assert.match(found.reason ?? '', /^whether still open: partition 0: .*TOPIC_AUTHORIZATION_FAILED/);
      options.nodes[1]!.transactions = [{ ...ongoing('sink', 70, []), state: 'Empty' }];
    }
  });

  it('ends by its deadline, whichever answer does not come', async () => {
    for (const api of Object.values(API)) {
      const options = { ...twoBrokers(), trouble: on(api, 'hang') };
      if (api === API.acls) options.nodes[1]!.transactions = [];
      const before = performance.now();
      const found = await look(options, { deadlineMs: 60, callMs: 20 });
      assert.equal(found.complete, false, String(api));
      assert.match(found.reason ?? '', /was not answered|longer than|no time left/, String(api));
      assert.ok(performance.now() - before < 5000);
    }
  });

  it('is ended by its signal', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 30);
    const looking = look({ ...twoBrokers(), trouble: on(API.list, 'hang') }, { signal: controller.signal });
    await assert.rejects(looking, /enough/);
  });
});
