import type { Pod } from '../../../src/client/kubernetes/pod.js';

/** A pod that runs, as a test wants it: a JobManager where its name begins with `jm`. Its address, machine and container have its number. */
export const aPod = (name: string, number: number, over: Partial<Pod> = {}): Pod => ({
  name,
  uid: `uid-${number}`,
  version: 1n,
  labels: { component: name.startsWith('jm') ? 'jobmanager' : 'taskmanager' },
  createdAt: number,
  leaving: false,
  ready: true,
  grace: 30_000,
  account: 'orders',
  image: 'flink:1',
  node: `machine-${number}`,
  ip: `10.0.0.${number}`,
  container: { id: `0000000${number}abcdef`, name: 'flink', startedAt: `start-${number}`, running: true },
  ...over,
});
