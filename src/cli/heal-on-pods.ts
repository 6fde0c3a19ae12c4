import { systemClock } from '../core/clock.js';
import { messageOf } from '../core/error.js';
import { type PodsState, podsState } from '../run/cluster/pods-state.js';
import { healPods } from '../run/safety/heal-pods.js';
import type { LedgerEntry } from '../run/safety/ledger.js';
import { takeLock } from '../run/safety/lock.js';
import {
  type ClusterLock,
  type KubernetesPlace,
  notedBy,
  openKubernetesCluster,
  placeName,
  runHasDied,
  takeClusterLock,
} from '../target/kubernetes/index.js';
import { type KubernetesChoice, placeOf } from './kubernetes-options.js';

export interface HealChoice {
  list?: boolean;
  /** Waits until the run that goes on is dead; nothing is done where it ends well. */
  whenDead?: boolean;
}

/** Drives what a dead run left on a cluster in pods to proven absent. */
export async function healOnPods(choice: KubernetesChoice & HealChoice): Promise<number> {
  const place = placeOf(choice);
  if (choice.whenDead && !(await runHasDied(place, systemClock))) {
    say('the run has ended, and left nothing');
    return 0;
  }
  const state = podsState(await placeName(place));
  if (choice.list) {
    const told = await notedBy(place, systemClock).catch(
      (error) => void say(`what other machines know could not be asked: ${messageOf(error)}`),
    );
    tellLeft([...state.open(), ...(told ? state.others(told) : [])]);
    return 0;
  }
  const release = takeLock(state.lock);
  let lock: ClusterLock | undefined;
  try {
    lock = await takeClusterLock(place, { home: state.ledger, clock: systemClock, say, unlessForbidden: true });
    if (lock.left !== undefined) state.adopt(lock.left);
    tellLeft(state.open());
    await healAsBefore(place, state);
    return 0;
  } finally {
    // What is left then others have to know.
    await lock?.note(state.told()).catch((error) => say(`only this machine knows what is left: ${messageOf(error)}`));
    await lock?.release();
    release();
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function tellLeft(left: readonly LedgerEntry[]): void {
  for (const { kind, node, state: how, at, run } of left) {
    say(`${kind} on ${node}, ${how} since ${new Date(at).toISOString()} by ${run}`);
  }
  if (left.length === 0) say('no fault is left');
}

/** Heals while each pod has the seat that it had in the run that died. */
export async function healAsBefore(place: KubernetesPlace, state: PodsState): Promise<void> {
  const before = state.known();
  const opened = await openKubernetesCluster({ ...place, ...(before && { before }) }, systemClock);
  try {
    await healPods(opened, place, state.ledger, systemClock, (line) => void process.stdout.write(`${line}\n`));
  } finally {
    await opened.close();
  }
}
