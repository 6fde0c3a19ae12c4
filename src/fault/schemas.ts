import { z } from 'zod';
import { DURATION } from '../core/units.js';
import { quantity } from '../scenario/values.js';
import type { Capability } from '../target/ports.js';

/** Which node a fault means. `leader` and `standby` are resolved when the fault is injected, not before. */
export const NODE_SELECTORS = ['jobmanager.leader', 'jobmanager.standby', 'taskmanager'] as const;
export type NodeSelector = (typeof NODE_SELECTORS)[number];

const node = (doing: string) =>
  z.enum(NODE_SELECTORS).meta({
    description: `The node to ${doing}. \`jobmanager.leader\` and \`jobmanager.standby\` are looked up in ZooKeeper at the moment of the fault; \`taskmanager\` is the one that runs most of the job.`,
    examples: ['jobmanager.leader'],
  });

export const killOptions = z
  .strictObject({ node: node('kill') })
  .meta({ description: 'The process of one node gets SIGKILL. Healed by starting it again.' });
export type KillOptions = z.output<typeof killOptions>;

export const pauseOptions = z
  .strictObject({
    node: node('pause'),
    duration: quantity(DURATION, { from: '1s', to: '1h' }, '16s').meta({
      description:
        'How long its process stands still. Below the heartbeat timeout nobody may notice; a leader that stands still for longer than its ZooKeeper session comes back as one that leads no more.',
      examples: ['16s'],
    }),
  })
  .meta({
    description: 'The process of one node gets SIGSTOP: it stands still, and its connections stay open. Healed by SIGCONT.',
  });
export type PauseOptions = z.output<typeof pauseOptions>;

export const cutCommitOptions = z
  .strictObject({
    duration: quantity(DURATION, { from: '1s', to: '1h' }, '20s').meta({
      description:
        "How long the TaskManager stays cut off from the brokers once the checkpoint has completed without its commit. A transaction that is then still younger than the sink's transaction timeout is committed late, and nothing is lost; it began up to one checkpoint interval before the cut. An older one is aborted at the broker's next look (every 10s by default, every 2s on a local cluster), and its records are gone.",
      examples: ['20s'],
    }),
  })
  .meta({
    description:
      'One TaskManager is cut off from every broker after its sink has pre-committed a checkpoint and before it commits. Healed by ending the cut.',
  });
export type CutCommitOptions = z.output<typeof cutCommitOptions>;

/** What a scenario may say about a fault, and what the fault asks of a target. */
export interface FaultSchema {
  readonly schema: z.ZodType<Record<string, unknown>>;
  readonly requires: readonly Capability[];
  /** One line for plans and docs. */
  readonly summary: string;
}

/** Every fault of the language by its name; the faults themselves are in catalogue.ts. */
export const FAULT_SCHEMAS: Readonly<Record<string, FaultSchema>> = {
  kill: {
    schema: killOptions,
    requires: ['process'],
    summary: 'kill -9 of the process of one node; healed by starting it again',
  },
  pause: {
    schema: pauseOptions,
    requires: ['process'],
    summary: 'the process of one node stands still for a time (SIGSTOP); healed by letting it go on',
  },
  cutCommit: {
    schema: cutCommitOptions,
    requires: ['process', 'network'],
    summary:
      'a TaskManager loses every broker between the pre-commit and the commit of a checkpoint that completes; healed by ending the cut',
  },
};
