import { z } from 'zod';
import type { Capability } from '../target/ports.js';

/** Which node a fault means. `leader` and `standby` are resolved when the fault is injected, not before. */
export const NODE_SELECTORS = ['jobmanager.leader', 'jobmanager.standby', 'taskmanager'] as const;
export type NodeSelector = (typeof NODE_SELECTORS)[number];

export const killOptions = z
  .strictObject({
    node: z.enum(NODE_SELECTORS).meta({
      description:
        'The node to kill. `jobmanager.leader` and `jobmanager.standby` are looked up in ZooKeeper at the moment of the fault; `taskmanager` is the one that runs most of the job.',
      examples: ['jobmanager.leader'],
    }),
  })
  .meta({ description: 'The process of one node gets SIGKILL. Healed by starting it again.' });
export type KillOptions = z.output<typeof killOptions>;

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
};
