import assert from 'node:assert/strict';
import type { CoreV1Api } from '@kubernetes/client-node';
import type { CallOptions, Kubernetes } from '../../../src/client/kubernetes/connection.js';
import { openLeaseStore } from '../../../src/client/kubernetes/lease-store.js';
import { FlinchError } from '../../../src/core/error.js';
import { Attention } from '../../../src/observe/attention.js';
import { observeLeader } from '../../../src/observe/leader.js';
import { handClock } from '../../support/hand-clock.js';

const SESSION = 'ac4d70f2-c4fb-47fe-ab0c-73f2f01775d0';
const NEXT = '5b0a1c1e-0000-4000-8000-000000000002';
const ADDRESS = 'http://10.244.0.40:8081';

/** A ConfigMap that a test writes, and how often it was read and watched. */
function store() {
  const clock = handClock();
  const state = {
    holder: 'one' as string,
    renewed: 0,
    session: SESSION,
    address: ADDRESS as string | undefined,
    missing: false,
    reads: 0,
    version: undefined as number | undefined,
    watches: [] as { onEvent: (phase?: string) => void; onEnd: (error?: unknown) => void; open: boolean }[],
  };
  const map = () => ({
    metadata: {
      name: 'demo-cluster-config-map',
      ...(state.version !== undefined && { resourceVersion: String(state.version) }),
      annotations: {
        'control-plane.alpha.kubernetes.io/leader': JSON.stringify({
          holderIdentity: state.holder,
          leaseDuration: state.holder === '' ? 1 : 15,
          acquireTime: new Date(0).toISOString(),
          // By a clock that is hours behind.
          renewTime: new Date(state.renewed).toISOString(),
          leaderTransitions: 1,
        }),
      },
    },
    data: state.address ? { 'org.apache.flink.k8s.leader.restserver': `${state.session},${state.address}` } : {},
  });
  const kubernetes: Kubernetes = {
    namespace: 'flink',
    server: 'https://here',
    call: async (_, work) => {
      state.reads++;
      if (state.missing) throw new FlinchError('KUBERNETES', { what: 'no', cause: { code: 404 } });
      return work({ readNamespacedConfigMap: async () => map() } as unknown as CoreV1Api, {} as CallOptions);
    },
    watchConfigMap: (_, onEvent, onEnd) => {
      const watch = { onEvent: (phase = 'MODIFIED') => onEvent(phase, map()), onEnd, open: true };
      state.watches.push(watch);
      return () => {
        watch.open = false;
      };
    },
  };
  const opened = openLeaseStore({ kubernetes, clusterId: 'demo', clock });
  const { signal } = new AbortController();
  return { clock, state, opened, leader: () => opened.leader(signal), contenders: () => opened.contenders(signal) };
}

