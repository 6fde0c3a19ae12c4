import { z } from 'zod';
import { BANDWIDTH, DURATION, SHARE, writeDuration } from '../../core/units.js';
import { quantity } from '../../scenario/values.js';
import { howLong } from './how-long.js';
import { NODE_SELECTORS } from './nodes.js';

/** Every node that is not on the first side; with a role, those of that role. */
export const OTHERS = ['others', 'taskmanager.others'] as const;
export const SIDES = [...NODE_SELECTORS, ...OTHERS] as const;
export type Side = (typeof SIDES)[number];

export const DIRECTIONS = ['both', 'forth', 'back'] as const;
export type Direction = (typeof DIRECTIONS)[number];

const side = <const Word extends string>(words: readonly Word[], description: string, example: Word) =>
  z
    .union([
      z.array(z.enum(words)).min(1, { error: 'is empty; write one role or more' }).max(words.length),
      z.enum(words),
    ])
    .transform((it): Word[] => (typeof it === 'string' ? [it] : it))
    .meta({ description, examples: [example] });

const sides = {
  between: side(NODE_SELECTORS, 'The nodes on one side, by their roles: one, or a list.', 'jobmanager.leader'),
  and: side(
    SIDES,
    'The nodes on the other side; `others` are all that are not on the first one, `taskmanager.others` the TaskManagers among them.',
    'zookeeper.all',
  ),
};

const links = (duration: string) => ({
  ...sides,
  direction: z
    .enum(DIRECTIONS)
    .prefault('both')
    .meta({
      description:
        'Which packets are meant: `forth` are those from the first side to the second, `back` those from the second to the first.',
      examples: ['both'],
    }),
  duration: howLong(duration, '20s'),
});

export const partitionOptions = z
  .strictObject({
    ...links('How long they are cut off from each other.'),
    via: z
      .enum(['network-policy'])
      .optional()
      .meta({
        description:
          'Who does it: `network-policy`, whoever enforces NetworkPolicies in a cluster of Kubernetes; it forbids new connections, always both ways, and needs nobody beside the pods. Flinch itself unless told.',
        examples: ['network-policy'],
      }),
  })
  .superRefine(({ via, direction }, context) => {
    if (via === undefined || direction === 'both') return;
    const message = `${direction} is a way of packets, and NetworkPolicies are about connections, whose packets go both ways; leave it out, or leave via out`;
    context.addIssue({ code: 'custom', path: ['direction'], message });
  })
  .meta({
    description: 'Every packet between two sets of nodes is dropped, both ways or one way. Healed by ending the cut.',
    // The same for editors.
    not: { required: ['via', 'direction'], properties: { direction: { enum: ['forth', 'back'] } } },
  });
export type PartitionOptions = z.output<typeof partitionOptions>;

export const lossOptions = z
  .strictObject({
    ...links('How long packets are lost.'),
    share: quantity(SHARE, { from: '1%', to: '99%' }, '30%').meta({
      description: 'How many of the packets are lost, each by chance.',
      examples: ['30%'],
    }),
  })
  .meta({ description: 'Some of the packets between two sets of nodes are lost. Healed by ending that.' });
export type LossOptions = z.output<typeof lossOptions>;

export const throttleOptions = z
  .strictObject({
    ...links('How long the links are narrow.'),
    to: quantity(BANDWIDTH, { from: '1kB/s', to: '1GB/s' }, '100kB/s').meta({
      description:
        'What each link, from one node to another, carries at most; packets that come faster are dropped, and sent again by who sent them.',
      examples: ['100kB/s'],
    }),
  })
  .meta({ description: 'The links between two sets of nodes carry so much and no more. Healed by ending that.' });
export type ThrottleOptions = z.output<typeof throttleOptions>;

export const latencyOptions = z
  .strictObject({
    ...links('How long packets are late.'),
    by: quantity(DURATION, { from: '50ms', to: '10s' }, '200ms').meta({
      description: 'How late each packet is. Both ways, a packet and its answer are late twice.',
      examples: ['200ms'],
    }),
    jitter: quantity(DURATION, { from: '0ms', to: '5s' }, '50ms')
      .prefault('0ms')
      .meta({
        description:
          'By how much that varies, earlier or later; at most half of it. No packet overtakes another one of its link.',
        examples: ['50ms'],
      }),
  })
  .superRefine(({ by, jitter }, context) => {
    if (2 * jitter <= by) return;
    const message = `varies by more than half of the ${writeDuration(by)}; write ${writeDuration(by / 2)} at most`;
    context.addIssue({ code: 'custom', path: ['jitter'], message });
  })
  .meta({ description: 'The packets between two sets of nodes are late, all of them. Healed by ending that.' });
export type LatencyOptions = z.output<typeof latencyOptions>;

export const resetOptions = z.strictObject(sides).meta({
  description:
    'Every connection between two sets of nodes is reset: either end is told that it is over, and may make another at once. Healed by nobody but those who make them.',
});
export type ResetOptions = z.output<typeof resetOptions>;

export const cutCommitOptions = z
  .strictObject({
    duration: howLong(
      "How long the TaskManager stays cut off from the brokers once the checkpoint has completed without its commit. A transaction that is then still younger than the sink's transaction timeout is committed late, and nothing is lost; it began up to one checkpoint interval before the cut. An older one is aborted at the broker's next look (every 10s by default, every 2s on a local cluster), and its records are gone.",
      '20s',
    ),
  })
  .meta({
    description:
      'One TaskManager is cut off from every broker after its sink has pre-committed a checkpoint and before it commits. Healed by ending the cut.',
  });
export type CutCommitOptions = z.output<typeof cutCommitOptions>;
