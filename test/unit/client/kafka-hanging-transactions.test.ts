import assert from 'node:assert/strict';
import { probeIds, transactionLogPartition } from '../../../src/client/kafka/log/coordinator-proof.js';
import { API, type CannedClusterOptions } from '../../support/canned-transactions.js';
import { brief, leaping, nobodys, on, ongoing, openTransactionLooks } from '../../support/open-transaction-looks.js';

describe('kafka hanging transactions', () => {
  const looks = openTransactionLooks();
  const { look } = looks;
  afterEach(() => looks.end());

  it('says that one hangs when no coordinator knows its producer', async () => {
    const found = await look(nobodys());
    assert.deepEqual(found, {
      transactions: [
        { partition: 0, firstOffset: 3, producerId: 70, producerEpoch: 0, lastTimestamp: 5, hanging: true },
      ],
      complete: true,
    });
  });

  it('says so too when all may see every id', async () => {
    for (const acls of [[], [{ name: '*' }], [{ name: '*' }, { name: 'sink' }, { name: 's', prefixed: true }]]) {
      assert.equal(brief(await look({ ...nobodys(), acls })), '0:3 ? hangs');
    }
  });

  it('says that one hangs when its id has no transaction on the partition', async () => {
    const options = nobodys();
    for (const known of [ongoing('sink', 70, [1]), { ...ongoing('sink', 70, []), state: 'Empty' }]) {
      options.nodes[1]!.transactions = [known];
      const found = await look(options);
      assert.equal(brief(found), '0:3 sink hangs');
      assert.deepEqual([found.complete, found.transactions[0]?.timeoutMs], [true, undefined]);
      assert.equal(found.transactions[0]?.state, known.state ?? 'Ongoing');
    }
  });

  it('says that one hangs when its id has a new producer', async () => {
    const options = nobodys();
    options.nodes[1]!.transactions = [ongoing('sink', 70, [0])];
    options.before = ({ api }) => {
      if (api === API.describe) options.nodes[1]!.transactions = [ongoing('sink', 99, [0])];
    };
    assert.equal(brief(await look(options)), '0:3 sink hangs');
  });

  for (const [why, options, says] of [
    ['a part of the transaction log has no leader', { logLeaders: [1, -1] }, /no leader.*partition 1/],
    ['the transaction log is not shown', { logLeaders: undefined }, /UNKNOWN_TOPIC_OR_PARTITION/],
    ['a coordinator has lost its part', { trouble: on(API.describe, 16) }, /NOT_COORDINATOR - broker/],
    ['a coordinator still loads', { trouble: on(API.describe, 14) }, /COORDINATOR_LOAD_IN_PROGRESS - broker/],
    ['this user may not describe each id', { trouble: on(API.describe, 53) }, /hidden.*TRANSACTIONAL_ID_AUTHORIZATION/],
    ['this user may not list entries', { trouble: on(API.acls, 31) }, /hidden.*CLUSTER_AUTHORIZATION_FAILED/],
    ['an id is forbidden', { acls: [{ name: '*' }, { name: 'a', deny: true }] }, /hidden.*denials/],
    ['an id is kept for others', { acls: [{ name: 'a' }] }, /hidden.*single ids/],
    ['ids are kept by their beginning', { acls: [{ name: '*', prefixed: true }] }, /hidden.*single ids/],
    ['a broker is too old for entries', { ranges: { 29: [0, 0] } }, /does not offer DescribeAcls/],
    ['a broker cannot list', { trouble: on(API.list, 14, 2) }, /ListTransactions answered COORDINATOR_LOAD/],
    ['a broker is frozen', { trouble: on(API.list, 'hang', 2) }, /ListTransactions was not answered/],
    ['a broker is too old to list', { ranges: { 66: [0, -1] } }, /does not offer ListTransactions/],
    ['a broker is too old to describe', { ranges: { 65: [0, -1] } }, /does not offer DescribeTransactions/],
  ] as [string, Partial<CannedClusterOptions>, RegExp][]) {
    it(`does not say that one hangs when ${why}`, async () => {
      const found = await look(
        { ...nobodys(), ...options },
        { ...leaping(), callMs: why.includes('frozen') ? 500 : 5000 },
      );
      assert.equal(brief(found), '0:3 ?');
      assert.equal(found.complete, false);
      assert.match(found.reason ?? '', says);
      assert.match(found.reason ?? '', /^the transactional id of producer 70: /);
    });
  }

  it('finds the id when its coordinator was only on the move', async () => {
    const options = nobodys();
    options.logLeaders = [1, 1];
    const [known] = [ongoing('sink-0-1', 70, [0])];
    options.before = ({ node, api, count }) => {
      if (node === 2 && api === API.list && count === 2) options.nodes[2]!.transactions = [known];
    };
    const found = await look(options);
    assert.equal(brief(found), '0:3 sink-0-1');
    assert.equal(found.complete, true);
  });

  it('puts an id where Kafka does', () => {
    const at = ['', 'abc', 'polygenelubricants', 'sink-0-8', 'Grüße-1'].map((id) => transactionLogPartition(id, 50));
    assert.deepEqual(at, [0, 4, 0, Math.abs(javaHash('sink-0-8')) % 50, Math.abs(javaHash('Grüße-1')) % 50]);
    for (const partitions of [1, 2, 4, 50, 333]) {
      const ids = probeIds(partitions);
      assert.deepEqual(
        ids.map((id) => transactionLogPartition(id, partitions)),
        Array.from({ length: partitions }, (_, i) => i),
      );
    }
  });
});

/** Java's String.hashCode as its definition reads, in integers of any size. */
function javaHash(text: string): number {
  let hash = 0n;
  for (let i = 0; i < text.length; i++) hash = BigInt.asIntN(32, hash * 31n + BigInt(text.charCodeAt(i)));
  return Number(hash);
}
