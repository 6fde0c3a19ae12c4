import { randomBytes } from 'node:crypto';
import type { ClusterSpec } from '../../core/scenario.js';
import type { ClusterNode, Role } from '../ports.js';
import { flinkConfig, toYaml } from './config/flink.js';
import { kafkaConfig, kafkaNodeId, metaProperties } from './config/kafka.js';
import { LOG4J1, LOG4J2, toProperties } from './config/logging.js';
import { taskManagerMemory } from './config/memory.js';
import { zookeeperConfig } from './config/zookeeper.js';
import type { Prepared } from './prepared.js';
import type { WorldPaths } from './world-paths.js';

/** A file to be written before a node starts. `keep`: only where there is none yet, as it is the node's identity. */
export interface NodeFile {
  path: string;
  content: string;
  keep?: true;
}

/** How to start a node: `java` with these arguments, after these files have been written. */
export interface Launch {
  jvm: string[];
  jars: string[];
  main: string[];
  env: Record<string, string>;
  files: NodeFile[];
}

/** Serial collector, first compiler tier and small stacks: a third of the memory and of the start of the defaults. */
const SMALL_JVM = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xss512k',
  '-XX:ReservedCodeCacheSize=64m',
  '-XX:-UsePerfData',
];

/** What Flink's own scripts open up for it on Java 17 and later. */
export const FLINK_MODULES = [
  ...['java.rmi/sun.rmi.registry', 'java.security.jgss/sun.security.krb5'].map(
    (it) => `--add-exports=${it}=ALL-UNNAMED`,
  ),
  ...[
    'java.lang',
    'java.net',
    'java.io',
    'java.nio',
    'sun.nio.ch',
    'java.lang.reflect',
    'java.text',
    'java.time',
    'java.util',
    'java.util.concurrent',
    'java.util.concurrent.atomic',
    'java.util.concurrent.locks',
  ].map((it) => `--add-opens=java.base/${it}=ALL-UNNAMED`),
];

const FLINK_MAIN: Readonly<Partial<Record<Role, string>>> = {
  jobmanager: 'org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint',
  taskmanager: 'org.apache.flink.runtime.taskexecutor.TaskManagerRunner',
  gateway: 'org.apache.flink.table.gateway.SqlGateway',
};

/** 16 random bytes as Kafka writes ids. It refuses ones that begin with a dash. */
export function kafkaId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? kafkaId() : id;
}

export interface LaunchContext {
  spec: ClusterSpec;
  prepared: Prepared;
  nodes: readonly ClusterNode[];
  paths: WorldPaths;
  /** Kafka's cluster id, one for all brokers. */
  clusterId: string;
}

/** Everything needed to start one node. Writes nothing. */
export function launchOf(node: ClusterNode, context: LaunchContext): Launch {
  if (node.role === 'zookeeper') return zookeeper(node, context);
  if (node.role === 'broker') return broker(node, context);
  return flink(node, context);
}

const heap = (mib: number): string[] => [...SMALL_JVM, `-Xms${Math.min(48, mib)}m`, `-Xmx${mib}m`];

function zookeeper(node: ClusterNode, { spec, prepared, nodes, paths }: LaunchContext): Launch {
  const [conf, data] = [paths.conf(node.name), paths.data(node.name)];
  const { config, myid } = zookeeperConfig(spec, node, nodes, data);
  return {
    jvm: [
      ...heap(48),
      '-XX:+ExitOnOutOfMemoryError',
      '-Dzookeeper.jmx.log4j.disable=true',
      `-Dlog4j.configuration=file:${conf}/log4j.properties`,
    ],
    jars: prepared.jars.zookeeper,
    main: ['org.apache.zookeeper.server.quorum.QuorumPeerMain', `${conf}/zoo.cfg`],
    env: {},
    files: [
      { path: `${conf}/zoo.cfg`, content: toProperties(config) },
      { path: `${conf}/log4j.properties`, content: LOG4J1 },
      { path: `${data}/myid`, content: myid },
    ],
  };
}

function broker(node: ClusterNode, { spec, prepared, nodes, paths, clusterId }: LaunchContext): Launch {
  const [conf, data] = [paths.conf(node.name), paths.data(node.name)];
  const identity = metaProperties(clusterId, kafkaNodeId(node, nodes), kafkaId());
  return {
    jvm: [...heap(256), `-Dlog4j.configuration=file:${conf}/log4j.properties`, `-Dkafka.logs.dir=${data}`],
    jars: prepared.jars.kafka,
    main: ['kafka.Kafka', `${conf}/server.properties`],
    env: {},
    files: [
      { path: `${conf}/server.properties`, content: toProperties(kafkaConfig(spec, node, nodes, data)) },
      { path: `${conf}/log4j.properties`, content: LOG4J1 },
      { path: `${data}/log/meta.properties`, content: identity, keep: true },
    ],
  };
}

function flink(node: ClusterNode, { spec, prepared, nodes, paths }: LaunchContext): Launch {
  const [conf, data] = [paths.conf(node.name), paths.data(node.name)];
  const memory = taskManagerMemory(spec.slots, spec.flinkConfig);
  const sizes =
    node.role === 'taskmanager'
      ? [...heap(memory.heap), `-XX:MaxDirectMemorySize=${memory.direct}m`, `-XX:MaxMetaspaceSize=${memory.metaspace}m`]
      : heap(192);
  // The gateway takes no arguments and reads FLINK_CONF_DIR; the execution mode went away with Flink 2.
  const mode =
    node.role === 'jobmanager' && prepared.flinkVersion.startsWith('1.') ? ['--executionMode', 'cluster'] : [];
  return {
    jvm: [
      ...sizes,
      '-XX:+ExitOnOutOfMemoryError',
      ...FLINK_MODULES,
      `-Dlog4j.configurationFile=${conf}/log4j2.properties`,
      `-Djava.io.tmpdir=${data}`,
    ],
    jars: prepared.jars.flink,
    main: [FLINK_MAIN[node.role] ?? '', ...(node.role === 'gateway' ? [] : ['--configDir', conf, ...mode])],
    env: { FLINK_CONF_DIR: conf, FLINK_PLUGINS_DIR: paths.plugins, MALLOC_ARENA_MAX: '2' },
    files: [
      { path: `${conf}/config.yaml`, content: toYaml(flinkConfig(spec, node, nodes, { data, shared: paths.shared })) },
      { path: `${conf}/log4j2.properties`, content: LOG4J2 },
    ],
  };
}
