import { z } from 'zod';
import { DURATION } from '../../core/units.js';
import { quantity } from '../../scenario/values.js';
import { howLong } from './how-long.js';
import { expectedEnd } from './job.js';
import { nodeSelector } from './nodes.js';

const grace = quantity(DURATION, { from: '0s', to: '1h' }, '30s')
  .optional()
  .meta({
    description:
      'How long its process may take to end in its own way (SIGTERM) before it is killed; none with 0s. That of the pod unless told.',
    examples: ['0s', '30s'],
  });

export const deletePodOptions = z
  .strictObject({
    node: nodeSelector('delete the pod of'),
    grace,
    via: z
      .enum(['chaos-mesh'])
      .optional()
      .meta({
        description: 'Who does it: `chaos-mesh`, where that is installed, by a PodChaos. Flinch itself unless told.',
        examples: ['chaos-mesh'],
      }),
  })
  .meta({ description: 'The pod of each node is deleted. Healed when the pod that replaces it takes its part.' });
export type DeletePodOptions = z.output<typeof deletePodOptions>;

export const evictPodOptions = z.strictObject({ node: nodeSelector('evict the pod of') }).meta({
  description:
    'The pod of each node is evicted, which a PodDisruptionBudget may refuse. Healed when the pod that replaces it takes its part.',
});
export type EvictPodOptions = z.output<typeof evictPodOptions>;

export const drainNodeOptions = z
  .strictObject({
    node: nodeSelector('drain the machine of'),
    duration: howLong('How long it takes no pods.', '20s'),
  })
  .meta({
    description:
      'The machine of each node is cordoned, and every pod of the cluster on it is evicted; pods of others are left alone. Healed by lifting the cordon, and when the nodes take their part.',
  });
export type DrainNodeOptions = z.output<typeof drainNodeOptions>;

export const scaleOptions = z
  .strictObject({
    role: z
      .enum(['jobmanager', 'taskmanager'])
      .meta({ description: 'Who gets fewer pods.', examples: ['taskmanager'] }),
    to: z
      .int({ error: 'is not a whole number; write e.g. 1' })
      .min(0)
      .max(1000)
      .meta({ description: 'How many pods it has then: fewer than before.', examples: [1] }),
    duration: howLong('How long.', '30s'),
  })
  .meta({
    description:
      'The Deployment or StatefulSet of a role is told to have fewer pods, and chooses which of them go. Healed by asking for as many as before, and when all take their part.',
  });
export type ScaleOptions = z.output<typeof scaleOptions>;

export const breakImageOptions = z
  .strictObject({
    role: z
      .enum(['jobmanager', 'taskmanager'])
      .meta({ description: 'Whose pods are to run an image that there is not.', examples: ['taskmanager'] }),
    duration: howLong('How long.', '30s'),
  })
  .meta({
    description:
      'The Deployment or StatefulSet of a role is told to run an image that there is not, as after a release with a wrong tag. How many of its pods go depends on how it replaces them: none with the defaults of a Deployment of up to three, all with `Recreate`, the last one of a StatefulSet. Healed by the image of before, when the rollout is complete, what was made for the wrong one is gone, and all take their part.',
  });
export type BreakImageOptions = z.output<typeof breakImageOptions>;

export const revokeAccessOptions = z
  .strictObject({
    duration: howLong('How long. A leader that cannot renew its lease for as long as that is good loses it.', '45s'),
  })
  .meta({
    description:
      'The service account of the JobManagers loses what RoleBindings of the namespace allow it (RBAC): the API server answers, and refuses them with 403. Refused where others have the account as well, and where something else than a RoleBinding allows it. Healed by putting the account back.',
  });
export type RevokeAccessOptions = z.output<typeof revokeAccessOptions>;

export const upgradeDeploymentOptions = z
  .strictObject({
    mode: z
      .enum(['savepoint', 'last-state', 'stateless'])
      .prefault('savepoint')
      .meta({
        description:
          'How the job is carried over: by a `savepoint`, from its latest checkpoint (`last-state`), or not at all (`stateless`).',
        examples: ['last-state'],
      }),
    expect: expectedEnd,
  })
  .meta({
    description:
      'The operator of Flink is asked for a restart of the FlinkDeployment, as after a change of what it runs: everything is made anew. Healed by seeing all nodes take their part.',
  });
export type UpgradeDeploymentOptions = z.output<typeof upgradeDeploymentOptions>;

export const suspendDeploymentOptions = z
  .strictObject({ duration: howLong('How long the job stays suspended: 5s at least.', '20s') })
  .meta({
    description:
      'The operator of Flink is asked to suspend the job of the FlinkDeployment, in its own upgrade mode, and may take the cluster away. Healed by asking for the job to run, and by seeing all nodes take their part.',
  });
export type SuspendDeploymentOptions = z.output<typeof suspendDeploymentOptions>;

export const deleteOperatorOptions = z
  .strictObject({
    grace: quantity(DURATION, { from: '1s', to: '1h' }, '1s').meta({
      description:
        'How long it may take to end in its own way (SIGTERM) before it is killed. With none the API server forgets a pod whose process runs on, and nobody knows when that ends.',
      examples: ['1s'],
    }),
  })
  .meta({
    description:
      'The pods of the operator of Flink itself are deleted, in the namespace that `--operator-namespace` names; other clusters may be its, too. Healed when as many are ready again.',
  });
export type DeleteOperatorOptions = z.output<typeof deleteOperatorOptions>;

export const cutApiServerOptions = z
  .strictObject({
    node: z
      .enum(['jobmanager.leader', 'jobmanager.all'])
      .prefault('jobmanager.all')
      .meta({
        description: 'The JobManagers that lose it: the leading one, or all of them.',
        examples: ['jobmanager.all'],
      }),
    how: z
      .enum(['hangs', 'refuses'])
      .prefault('hangs')
      .meta({
        description:
          'What they meet: nothing at all (`hangs`: packets are dropped), or a refusal at once (`refuses`: connections are reset).',
        examples: ['refuses'],
      }),
    duration: howLong('How long. A leader that cannot renew its lease for as long as that is good may lose it.', '45s'),
  })
  .meta({
    description:
      'JobManagers are cut off from the API server of Kubernetes, in which their leader is elected; nobody else is. Healed by ending the cut.',
  });
export type CutApiServerOptions = z.output<typeof cutApiServerOptions>;
