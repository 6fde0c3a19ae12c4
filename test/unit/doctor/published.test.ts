import assert from 'node:assert/strict';
import { examineAll } from '../../../src/doctor/examine.js';
import { subjectsOf } from '../../../src/doctor/read/subjects.js';
import { flinkVersion } from '../../../src/doctor/settings.js';

/** Configurations of the kinds that people publish and copy, with names and numbers of our own. */
const OPERATOR = `apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: parcels
spec:
  image: registry.example/parcels:7
  flinkVersion: v1_18
  flinkConfiguration:
    taskmanager.numberOfTaskSlots: "4"
    state.savepoints.dir: file:///volume/savepoints
    high-availability: org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory
    high-availability.storageDir: file:///volume/ha
  jobManager:
    replicas: 1
    resource: { memory: 1024m, cpu: 1 }
  taskManager:
    resource: { memory: 1024m, cpu: 1 }
  job:
    jarURI: local:///opt/flink/usrlib/parcels.jar
    parallelism: 4
    upgradeMode: stateless
`;

const COMPOSE = `jobmanager:
  rpc:
    address: boss
  memory:
    process:
      size: 2 gb
taskmanager:
  numberOfTaskSlots: 8
state:
  backend:
    type: rocksdb
  checkpoints:
    dir: file:///opt/flink/kept
    interval: 30 s
execution:
  checkpointing:
    interval: 30 s
    mode: EXACTLY_ONCE
restart-strategy:
  type: fixed-delay
  fixed-delay:
    attempts: 3
    delay: 5 s
`;

const BARE_METAL = `# three machines, one ZooKeeper
high-availability: zookeeper
high-availability.zookeeper.quorum: zk-a:2181
high-availability.zookeeper.client.session-timeout: 120 s
high-availability.zookeeper.path.root: /flink
high-availability.storageDir: hdfs:///flink/ha
state.backend: rocksdb
state.checkpoints.dir: hdfs:///flink/checkpoints
execution.checkpointing.interval: 60000
execution.checkpointing.tolerable-failed-checkpoints: 0
heartbeat.timeout: 180000
restart.strategy: exponential-delay
`;

function found(file: string, text: string, flink: string): string[] {
  const findings = examineAll(subjectsOf(file, text, flinkVersion(flink)));
  return findings.map(({ rule, severity, line }) => `${severity} ${rule}${line === undefined ? '' : `:${line}`}`);
}

describe('doctor on configurations as they are published', () => {
  it('a FlinkDeployment with high availability on a volume of its node', () => {
    assert.deepEqual(found('parcels.yaml', OPERATOR, '1.18'), [
      'warning upgrade-mode',
      'warning known-defect',
      'warning known-defect',
      'warning known-defect',
      'warning local-storage:10',
      'warning no-standby:11',
      'warning no-checkpoints:11',
      'warning local-storage:12',
      'note session-and-heartbeat',
    ]);
  });

  it('a session cluster of containers', () => {
    assert.deepEqual(found('config.yaml', COMPOSE, '1.20.3'), [
      'warning no-high-availability',
      'warning local-storage:13',
      'warning unknown-setting:14',
      'warning no-failed-checkpoint-tolerated:17',
      'warning restart-attempts:22',
      'note checkpoint-timeout:17',
      'note one-checkpoint-retained:17',
      'note not-kept-on-cancel:17',
    ]);
  });

  it('in the words of their Flink, old keys for an old one', () => {
    const said = (file: string, text: string, flink: string, rule: string) =>
      examineAll(subjectsOf(file, text, flinkVersion(flink))).find((it) => it.rule === rule);
    const retained = said('flink-conf.yaml', BARE_METAL, '1.17.1', 'one-checkpoint-retained');
    assert.match(retained?.what ?? '', /^state\.checkpoints\.num-retained is 1 by default$/);
    assert.match(retained?.fix ?? '', /^set state\.checkpoints\.num-retained to 3;/);
    assert.match(
      said('flink-conf.yaml', BARE_METAL, '1.20', 'one-checkpoint-retained')?.what ?? '',
      /^execution\.checkpointing\.num-retained is/,
    );
    assert.match(said('parcels.yaml', OPERATOR, '1.18', 'local-storage')?.what ?? '', /^state\.savepoints\.dir is/);
    // Written in the old way, understood by the new Flink, and told as it is written.
    const kept = 'state.savepoints.dir: file:///kept\n';
    assert.match(said('config.yaml', kept, '2.2', 'local-storage')?.what ?? '', /^state\.savepoints\.dir is/);
  });

  it('machines with a ZooKeeper', () => {
    assert.deepEqual(found('flink-conf.yaml', BARE_METAL, '1.17.1'), [
      'warning known-defect',
      'warning one-zookeeper:3',
      'warning no-failed-checkpoint-tolerated:10',
      'warning unknown-setting:12',
      'note shared-zookeeper-path:2',
      'note suspended-connections:2',
      'note session-clamped:4',
      'note one-checkpoint-retained:9',
      'note not-kept-on-cancel:9',
      'note session-and-heartbeat:11',
    ]);
  });
});
