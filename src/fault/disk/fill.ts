import { randomBytes } from 'node:crypto';
import { FlinchError } from '../../core/error.js';
import { formatDuration, writeSize } from '../../core/units.js';
import type { Filling } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import type { FillOptions } from '../schema/disk.js';
import { chooseDisks, type Disks, eachDisk, fillerOf, healDisks } from './disks.js';

/** Less than this is full: no program gets a page of it for long. Bytes. */
const FULL = 64 * 1024;
/** Cleaning up after a failure frees blocks at once. Milliseconds. */
const TOP_UP_EVERY = 200;

/** What healing a full disk needs to know. */
export interface FillUndo extends Disks {
  /** Names the filling on each of the disks. */
  id: string;
  /** Milliseconds. */
  duration: number;
}

/** A disk without room, filled up again whenever something is freed. A broker ends itself of it; a TaskManager may. */
export const fill: Fault<FillOptions, FillUndo> = {
  name: 'fill',
  requires: ['disk'],

  async resolve({ disk, duration }, context) {
    const chosen = await chooseDisks(disk, context);
    return { ...chosen, undo: { ...chosen.undo, id: randomBytes(6).toString('hex'), duration } };
  },

  async inject({ id, disks }, { cluster, clock }) {
    const after = clock.mono();
    const filled = await eachDisk(disks, (disk) => fillerOf(cluster).fill(disk, id));
    return { after, by: clock.mono(), evidence: filled.map(([disk, filling]) => full(disk, filling)) };
  },

  hold: ({ duration }) => duration,

  meanwhile: {
    every: TOP_UP_EVERY,
    act: async ({ id, disks }, { cluster }) => void (await eachDisk(disks, (disk) => fillerOf(cluster).fill(disk, id))),
  },

  async confirm({ id, disks, duration }, { cluster }) {
    const found = await eachDisk(disks, async (disk) => {
      const filling = await fillerOf(cluster).filling(disk, id);
      if (filling) return filling;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: 'the filling is gone before its time', on: disk });
    });
    return found.map(([disk, filling]) => `${full(disk, filling)}, after ${formatDuration(duration)}`);
  },

  heal: (undo, context) => healDisks(undo, (disk) => takeAway(disk, undo.id, context), context),
};

/** @throws FlinchError FAULT_NOT_EFFECTIVE */
function full(disk: string, { bytes, free }: Filling): string {
  if (free < FULL) return `${disk} has ${free} bytes free: the filling holds ${writeSize(bytes)}`;
  throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: `${free} bytes are still free`, on: disk });
}

async function takeAway(disk: string, id: string, { cluster }: FaultContext): Promise<string> {
  const filler = fillerOf(cluster);
  await filler.empty(disk, id);
  if (await filler.filling(disk, id))
    throw new FlinchError('HEAL_FAILED', { what: 'the filling is still there', on: disk });
  return `nothing of the filling is left on ${disk}`;
}
