import assert from 'node:assert/strict';
import { type LeaderStore, openLeaderStore } from '../../../src/client/zookeeper/leader-store.js';
import { FlinchError } from '../../../src/core/error.js';
import { until } from '../../support/host-processes.js';
import {
  connectionInfo,
  type LyingZooKeeper,
  startLyingZooKeeper,
  type Temper,
} from '../../support/lying-zookeeper.js';

const HA = '/flink/test';
const RECORD = `${HA}/leader/rest_server/connection_info`;
const LATCH = `${HA}/leader/latch`;
const SESSION = 'c7c68797-8085-43b2-abe0-82bca7223d10';
const OTHER = '11111111-2222-3333-4444-555555555555';
const { signal } = new AbortController();

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds for what a busy machine may take its time for. */
const LONG = 20_000;
/** For what never answers. */
const TIGHT = { timeoutMs: 50, silenceMs: 30 };

/** A tight deadline may pass on a busy machine; a store that works answers in one of many. */
async function eventually(store: LeaderStore) {
  for (const end = Date.now() + LONG; ; ) {
    try {
      return await store.leader(signal);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** Each read must fail, and one of them for this reason: which of two tight deadlines passes first is chance. */
async function failsBecause(store: LeaderStore, reason: RegExp) {
  for (const end = Date.now() + LONG; ; ) {
    const error = await store.leader(signal).then(
      () => assert.fail('it was read'),
      (thrown: unknown) => String(thrown),
    );
    if (reason.test(error)) return;
    assert.ok(Date.now() < end, error);
  }
}

describe('leader store', () => {
  const servers: LyingZooKeeper[] = [];
  const stores: LeaderStore[] = [];

  async function server(temper: Temper = 'honest') {
    const zookeeper = await startLyingZooKeeper(temper, 3 * LONG);
    servers.push(zookeeper);
    return zookeeper;
  }
  function open(at: LyingZooKeeper[], limits: { timeoutMs?: number; silenceMs?: number } = {}) {
    const servers = at.map((one) => one.server);
    const store = openLeaderStore({ servers, haPath: HA, timeoutMs: LONG, silenceMs: LONG, ...limits });
    stores.push(store);
    return store;
  }
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(servers.splice(0).map((one) => one.close()));
  });

  it('reads the leader, and that there is none', async () => {
    const zookeeper = await server();
    const store = open([zookeeper]);
    assert.equal(await store.leader(signal), undefined);
    zookeeper.set(RECORD, Buffer.alloc(0), 7n);
    assert.equal(await store.leader(signal), undefined);
    zookeeper.set(RECORD, connectionInfo('http://10.0.0.1:8081', SESSION), 0x1000_0000_00ab_cdefn);
    assert.deepEqual(await store.leader(signal), {
      address: 'http://10.0.0.1:8081',
      session: SESSION,
      owner: '0x1000000000abcdef',
    });
  });

  it('refuses a record that is not what Flink writes', async () => {
    const zookeeper = await server();
    zookeeper.set(RECORD, Buffer.from('http://10.0.0.1:8081'));
    await assert.rejects(open([zookeeper]).leader(signal), /cannot be decoded/);
  });

  it('lists the contenders by their sequence number, whatever their names', async () => {
    const zookeeper = await server();
    const store = open([zookeeper]);
    assert.deepEqual(await store.contenders(signal), []);
    zookeeper.set(LATCH);
    zookeeper.set(`${LATCH}/_c_ffff-latch-0000000003`, Buffer.alloc(0), 0x30n);
    zookeeper.set(`${LATCH}/_c_aaaa-latch-0000000012`, Buffer.alloc(0), 0x10n);
    zookeeper.set(`${LATCH}/something-else`, Buffer.alloc(0), 0x99n);
    assert.deepEqual(await store.contenders(signal), ['0x30', '0x10']);
    zookeeper.remove(`${LATCH}/_c_ffff-latch-0000000003`);
    assert.deepEqual(await store.contenders(signal), ['0x10']);
  });

  const SILENT = ['mute', 'frozen', 'closing-later'] as const;
  /** All at the same time, since each has to let deadlines pass. */
  const withEach = (tempers: readonly Temper[], check: (temper: Temper) => Promise<void>) =>
    Promise.all(
      tempers.map((temper) =>
        check(temper).catch((cause) => {
          throw new Error(`a server that is ${temper}: ${cause}`, { cause });
        }),
      ),
    );

  it('fails within its deadline, and works again, whatever the server does', () =>
    withEach([...SILENT, 'closing', 'garbage'], async (temper) => {
      const zookeeper = await server(temper);
      const store = open([zookeeper], TIGHT);
      const start = Date.now();
      await assert.rejects(store.leader(signal), (error) => error instanceof FlinchError && error.code === 'ZOOKEEPER');
      assert.ok(Date.now() - start < 5000);
      zookeeper.temper = 'honest';
      zookeeper.set(RECORD, connectionInfo('http://10.0.0.1:8081', SESSION), 1n);
      assert.equal((await eventually(store))?.session, SESSION);
    }));

  it('goes to the next server when the first gives no answer', () =>
    withEach(SILENT, async (temper) => {
      const [bad, good] = [await server(temper), await server()];
      good.set(RECORD, connectionInfo('http://10.0.0.1:8081', SESSION), 1n);
      const store = open([bad, good], { silenceMs: 30 });
      assert.equal((await store.leader(signal))?.session, SESSION);
    }));

  it('closes at once and leaves no connection when the server gives no answer', () =>
    withEach(SILENT, async (temper) => {
      const zookeeper = await server(temper);
      const store = open([zookeeper]);
      const read = assert.rejects(store.leader(signal), /closed/);
      const { open: connections, taken } = zookeeper;
      await until('connected', () => taken() > 0);
      await pause(10);
      const start = Date.now();
      await store.close();
      assert.ok(Date.now() - start < 5000);
      await read;
      // The server may only now take a connection that was made before.
      await pause(20);
      await until('every connection closed', () => connections() === 0);
      const before = taken();
      await pause(80);
      assert.equal(taken(), before, 'it connected again after close()');
    }));

  it('notices a server that freezes later, and asks for a new session when it thaws', async () => {
    const zookeeper = await server();
    zookeeper.set(RECORD, connectionInfo('http://10.0.0.1:8081', SESSION), 1n);
    const store = open([zookeeper], TIGHT);
    await eventually(store);
    zookeeper.temper = 'frozen';
    await failsBecause(store, /silent/);
    zookeeper.temper = 'honest';
    zookeeper.drop();
    assert.equal((await eventually(store))?.session, SESSION);
    assert.ok(zookeeper.taken() >= 2);
  });

  it('refuses when no server listens', async () => {
    const zookeeper = await server();
    await zookeeper.close();
    await failsBecause(open([zookeeper], TIGHT), /refused|closed the connection/);
  });

  it("rejects with the signal's reason", async () => {
    const store = open([await server('mute')]);
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(store.leader(controller.signal), (error) => error === reason);
  });

  it('tells of every change, again and again, and over a lost connection', async () => {
    const zookeeper = await server();
    const store = open([zookeeper]);
    let told = 0;
    const stop = store.watch(() => {
      told += 1;
    });
    const change = async (what: string, act: () => void) => {
      // Answered after the watches are set again, which takes two requests.
      await store.contenders(signal);
      await store.leader(signal);
      told = 0;
      act();
      await until(what, () => told > 0);
    };
    await until('connected', () => told > 0);
    const info = (session: string) => connectionInfo('http://10.0.0.1:8081', session);
    await change('created', () => zookeeper.set(RECORD, info(SESSION), 1n));
    await change('changed', () => zookeeper.set(RECORD, info(OTHER), 2n));
    await change('deleted', () => zookeeper.remove(RECORD));
    await change('created again', () => zookeeper.set(RECORD, info(SESSION), 3n));
    await change('latch created', () => zookeeper.set(LATCH));
    await change('contender', () => zookeeper.set(`${LATCH}/_c_a-latch-0000000001`, Buffer.alloc(0), 1n));
    await change('another contender', () => zookeeper.set(`${LATCH}/_c_b-latch-0000000002`, Buffer.alloc(0), 2n));
    await change('contender gone', () => zookeeper.remove(`${LATCH}/_c_a-latch-0000000001`));
    await change('reconnected', () => zookeeper.drop());
    await change('after the reconnect', () => zookeeper.set(RECORD, info(OTHER), 4n));
    stop();
    await pause(20);
    told = 0;
    zookeeper.remove(RECORD);
    await pause(50);
    assert.equal(told, 0);
  });
});
