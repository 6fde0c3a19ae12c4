import { randomBytes } from 'node:crypto';
import { FlinchError, messageOf } from '../../core/error.js';
import { formatDuration, writeSize } from '../../core/units.js';
import type { Cluster, DiskControl, Filling } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { takesPartOrStarts } from '../process/take-part.js';
import { chooseVictims, namesOf, onEach, type Victims } from '../process/victims.js';
import type { FillOptions } from '../schema/disk.js';

/** Less than this is full: no program gets a page of it for long. Bytes. */
const FULL = 64 * 1024;
/** Cleaning up after a failure frees blocks at once. Milliseconds. */
const TOP_UP_EVERY = 200;
const STORAGE = 'storage';

/** What healing a full disk needs to know. */
export interface FillUndo extends Victims {
  /** Names the filling on each of the disks. */
  id: string;
  disks: string[];
  /** Milliseconds. */
  duration: number;
}

/** A disk without room, filled up again whenever something is freed. Nodes that end of it are started again. */
export const fill: Fault<FillOptions, FillUndo> = {
  name: 'fill',
  requires: ['disk'],

  async resolve({ disk, duration }, context) {
    disksOf(context.cluster);
    const id = randomBytes(6).toString('hex');
    if (disk === STORAGE) {
      return {
        nodes: [{ node: STORAGE }],
        selector: disk,
        evidence: ["the disk of checkpoints and of the high-availability store's files"],
        undo: { id, disks: [STORAGE], duration, victims: [], contenders: [] },
      };
    }
    const chosen = await chooseVictims(disk, context);
    const disks = chosen.undo.victims.map(({ node }) => node);
    return { ...chosen, undo: { ...chosen.undo, id, disks, duration } };
  },

  async inject({ id, disks }, { cluster, clock }) {
    const after = clock.mono();
    const filled = await eachDisk(disks, (disk) => disksOf(cluster).fill(disk, id));
    return { after, by: clock.mono(), evidence: filled.map(([disk, filling]) => full(disk, filling)) };
  },

  hold: ({ duration }) => duration,

  meanwhile: {
    every: TOP_UP_EVERY,
    act: async ({ id, disks }, { cluster }) => void (await eachDisk(disks, (disk) => disksOf(cluster).fill(disk, id))),
  },

  async confirm({ id, disks, duration }, { cluster }) {
    const found = await eachDisk(disks, async (disk) => {
      const filling = await disksOf(cluster).filling(disk, id);
      if (filling) return filling;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: 'the filling is gone before its time', on: disk });
    });
    return found.map(([disk, filling]) => `${full(disk, filling)}, after ${formatDuration(duration)}`);
  },

  async heal(undo, context) {
    const after = context.clock.mono();
    try {
      const freed = await eachDisk(undo.disks, (disk) => takeAway(disk, undo.id, context));
      // A broker without room ends itself; a TaskManager may.
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
  },
};

function disksOf({ disks }: Cluster): DiskControl {
  if (disks) return disks;
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the disks of this cluster cannot be filled' });
}

async function eachDisk<T>(disks: readonly string[], work: (disk: string) => Promise<T>): Promise<[string, T][]> {
  const done: [string, T][] = [];
  for (const disk of disks) done.push([disk, await work(disk)]);
  return done;
}

/** @throws FlinchError FAULT_NOT_EFFECTIVE */
function full(disk: string, { bytes, free }: Filling): string {
  if (free < FULL) return `${disk} has ${free} bytes free: the filling holds ${writeSize(bytes)}`;
  throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: `${free} bytes are still free`, on: disk });
}

async function takeAway(disk: string, id: string, { cluster }: FaultContext): Promise<string> {
  const disks = disksOf(cluster);
  await disks.empty(disk, id);
  if (await disks.filling(disk, id))
    throw new FlinchError('HEAL_FAILED', { what: 'the filling is still there', on: disk });
  return `nothing of the filling is left on ${disk}`;
}
