import { z } from 'zod';

/** Which nodes a fault means. All but `.all` and `gateway` are looked up when the fault is injected, not before. */
export const NODE_SELECTORS = [
  'jobmanager.leader',
  'jobmanager.standby',
  'jobmanager.any',
  'jobmanager.all',
  'taskmanager',
  'taskmanager.source',
  'taskmanager.sink',
  'taskmanager.state',
  'taskmanager.any',
  'taskmanager.all',
  'zookeeper.leader',
  'zookeeper.follower',
  'zookeeper.any',
  'zookeeper.all',
  'broker',
  'broker.transaction-coordinator',
  'broker.group-coordinator',
  'broker.controller',
  'broker.any',
  'broker.all',
  'gateway',
] as const;
export type NodeSelector = (typeof NODE_SELECTORS)[number];

/** Each node of a role in its turn: as many faults, one after the other. */
export const EACH = ['jobmanager.each', 'taskmanager.each', 'zookeeper.each', 'broker.each'] as const;
export type EachSelector = (typeof EACH)[number];
export const isEach = (selector: unknown): selector is EachSelector => EACH.some((each) => each === selector);

/** Others of the same role can take over for these while they are gone, so that a recovery may come before healing. */
export const REPLACEABLE: ReadonlySet<NodeSelector> = new Set([
  'jobmanager.leader',
  'jobmanager.standby',
  'jobmanager.any',
  'taskmanager',
  'taskmanager.source',
  'taskmanager.sink',
  'taskmanager.state',
  'taskmanager.any',
]);

const MEANING =
  '`jobmanager.leader`, `jobmanager.standby`, `zookeeper.leader` and `zookeeper.follower` are looked up in ZooKeeper at the moment of the fault; `taskmanager` is the one that runs most of the job, `.source` and `.sink` those that run most of its sources or sinks, `.state` the one whose subtasks hold most state, `broker` the one that leads most partitions of its topics, `broker.transaction-coordinator` the one that has most of its transactions to end, `broker.group-coordinator` the one that keeps the offsets of its consumer group, `broker.controller` the active controller; `.any` means one of that role that is left to chance, the same for the same `seed`; `.all` every one.';

export const nodeOrEach = (doing: string) =>
  z.enum([...NODE_SELECTORS, ...EACH]).meta({
    description: `The node to ${doing}. ${MEANING} \`.each\` means all of that role, one after the other, each when the cluster has recovered from the one before.`,
    examples: ['taskmanager.each'],
  });

export const nodeSelector = (doing: string) =>
  z.enum(NODE_SELECTORS).meta({
    description: `The node to ${doing}. ${MEANING}`,
    examples: ['jobmanager.leader'],
  });
