import { z } from 'zod';
import { howLong } from './how-long.js';

export const expireSessionOptions = z
  .strictObject({
    node: z.literal('jobmanager.leader').meta({
      description:
        'Whose session ends: that of the JobManager that leads, as the store has it at the moment of the fault.',
      examples: ['jobmanager.leader'],
    }),
  })
  .meta({
    description:
      'The session of a JobManager in the high-availability store ends, as if nothing had been heard of it for too long, while it runs and reaches everybody. Healed by seeing it contend in a new session.',
  });
export type ExpireSessionOptions = z.output<typeof expireSessionOptions>;

export const stealLeaseOptions = z
  .strictObject({
    node: z.literal('jobmanager.leader').meta({
      description: 'Whose lease is taken: that of the JobManager that leads at the moment of the fault.',
      examples: ['jobmanager.leader'],
    }),
    duration: howLong('How long somebody who is no JobManager holds it and renews it.', '10s'),
  })
  .meta({
    description:
      'The lease by which JobManagers are elected on Kubernetes is taken from the leader, and nobody leads. Healed by giving it back; it runs out by itself where the run has died.',
  });
export type StealLeaseOptions = z.output<typeof stealLeaseOptions>;

export const damageConfigMapOptions = z
  .strictObject({
    configMap: z.enum(['cluster', 'job']).meta({
      description:
        'What of the high availability is damaged: `cluster`, the ConfigMap with the addresses of those that lead and the pointers to the jobs; `job`, those with the pointers to completed checkpoints and the number of the next one. The scenario has to `allow` `storage`.',
      examples: ['job'],
    }),
    by: z
      .enum(['delete', 'empty', 'corrupt'])
      .prefault('delete')
      .meta({
        description:
          'Whether it is gone, holds nothing, or holds what nobody can read. What Flink writes meanwhile is left alone.',
        examples: ['corrupt'],
      }),
    duration: howLong('How long nobody but Flink puts it right.', '20s'),
  })
  .meta({
    description:
      'ConfigMaps of the high availability are gone, empty or unreadable. Healed by putting back what Flink has recorded nothing newer for, and by replacing a leader that does not see it.',
  });
export type DamageConfigMapOptions = z.output<typeof damageConfigMapOptions>;

export const damageZnodeOptions = z
  .strictObject({
    znode: z.enum(['latch', 'leader', 'checkpoint', 'job']).meta({
      description:
        "What of the high-availability store is damaged: `latch`, the leader's place in the line of contenders; `leader`, the addresses of those that lead; `checkpoint`, the pointers to completed checkpoints; `job`, those to the jobs themselves. The scenario has to `allow` `storage` for the last two.",
      examples: ['checkpoint'],
    }),
    by: z
      .enum(['delete', 'corrupt'])
      .prefault('delete')
      .meta({
        description:
          'Whether they are gone, or hold what nobody can read. Those that Flink writes meanwhile are left alone.',
        examples: ['corrupt'],
      }),
    duration: howLong('How long nobody but Flink puts them right.', '20s'),
  })
  .superRefine(({ znode, by }, context) => {
    if (znode !== 'latch' || by !== 'corrupt') return;
    context.addIssue({ code: 'custom', path: ['by'], message: 'a latch holds nothing; write delete' });
  })
  .meta({
    description:
      'Nodes of the high-availability store are gone or unreadable. Healed by putting pointers back where Flink has recorded no newer one, and by starting JobManagers that have ended or do not contend any more.',
  });
export type DamageZnodeOptions = z.output<typeof damageZnodeOptions>;
