import { LEASE } from '../../src/client/kubernetes/lease.js';
import { leaseHand } from '../../src/client/kubernetes/lease-hand.js';
import type { StoredMap, StoredMaps } from '../../src/target/ports.js';
import type { HandClock } from './hand-clock.js';

export const JOB = '7f'.repeat(16);
export const [CLUSTER_MAP, JOB_MAP] = ['orders-cluster-config-map', `orders-${JOB}-config-map`];
export const CHECKPOINT_4 = 'checkpointID-0000000000000000004';
const LEADER_KEY = 'org.apache.flink.k8s.leader.restserver';

const map = (name: string, data: Record<string, string>, annotations: Record<string, string> = {}): StoredMap => ({
  name,
  uid: `uid of ${name}`,
  version: '1',
  labels: { app: 'orders' },
  annotations,
  owners: [],
  data,
});

/** The ConfigMaps of a cluster with one job, which nobody but the test writes. */
export function handMadeMaps(clock: HandClock, deaf: () => boolean) {
  const lease = {
    holderIdentity: 'jm-1',
    leaseDuration: 15,
    acquireTime: '2026-11-21T00:00:00.000000Z',
    renewTime: '2026-11-21T00:00:00.000000Z',
    leaderTransitions: 3,
  };
  const all = new Map(
    [
      map(
        CLUSTER_MAP,
        { [LEADER_KEY]: 'session-1,http://10.0.0.1:8081', [`jobGraph-${JOB}`]: 'cGxhbg==' },
        {
          [LEASE]: JSON.stringify(lease),
        },
      ),
      { ...map(JOB_MAP, { [CHECKPOINT_4]: 'Zm91cg==', counter: '5' }), job: JOB },
    ].map((it) => [it.name, it]),
  );
  let next = 2;
  const put = (like: StoredMap) => void all.set(like.name, { ...like, version: String(next++) });
  const world = {
    all,
    /** Puts these keys into a map, as Flink would; null takes one away. */
    write(name: string, data: Record<string, string | null>) {
      const now = all.get(name);
      if (!now) throw new Error(`there is no ${name}`);
      const entries = Object.entries({ ...now.data, ...data }).filter(([, value]) => value !== null);
      put({ ...now, data: Object.fromEntries(entries) as Record<string, string> });
    },
    make: (name: string, data: Record<string, string> = {}) => put({ ...map(name, data), uid: `uid ${next}` }),
    /** Called before each write that is to come. */
    onWrite: () => {},
  };
  const maps: Omit<StoredMaps, 'lease'> = {
    find: async (kind) => [...all.values()].filter(({ name }) => (kind === 'cluster') === (name === CLUSTER_MAP)),
    async read(name) {
      const now = all.get(name);
      const text = now?.annotations[LEASE];
      if (!now || text === undefined) return now;
      const held = JSON.parse(text) as { holderIdentity: string };
      if (!held.holderIdentity.startsWith('jm-')) return now;
      // A JobManager renews its lease every five seconds.
      const renewTime = new Date(clock.wall() - (clock.wall() % 5_000)).toISOString();
      return { ...now, annotations: { ...now.annotations, [LEASE]: JSON.stringify({ ...held, renewTime }) } };
    },
    async edit(name, edit) {
      world.onWrite();
      const now = all.get(name);
      if (!now) return false;
      const change = edit(now);
      if (!change || deaf()) return true;
      if (change.lease !== undefined) put({ ...now, annotations: { ...now.annotations, [LEASE]: change.lease } });
      if (change.data) world.write(name, change.data);
      return true;
    },
    async remove({ name, version }) {
      world.onWrite();
      if (all.get(name)?.version !== version) return false;
      return deaf() || all.delete(name);
    },
    async create(like) {
      if (all.has(like.name)) return false;
      put({ ...like, uid: `uid ${next}` });
      return true;
    },
  };
  const store: StoredMaps = { ...maps, lease: leaseHand(maps, CLUSTER_MAP, clock) };
  return { world, store };
}
