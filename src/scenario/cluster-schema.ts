import { z } from 'zod';
import { FLINK_LINES } from '../core/scenario.js';
import { SIZE } from '../core/units.js';
import { show } from './show.js';
import { quantity, settings, wholeNumber } from './values.js';

/** Flink settings that another key of the scenario decides. */
const DECIDED_BY: Readonly<Record<string, string>> = {
  'execution.checkpointing.interval': 'use workload.checkpoints',
  'execution.checkpointing.mode': 'use workload.guarantee',
  'parallelism.default': 'use workload.parallelism',
  'state.backend': 'use workload.stateBackend',
  'state.backend.type': 'use workload.stateBackend',
  'taskmanager.numberOfTaskSlots': 'use cluster.slots',
  'high-availability': 'use cluster.highAvailability',
  'high-availability.type': 'use cluster.highAvailability',
};
/** Flink settings that name addresses, ports and folders of the nodes. */
const OURS =
  /^(high-availability\.(storageDir|cluster-id|zookeeper\.quorum|zookeeper\.path\..*|jobmanager\.port)|(jobmanager|taskmanager|rest|sql-gateway\.endpoint\.rest)\.(host|port|address|bind-.*|rpc\.(address|port)|data\.port)|taskmanager\.resource-id|blob\.(server\.port|storage\.directory)|io\.tmp\.dirs|execution\.checkpointing\.dir)$/;
/** Kafka settings of the same kind. */
const OURS_IN_KAFKA =
  /^((advertised\.|controller\.|inter\.broker\.)?listeners?(\..*)?|(inter\.broker|controller)\.listener\.names?|listener\.security\.protocol\.map|process\.roles|(node|broker)\.id|controller\.quorum\..*|(metadata\.)?log\.dirs?)$/;
const OURS_IN_ZOOKEEPER = /^(dataDir|dataLogDir|clientPort.*|secureClientPort.*|server\..*|admin\..*)$/;

const flinkSettings = settings(
  (key) => DECIDED_BY[key] ?? (OURS.test(key) ? 'leave it out, it follows from the nodes' : undefined),
);
const zookeeperSettings = settings((key) =>
  OURS_IN_ZOOKEEPER.test(key) ? 'leave it out, it follows from the nodes' : undefined,
);
const kafkaSettings = settings((key) =>
  OURS_IN_KAFKA.test(key) ? 'leave it out, it follows from the nodes' : undefined,
);

const oneOrThree = (description: string) =>
  z
    .literal([1, 3], { error: ({ input }) => `${show(input)} is not possible; write 1 or 3` })
    .default(1)
    .meta({ description, examples: [1, 3] });

function flinkLine({ input }: { input?: unknown }): string | undefined {
  if (typeof input !== 'number') return undefined;
  const line = input === 1.2 ? '1.20' : String(input);
  const read = input === 1.2 ? 'YAML reads 1.20 as the number 1.2' : `${input} is a number to YAML`;
  return `${read}; write "${line}" in quotes (one of ${FLINK_LINES.join(', ')})`;
}

/** What a local cluster is made of. */
export const clusterSchema = z
  .strictObject({
    flink: z
      .enum(FLINK_LINES, { error: flinkLine })
      .default('1.20')
      .meta({ description: 'Release line of Flink, in quotes.', examples: ['1.20'] }),
    highAvailability: z
      .enum(['zookeeper'])
      .default('zookeeper')
      .meta({ description: 'Where Flink keeps its leader and its pointers to jobs and checkpoints.' }),
    jobManagers: wholeNumber(1, 3)
      .default(2)
      .meta({ description: 'JobManagers: one leads, the others stand by.', examples: [2] }),
    taskManagers: wholeNumber(1, 8)
      .default(2)
      .meta({ description: 'TaskManagers.', examples: [2] }),
    slots: wholeNumber(1, 8)
      .default(2)
      .meta({ description: 'Task slots of each TaskManager.', examples: [2] }),
    zookeepers: oneOrThree('ZooKeeper servers.'),
    brokers: oneOrThree('Kafka brokers. With 3, topics have 3 replicas.'),
    disk: quantity(SIZE, { from: '128MiB', to: '64GiB' }, '192MiB')
      .prefault('192MiB')
      .meta({
        description: "Size of each TaskManager's and each broker's own disk, where the target can size disks.",
        examples: ['192MiB'],
      }),
    names: z
      .literal(true)
      .optional()
      .meta({
        description:
          'JobManagers, TaskManagers and ZooKeeper servers find each other by name, as on most clusters, and not by address.',
        examples: [true],
      }),
    flinkConfig: flinkSettings.default({}).meta({
      description: "Flink's configuration on top of its defaults; flat keys.",
      examples: [{ 'high-availability.zookeeper.client.session-timeout': '6s' }],
    }),
    zookeeperConfig: zookeeperSettings
      .default({})
      .meta({ description: "zoo.cfg on top of ZooKeeper's defaults.", examples: [{ tickTime: 500 }] }),
    kafkaConfig: kafkaSettings.default({}).meta({
      description: "server.properties of each broker on top of the local cluster's.",
      examples: [{ 'min.insync.replicas': 3 }],
    }),
  })
  .prefault({})
  .meta({ description: 'What the cluster is made of.' });
