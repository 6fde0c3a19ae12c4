import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { forbiddenAt, type KubernetesCluster, type KubernetesPlace } from '../../target/kubernetes/index.js';
import { healLeftoversOf } from './leftovers.js';

/**
 * Drives what dead runs left on a cluster in pods to proven absent.
 * @param say told what is done, one line each
 * @throws FlinchError LEFTOVER_FAULT when something remains
 */
export async function healPods(
  opened: KubernetesCluster,
  place: KubernetesPlace,
  ledger: string,
  clock: Clock,
  say: (line: string) => void,
): Promise<void> {
  // Hands undo what they did when they are taken away. Whoever may not send any has never sent one.
  const may = (await forbiddenAt(place, new Set(['hands']))).length === 0;
  const taken = may ? await opened.hands.sweep() : 0;
  if (taken > 0) say(`took away ${taken} ${taken === 1 ? 'hand' : 'hands'} of an earlier run`);
  const folder = mkdtempSync(join(tmpdir(), 'flinch-heal-'));
  const cluster = opened.cluster(folder, { thorough: true });
  try {
    await healLeftoversOf(cluster, ledger, clock, say);
  } finally {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