describe('the leader in a ConfigMap', () => {
  it('is who holds the lease, by the address of its REST server', async () => {
    const { leader, contenders } = store();
    assert.deepEqual(await leader(), { address: ADDRESS, session: SESSION, owner: 'one' });
    assert.deepEqual(await contenders(), ['one']);
  });

  it('is asked for once for both questions of a look', async () => {
    const { state, leader, contenders } = store();
    await Promise.all([leader(), contenders()]);
    assert.equal(state.reads, 1);
    await leader();
    assert.equal(state.reads, 2);
  });

  it('is asked for a few times a second, however many ask, and never told as it was before the question', async () => {
    const { clock, state, leader } = store();
    const began = clock.mono();
    for (let i = 0; i < 40; i++) {
      state.holder = state.session = `${NEXT.slice(0, -2)}${10 + i}`;
      assert.equal((await leader())?.owner, state.holder);
      await clock.sleep(50);
    }
    const seconds = (clock.mono() - began) / 1000;
    assert.ok(state.reads / seconds <= 1.8, `${state.reads} in ${seconds} s`);
  });

  it('is asked for seldom while a watch tells of each renewal, and more often when it does not', async () => {
    const { clock, state, opened, leader } = store();
    const stop = opened.watch(() => {});
    const inTenSeconds = async (renewed: boolean) => {
      const before = state.reads;
      const until = clock.mono() + 10_000;
      for (let i = 0; clock.mono() < until; i++) {
        if (renewed && i % 4 === 0) state.watches[0]?.onEvent();
        await leader();
      }
      return state.reads - before;
    };
    const whileRenewed = await inTenSeconds(true);
    await clock.sleep(6_000);
    const afterwards = await inTenSeconds(false);
    stop();
    assert.ok(whileRenewed <= 8 && afterwards >= 16 && afterwards <= 18, `${whileRenewed}, then ${afterwards}`);
  });

  it('is asked for at once when a watch has told of a change, and not more often than ten times a second', async () => {
    const { clock, state, opened, leader } = store();
    const stop = opened.watch(() => {});
    const began = clock.mono();
    for (let i = 0; i < 20; i++) {
      state.session = i % 2 === 0 ? NEXT : SESSION;
      state.watches[0]?.onEvent();
      await leader();
    }
    const seconds = (clock.mono() - began) / 1000;
    stop();
    assert.ok(seconds >= 1.9 && seconds < 2.2, `20 reads in ${seconds} s`);
  });

  it('is nobody where the lease was given back, where nobody has told an address, and where there is no ConfigMap', async () => {
    const { state, leader, contenders } = store();
    state.holder = '';
    assert.deepEqual([await leader(), await contenders()], [undefined, []]);
    Object.assign(state, { holder: 'one', address: undefined });
    assert.equal(await leader(), undefined);
    Object.assign(state, { address: ADDRESS, missing: true });
    assert.deepEqual([await leader(), await contenders()], [undefined, []]);
  });

  it('is nobody any more once the lease was not renewed for as long as it is good, by the own clock', async () => {
    const { clock, state, leader } = store();
    await leader();
    await clock.sleep(10_000);
    state.renewed = 5_000;
    assert.equal((await leader())?.owner, 'one');
    await clock.sleep(15_000);
    assert.equal((await leader())?.owner, 'one');
    await clock.sleep(1);
    assert.equal(await leader(), undefined);
    // One that takes it has it for as long.
    Object.assign(state, { holder: 'two', session: NEXT, renewed: 0 });
    assert.equal((await leader())?.owner, 'two');
  });

  it('is nobody while the lease has a new holder, and the address and session are still those of the one before', async () => {
    const { state, leader } = store();
    assert.equal((await leader())?.owner, 'one');
    state.holder = 'two';
    assert.equal(await leader(), undefined);
    state.session = NEXT;
    assert.deepEqual(await leader(), { address: ADDRESS, session: NEXT, owner: 'two' });
  });

  it('is told of at once where another one leads, or where nobody knows; not at each renewal', async () => {
    const { state, opened, leader } = store();
    let told = 0;
    const stop = opened.watch(() => told++);
    const toldAfter = (phase: string, change: Partial<typeof state> = {}) => {
      Object.assign(state, change);
      told = 0;
      state.watches[0]?.onEvent(phase);
      return told;
    };
    assert.equal(toldAfter('ADDED'), 1);
    await leader();
    assert.deepEqual([toldAfter('MODIFIED', { renewed: 5_000 }), toldAfter('MODIFIED', { renewed: 10_000 })], [0, 0]);
    assert.deepEqual([toldAfter('MODIFIED', { holder: 'two' }), toldAfter('MODIFIED', { session: NEXT })], [1, 1]);
    assert.deepEqual(
      [toldAfter('MODIFIED', { address: undefined }), toldAfter('MODIFIED'), toldAfter('DELETED')],
      [1, 0, 1],
    );
    stop();
  });

  it('is renewed by what a watch tells, and by nothing that is older than what is known', async () => {
    const { clock, state, opened, leader } = store();
    const stop = opened.watch(() => {});
    state.version = 7;
    await leader();
    await clock.sleep(10_000);
    Object.assign(state, { renewed: 5_000, version: 8 });
    state.watches[0]?.onEvent();
    await clock.sleep(10_000);
    assert.equal((await leader())?.owner, 'one');
    Object.assign(state, { renewed: 0, version: 7 });
    state.watches[0]?.onEvent();
    await clock.sleep(5_001);
    Object.assign(state, { renewed: 5_000, version: 8 });
    assert.equal(await leader(), undefined);
    stop();
  });

  it('is watched anew when the watch ends or falls silent, and whoever asks is told', async () => {
    const { clock, state, opened } = store();
    let told = 0;
    const stop = opened.watch(() => told++);
    assert.equal(state.watches.length, 1);
    state.watches[0]?.onEvent('ADDED');
    assert.equal(told, 1);
    state.watches[0]?.onEnd();
    await clock.sleep(900);
    assert.deepEqual([state.watches.length, told], [1, 2]);
    await clock.sleep(200);
    assert.equal(state.watches.length, 2);
    // Each change counts as a sign of life.
    await clock.sleep(20_000);
    state.watches[1]?.onEvent('ADDED');
    await clock.sleep(29_000);
    assert.deepEqual([state.watches.length, told], [2, 3]);
    await clock.sleep(3_000);
    assert.deepEqual([state.watches.map(({ open }) => open), told], [[false, false, true], 4]);
    stop();
    await clock.sleep(60_000);
    assert.deepEqual([state.watches.map(({ open }) => open), told], [[false, false, false], 4]);
  });

  it('costs the API server at most three requests a second, whatever happens', async () => {
    const { clock, state, opened } = store();
    const stop = new AbortController();
    const nodeOf = () => undefined;
    const deps = { leadership: opened, nodeOf, attention: new Attention(clock) };
    const done = observeLeader(deps, () => {}, { clock, signal: stop.signal });
    for (let second = 0; second < 60; second++) {
      await clock.sleep(1_000);
      // A renewal every five seconds, an end of the watch every ten.
      if (second % 5 === 0) state.watches.at(-1)?.onEvent();
      if (second % 10 === 0) state.watches.at(-1)?.onEnd();
    }
    stop.abort();
    await done;
    const requests = state.reads + state.watches.length;
    assert.ok(requests >= 40 && requests <= 180, `${requests} in a minute`);
  });
});
