import { FlinchError } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { Fault, FaultContext } from '../fault.js';
import type { ReadOnlyOptions } from '../schema/disk.js';
import { chooseDisks, type Disks, disksOf, eachDisk, healDisks } from './disks.js';

/** What healing a read-only disk needs to know. */
export interface ReadOnlyUndo extends Disks {
  /** Milliseconds. */
  duration: number;
}

/** A disk that takes no new file and no change of one, as a file system does after an error of its disk. */
export const readOnly: Fault<ReadOnlyOptions, ReadOnlyUndo> = {
  name: 'readOnly',
  requires: ['readOnlyDisk'],

  async resolve({ disk, duration }, context) {
    const chosen = await chooseDisks(disk, context);
    return { ...chosen, undo: { ...chosen.undo, duration } };
  },

  async inject({ disks }, context) {
    const after = context.clock.mono();
    await eachDisk(disks, (disk) => disksOf(context.cluster).makeReadOnly(disk));
    const refused = await refusals(disks, context);
    return { after, by: context.clock.mono(), evidence: refused };
  },

  hold: ({ duration }) => duration,

  confirm: async ({ disks, duration }, context) =>
    (await refusals(disks, context)).map((line) => `${line}, after ${formatDuration(duration)}`),

  heal: (undo, context) => healDisks(undo, (disk) => makeWritable(disk, context), context),
};

/** @throws FlinchError FAULT_NOT_EFFECTIVE */
async function refusals(disks: readonly string[], { cluster }: FaultContext): Promise<string[]> {
  const found = await eachDisk(disks, async (disk) => {
    const refusal = await disksOf(cluster).refusal(disk);
    if (refusal !== undefined) return refusal;
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: 'it still takes new files', on: disk });
  });
  return found.map(([disk, refusal]) => `${disk} takes no new file: ${refusal}`);
}

async function makeWritable(disk: string, { cluster }: FaultContext): Promise<string> {
  const disks = disksOf(cluster);
  await disks.makeWritable(disk);
  const refusal = await disks.refusal(disk);
  if (refusal === undefined) return `${disk} takes new files`;
  throw new FlinchError('HEAL_FAILED', { what: `it still takes no new file: ${refusal}`, on: disk });
}
