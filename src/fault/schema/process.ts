import { z } from 'zod';
import { DURATION, SHARE, SIZE } from '../../core/units.js';
import { quantity } from '../../scenario/values.js';
import { howLong } from './how-long.js';
import { type NodeSelector, nodeOrEach, nodeSelector, REPLACEABLE } from './nodes.js';

/** Without a duration nobody would ever see a recovery from an end for which nobody can take over. */
const endsSometime = (
  { node, duration }: { node: NodeSelector; duration?: number | undefined },
  ctx: z.RefinementCtx,
) => {
  if (duration !== undefined || REPLACEABLE.has(node)) return;
  ctx.addIssue({
    code: 'custom',
    path: ['duration'],
    message: `is missing; say how long ${node} stays away, e.g. duration: 10s`,
  });
};

const awayFor = howLong(
  'How long it stays away before it is started again. Without it a JobManager or a TaskManager is started again once the recovery without it has been seen; every other needs it.',
  '10s',
).optional();

export const killOptions = z
  .strictObject({ node: nodeSelector('kill'), duration: awayFor })
  .superRefine(endsSometime)
  .meta({ description: 'The process of each node gets SIGKILL. Healed by starting it again.' });
export type KillOptions = z.output<typeof killOptions>;

export const stopOptions = z
  .strictObject({ node: nodeSelector('stop'), duration: awayFor })
  .superRefine(endsSometime)
  .meta({ description: 'The process of each node gets SIGTERM and ends in its own way. Healed by starting it again.' });
export type StopOptions = z.output<typeof stopOptions>;

export const restartOptions = z
  .strictObject({ node: nodeOrEach('restart') })
  .meta({ description: 'The process of each node gets SIGTERM, and is started again as soon as it has ended.' });
/** `nth`: which one of `.each`, from 1. */
export type RestartOptions = z.output<typeof restartOptions> & { nth?: number };

const moved = (which: string) =>
  quantity(DURATION, { from: '2s', to: '365d' }, '1h')
    .optional()
    .meta({ description: `How far the clock is ${which}.`, examples: ['1h'] });

export const clockSkewOptions = z
  .strictObject({
    node: nodeSelector('give a wrong clock'),
    ahead: moved('ahead'),
    behind: moved('behind'),
    duration: howLong('How long the clock is wrong, from the moment at which the node takes its part again.', '20s'),
  })
  .superRefine(({ ahead, behind }, context) => {
    if ((ahead === undefined) !== (behind === undefined)) return;
    const message =
      ahead === undefined ? 'says no time; write e.g. ahead: 1h' : 'says both ahead and behind; write one of them';
    context.addIssue({ code: 'custom', message });
  })
  .meta({
    description:
      'The process of each node is ended and started again with a clock that is wrong (libfaketime); its timers are right. Healed by starting it once more.',
  });
export type ClockSkewOptions = z.output<typeof clockSkewOptions>;

export const pauseOptions = z
  .strictObject({
    node: nodeSelector('pause'),
    duration: howLong(
      'How long it stands still. Below the heartbeat timeout nobody may notice; a leader that stands still for longer than its ZooKeeper session comes back as one that leads no more.',
      '16s',
    ),
  })
  .meta({
    description:
      'The process of each node gets SIGSTOP: it stands still, and its connections stay open. Healed by SIGCONT.',
  });
export type PauseOptions = z.output<typeof pauseOptions>;

export const cpuLimitOptions = z
  .strictObject({
    node: nodeSelector('limit'),
    to: quantity(SHARE, { from: '1%', to: '90%' }, '20%').meta({
      description: 'In how much of the time it may run; for the rest of each fifth of a second it stands still.',
      examples: ['20%'],
    }),
    duration: howLong('How long that lasts.', '30s'),
  })
  .meta({
    description:
      'The process of each node runs in a part of the time only (SIGSTOP and SIGCONT, five times a second), as where others take the processor; the other nodes, and Flinch itself, are left alone. Healed by letting it go on.',
  });
export type CpuLimitOptions = z.output<typeof cpuLimitOptions>;

export const memoryLimitOptions = z
  .strictObject({
    node: nodeSelector('limit'),
    headroom: quantity(SIZE, { from: '0B', to: '4GiB' }, '8MiB')
      .optional()
      .transform((bytes) => bytes ?? 0)
      .meta({ description: 'How much more it gets than it has at that moment. None unless told.', examples: ['8MiB'] }),
    duration: howLong('How long it gets no more.', '20s'),
  })
  .meta({
    description:
      'The process of each node gets no more memory than it has (RLIMIT_DATA: private memory that it may write to), as in a container that is too small; it may end of it. Healed by letting it have what it might before, and by starting again who ended of it.',
  });
export type MemoryLimitOptions = z.output<typeof memoryLimitOptions>;
