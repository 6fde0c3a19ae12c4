import { FlinchError, messageOf } from '../../core/error.js';
import type { Cluster, DiskControl, DiskFiller } from '../../target/ports.js';
import type { FaultContext, Proof, Resolved } from '../fault.js';
import { takesPartOrStarts } from '../process/take-part.js';
import { chooseVictims, namesOf, onEach, type Victims } from '../process/victims.js';
import type { DiskSelector } from '../schema/disk.js';

const STORAGE = 'storage';

/** The disks that are meant, and who lives on them. */
export interface Disks extends Victims {
  disks: string[];
}

/** @throws FlinchError CAPABILITY_MISSING */
export function disksOf({ disks }: Cluster): DiskControl {
  if (disks) return disks;
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the nodes of this cluster have no disks of their own' });
}

/** @throws FlinchError CAPABILITY_MISSING */
export const fillerOf = (cluster: Cluster): DiskFiller => cluster.filler ?? disksOf(cluster);

/** Chooses disks by what lies on them. @throws FlinchError CAPABILITY_MISSING, FAULT_INJECT */
export async function chooseDisks(disk: DiskSelector, context: FaultContext): Promise<Resolved<Disks>> {
  fillerOf(context.cluster);
  if (disk === STORAGE) {
    return {
      nodes: [{ node: STORAGE }],
      selector: disk,
      evidence: ["the disk of checkpoints and of the high-availability store's files"],
      undo: { disks: [STORAGE], victims: [], contenders: [] },
    };
  }
  const chosen = await chooseVictims(disk, context);
  return { ...chosen, undo: { ...chosen.undo, disks: chosen.undo.victims.map(({ node }) => node) } };
}

export async function eachDisk<T>(
  disks: readonly string[],
  work: (disk: string) => Promise<T>,
): Promise<[string, T][]> {
  const done: [string, T][] = [];
  for (const disk of disks) done.push([disk, await work(disk)]);
  return done;
}

/**
 * Makes the disks good again, and starts whoever has ended of them.
 * @param free what makes one good, with its proof in a sentence
 * @throws FlinchError HEAL_FAILED; the signal's reason
 */
export async function healDisks(
  undo: Disks,
  free: (disk: string) => Promise<string>,
  context: FaultContext,
): Promise<Proof> {
  const after = context.clock.mono();
  try {
    const freed = await eachDisk(undo.disks, free);
    const since = context.clock.wall();
    const back = await onEach(undo.victims, (victim) => takesPartOrStarts(victim, { since, all: undo }, context));
    return { after, by: context.clock.mono(), evidence: [...freed.map(([, line]) => line), ...back.flat()] };
  } catch (cause) {
    context.signal.throwIfAborted();
    throw new FlinchError('HEAL_FAILED', {
      what: messageOf(cause),
      on: undo.disks.join(', '),
      todo: `see the log of ${namesOf(undo.victims) || 'the JobManagers'}; or end the cluster with: flinch down`,
      cause,
    });
  }
}
