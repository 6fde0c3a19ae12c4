import { z } from 'zod';
import { howLong } from './how-long.js';

/** Disks that can be harmed: of the nodes that have one of their own, and the one that checkpoints and HA files share. */
export const DISKS = [
  'taskmanager',
  'taskmanager.any',
  'taskmanager.all',
  'broker',
  'broker.any',
  'broker.all',
  'storage',
] as const;
export type DiskSelector = (typeof DISKS)[number];

const disk = (doing: string) =>
  z.enum(DISKS).meta({
    description: `The disk to ${doing}: that of the TaskManager that runs most of the job, of the broker that leads most partitions of its topics, of one left to chance (\`.any\`), of \`.all\` of them; or \`storage\`, where checkpoints and the high-availability store's files lie, which the scenario has to \`allow\`.`,
    examples: ['broker'],
  });

export const fillOptions = z
  .strictObject({
    disk: disk('fill'),
    duration: howLong('How long it stays full; what is freed meanwhile is filled again.', '10s'),
  })
  .meta({ description: 'A disk is filled to its last byte. Healed by taking the filling away.' });
export type FillOptions = z.output<typeof fillOptions>;

export const readOnlyOptions = z
  .strictObject({
    disk: disk('make read-only'),
    duration: howLong('How long it refuses whatever is opened for writing.', '10s'),
  })
  .meta({
    description:
      'A disk refuses new files and changes of old ones; what is open for writing already goes on. Healed by making it writable.',
  });
export type ReadOnlyOptions = z.output<typeof readOnlyOptions>;

export const damageOptions = z
  .strictObject({
    file: z.enum(['checkpoint', 'job']).meta({
      description:
        'Files that the high-availability store points to: those of completed checkpoints, or of the jobs themselves (job graphs, execution plans). They lie on the disk `storage`, which the scenario has to `allow`.',
      examples: ['checkpoint'],
    }),
    by: z
      .enum(['delete', 'truncate'])
      .prefault('delete')
      .meta({
        description: 'Whether they are gone, or empty. Those that Flink writes meanwhile are left alone.',
        examples: ['delete'],
      }),
    duration: howLong('How long they stay so.', '20s'),
  })
  .meta({
    description:
      'Files behind live pointers are gone or empty. Healed by putting them back, where Flink has not given their place up, and by starting JobManagers that have ended.',
  });
export type DamageOptions = z.output<typeof damageOptions>;
