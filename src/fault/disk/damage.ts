import { randomBytes } from 'node:crypto';
import { FlinchError, messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { StoredFile } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { startEnded } from '../process/take-part.js';
import { chooseVictims, type Victims } from '../process/victims.js';
import type { DamageOptions } from '../schema/disk.js';
import { disksOf } from './disks.js';

const DISK = 'storage';
/** How Flink begins the names of the files that its high-availability store points to (1.x, 2.x). */
const NAMES: Readonly<Record<DamageOptions['file'], readonly string[]>> = {
  checkpoint: ['completedCheckpoint'],
  job: ['submittedJobGraph', 'submittedExecutionPlan'],
};

/** What healing damaged files needs to know. The victims are the JobManagers: one that cannot restore a job ends itself. */
export interface DamageUndo extends Victims {
  /** Names what was set aside. */
  id: string;
  files: StoredFile[];
  how: DamageOptions['by'];
  /** Milliseconds. */
  duration: number;
}

/**
 * Files that the high-availability store points to are gone, or empty, while the pointers stay. Proven by looking at
 * them; healed by putting them back where Flink has not given their place up, and by starting JobManagers that ended of it.
 */
export const damage: Fault<DamageOptions, DamageUndo> = {
  name: 'damage',
  requires: ['storedFiles'],

  async resolve({ file, by, duration }, context) {
    const files = await disksOf(context.cluster).find(DISK, NAMES[file]);
    if (files.length === 0) {
      const todo =
        file === 'checkpoint' ? 'see that checkpoints complete' : 'see that the job runs with high availability';
      throw new FlinchError('FAULT_INJECT', { what: `there is no file of a ${file}`, on: DISK, todo });
    }
    const { undo: users } = await chooseVictims('jobmanager.all', context);
    return {
      nodes: [{ node: DISK }],
      selector: file,
      evidence: files.map(({ path, bytes }) => `${path} has ${bytes} bytes`),
      undo: { ...users, id: randomBytes(6).toString('hex'), files, how: by, duration },
    };
  },

  async inject(undo, context) {
    const { cluster, clock } = context;
    const after = clock.mono();
    for (const { path } of undo.files) await disksOf(cluster).setAside(DISK, path, undo.id, undo.how === 'truncate');
    return { after, by: clock.mono(), evidence: await damaged(undo, context) };
  },

  hold: ({ duration }) => duration,

  confirm: async (undo, context) =>
    (await damaged(undo, context)).map((line) => `${line}, after ${formatDuration(undo.duration)}`),

  async heal(undo, context) {
    const { id, files } = undo;
    const { cluster, clock, signal } = context;
    const after = clock.mono();
    const disks = disksOf(cluster);
    try {
      const evidence: string[] = [];
      for (const { path, bytes } of files) {
        const how = await disks.putBack(DISK, path, id);
        const now = await disks.size(DISK, path);
        if (how === 'back' && now !== bytes) throw new Error(`${path} has ${now ?? 'none'} of its ${bytes} bytes`);
        evidence.push(TOLD[how ?? 'nothing'](path));
      }
      for (const victim of undo.victims) evidence.push(...(await startEnded(victim, undo, context)));
      return { after, by: clock.mono(), evidence };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: messageOf(cause),
        on: DISK,
        todo: `what was set aside is on the same disk, under flinch-aside-${id}; or end the cluster with: flinch down`,
        cause,
      });
    }
  },
};

const TOLD = {
  back: (path: string) => `${path} is back`,
  dropped: (path: string) => `the folder of ${path} is gone, and so is what was set aside`,
  nothing: (path: string) => `nothing of ${path} is set aside`,
};

/** @throws FlinchError FAULT_NOT_EFFECTIVE */
async function damaged({ files, how }: DamageUndo, { cluster }: FaultContext): Promise<string[]> {
  const lines: string[] = [];
  for (const { path } of files) {
    const bytes = await disksOf(cluster).size(DISK, path);
    // Flink may take an empty one away itself; nobody but us puts a whole one there.
    if (bytes !== undefined && (bytes > 0 || how === 'delete')) {
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: `${path} is there, with ${bytes} bytes`, on: DISK });
    }
    lines.push(bytes === undefined ? `${path} is not there` : `${path} is empty`);
  }
  return lines;
}
