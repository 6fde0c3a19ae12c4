import { systemClock } from '../core/clock.js';
import { podsState } from '../run/cluster/pods-state.js';
import { healPods } from '../run/safety/heal-pods.js';
import { takeLock } from '../run/safety/lock.js';
import { openKubernetesCluster } from '../target/kubernetes/index.js';
import { type KubernetesChoice, placeOf } from './kubernetes-options.js';

/** Drives what a dead run left on a cluster in pods to proven absent. */
export async function healOnPods(choice: KubernetesChoice & { list?: boolean }): Promise<number> {
  const opened = await openKubernetesCluster(placeOf(choice), systemClock);
  try {
    const { lock, ledger, open } = podsState(opened.name);
    const left = open();
    for (const { kind, node, state, at, run } of left) {
      process.stdout.write(`${kind} on ${node}, ${state} since ${new Date(at).toISOString()} by ${run}\n`);
    }
    if (left.length === 0) process.stdout.write('no fault is left\n');
    if (choice.list) return 0;
    const release = takeLock(lock);
    try {
      await healPods(opened, ledger, systemClock, (line) => void process.stdout.write(`${line}\n`));
      return 0;
    } finally {
      release();
    }
  } finally {
    await opened.close();
  }
}
