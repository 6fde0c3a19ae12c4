import { FlinchError } from '../core/error.js';
import { leftovers } from '../run/safety/leftovers.js';
import { takeLock } from '../run/safety/lock.js';
import { findKept, joinKept, keptLock } from '../target/local/index.js';
import type { HealChoice } from './heal-on-pods.js';
import { carryOut, type Order } from './inside.js';
import type { KubernetesChoice } from './kubernetes-options.js';
import type { RunnerChoice } from './print-runner.js';

/** Drives what a dead run left on the kept cluster to proven absent. */
export async function heal(options: HealChoice & KubernetesChoice & RunnerChoice): Promise<number> {
  const { list = false, target } = options;
  if (options.manifest) return (await import('./print-runner.js')).printHeal(options);
  if (target === 'kubernetes') return (await import('./heal-on-pods.js')).healOnPods(options);

  const kept = await findKept();
  if (!kept) {
    throw new FlinchError('NO_CLUSTER', {
      what: 'there is no kept cluster',
      todo: 'a cluster that a run starts for itself ends with the run, and nothing of it is left',
    });
  }
  const open = leftovers();
  for (const { kind, node, state, at, run } of open) {
    process.stdout.write(`${kind} on ${node}, ${state} since ${new Date(at).toISOString()} by ${run}\n`);
  }
  if (open.length === 0) process.stdout.write('no fault is left\n');
  if (list) return 0;
  const order: Order = { verb: 'heal', kept };
  const release = takeLock(keptLock());
  try {
    return (await joinKept(kept, order)) ?? (await carryOut(order));
  } finally {
    release();
  }
}
