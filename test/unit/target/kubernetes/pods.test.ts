import assert from 'node:assert/strict';
import type { CoreV1Api, V1Pod } from '@kubernetes/client-node';
import type { CallOptions, KubernetesPods } from '../../../../src/client/kubernetes/connection.js';
import { watchPods } from '../../../../src/target/kubernetes/pods.js';
import { handClock } from '../../../support/hand-clock.js';

const pod = (name: string, version: number, phase = 'Running'): V1Pod => ({
  metadata: { name, uid: `uid-${name}`, resourceVersion: String(version), creationTimestamp: new Date(1000) },
  spec: { nodeName: phase, containers: [] },
});

/** An API server whose pods a test writes: what a list tells, and what a watch does. */
function server() {
  const clock = handClock();
  const state = { list: [pod('a', 1)], version: 1, lists: 0 };
  let tell: (phase: string, item: V1Pod) => void = () => {};
  let end: (error: unknown) => void = () => {};
  const kubernetes = {
    namespace: 'flink',
    call: (_: string, work: (core: CoreV1Api, options: CallOptions) => unknown) => {
      state.lists++;
      const items = { items: state.list, metadata: { resourceVersion: String(state.version) } };
      return work({ listNamespacedPod: async () => items } as unknown as CoreV1Api, {} as CallOptions);
    },
    watchPods: (_: string, onEvent: typeof tell, onEnd: typeof end) => {
      [tell, end] = [onEvent, onEnd];
      return () => {};
    },
  } as unknown as KubernetesPods;
  const view = watchPods(kubernetes, { labels: 'app=orders', main: undefined }, clock);
  return {
    clock,
    state,
    view,
    told: (phase: string, item: V1Pod) => tell(phase, item),
    ends: () => end(new Error('over')),
    names: async () => (await view.fresh()).map(({ name, node }) => `${name} ${node}`),
  };
}

describe('the pods of a cluster', () => {
  const made: { view: { close(): void } }[] = [];
  const started = () => {
    const one = server();
    made.push(one);
    return one;
  };
  afterEach(() => {
    for (const { view } of made.splice(0)) view.close();
  });

  it('are what a list has, and what a watch has told since, at once', async () => {
    const { told, names, view } = started();
    assert.deepEqual(await names(), ['a Running']);
    const seen: number[] = [];
    view.onChange((pods) => seen.push(pods.length));
    told('ADDED', pod('b', 2));
    told('MODIFIED', pod('a', 3, 'Failed'));
    told('DELETED', pod('b', 4));
    assert.deepEqual(seen, [2, 2, 1]);
    assert.deepEqual(
      view.now().map(({ name, node }) => [name, node]),
      [['a', 'Failed']],
    );
  });

  it('stay as the watch has told of them, where a list is older', async () => {
    const { clock, state, told, names } = started();
    await names();
    told('ADDED', pod('b', 5));
    told('ADDED', pod('c', 6));
    told('DELETED', pod('c', 7));
    told('MODIFIED', pod('a', 8, 'Failed'));
    // From a server that lags behind: without b, with c and with a as it was.
    Object.assign(state, { list: [pod('a', 1), pod('c', 6)], version: 4 });
    await clock.sleep(6_000);
    assert.deepEqual(await names(), ['a Failed', 'b Running']);
    // And of what nobody has told: b is gone.
    Object.assign(state, { list: [pod('a', 9)], version: 9 });
    await clock.sleep(6_000);
    assert.deepEqual(await names(), ['a Running']);
  });

  it('are listed rarely while they are watched, and once a second while they are not', async () => {
    const { clock, state, told, ends, names } = started();
    const asked = async (seconds: number) => {
      const before = state.lists;
      for (let ms = 0; ms < seconds * 1000; ms += 100) {
        await names();
        await clock.sleep(100);
      }
      return state.lists - before;
    };
    await names();
    told('ADDED', pod('a', 1));
    const watched = await asked(60);
    assert.ok(watched <= 13, `${watched} in a minute`);
    ends();
    const unwatched = await asked(30);
    assert.ok(unwatched >= 25 && unwatched <= 31, `${unwatched} in half a minute`);
  });
});
