import { objectivesOf, workloadWith } from './scenario-texts.js';

/** Wrong only between values or beyond what a JSON schema can say. */
export const WRONG_TOGETHER: readonly [parts: Record<string, string | undefined>, words: string][] = [
  [
    {
      faults:
        '[{ together: [{ kill: { node: jobmanager.leader } }, { kill: { node: jobmanager.leader }, when: leader changed }] }]',
    },
    'faults[0].together[1].kill.node: with 2 JobManagers nobody can take over before it is healed; set cluster.jobManagers to 3',
  ],
  [
    { faults: '[{ loss: { between: broker.all, and: others, share: 100%, duration: 5s } }]' },
    'faults[0].loss.share: "100%" is out of range; write a share from 1% to 99%',
  ],
  [
    { faults: '[{ together: [{ kill: { node: taskmanager } }, { restart: { node: broker } }], at: 5s }]' },
    'faults[0].at: belongs to one fault; write it with the first of those under together',
  ],
  [
    {
      cluster: '{ jobManagers: 1 }',
      faults:
        '[{ together: [{ pause: { node: taskmanager, duration: 2s } }, { kill: { node: jobmanager.standby } }] }]',
    },
    'faults[0].together[1].kill.node: there is no standby with 1 JobManager',
  ],
  [
    {
      workload: '{ job: pass-through, guarantee: at-least-once, rate: 1000/s }',
      faults: '[{ kill: { node: taskmanager }, when: between pre-commit and commit }]',
    },
    'faults[0].when: needs a sink that commits with the checkpoint',
  ],
  [
    workloadWith('parallelism: 5'),
    'workload.parallelism: 5 does not fit into 2 TaskManagers with 2 slots each; write at most 4',
  ],
  [workloadWith('lanes: 3'), 'workload.lanes: 3 lanes leave some of the 4 partitions empty'],
  [workloadWith('transactionTimeout: 2s'), 'workload.transactionTimeout: 2s ends each transaction before'],
  [
    workloadWith('checkpoints: every 2h'),
    'workload.checkpoints: "every 2h" is out of range; write a duration from 100ms to 1h',
  ],
  [{ steadyState: '{ hold: 9s, within: 9s }' }, 'steadyState.within: 9s is too short'],
  [{ stop: '[{ lagAbove: 5, every: 5s }]' }, 'stop[0].every: is only for a command; leave it out'],
  [{ cluster: '{ jobManagers: 1 }' }, 'faults[0].kill.node: with 1 JobManager nobody can take over'],
  [
    { cluster: '{ jobManagers: 1 }', faults: '[{ kill: { node: jobmanager.any } }]' },
    'faults[0].kill.node: with 1 JobManager nobody can take over',
  ],
  [
    { cluster: '{ jobManagers: 1 }', faults: '[{ kill: { node: jobmanager.standby } }]' },
    'faults[0].kill.node: there is no standby with 1 JobManager',
  ],
  [
    { faults: '[{ kill: { node: broker } }]' },
    'faults[0].kill.duration: is missing; say how long broker stays away, e.g. duration: 10s',
  ],
  [
    { faults: '[{ stop: { node: jobmanager.all } }]' },
    'faults[0].stop.duration: is missing; say how long jobmanager.all',
  ],
  [
    { faults: '[{ fill: { disk: storage, duration: 9s } }]' },
    'faults[0].fill.disk: jobs are restored from there; write allow: [storage]',
  ],
  [
    { faults: '[{ damageZnode: { znode: job, duration: 5s } }]' },
    'faults[0].damageZnode.znode: jobs are restored from there; write allow: [storage]',
  ],
  [
    { faults: '[{ damageConfigMap: { configMap: job, duration: 5s } }]' },
    'faults[0].damageConfigMap.configMap: jobs are restored from there; write allow: [storage]',
  ],
  [
    {
      faults:
        '[{ together: [{ damageConfigMap: { configMap: job, duration: 5s } }, { damageConfigMap: { configMap: cluster, duration: 5s } }] }]\nallow: [storage]',
    },
    'faults[0].together[1].damageConfigMap: damage one ConfigMap after the other',
  ],
  [
    { faults: '[{ nameFailure: { duration: 40s } }]' },
    'faults[0].nameFailure: needs nodes that find each other by name; write names: true in cluster',
  ],
  [
    { faults: '[{ damageZnode: { znode: latch, by: corrupt, duration: 5s } }]' },
    'faults[0].damageZnode.by: a latch holds nothing; write delete',
  ],
  [
    { faults: '[{ stopJob: { parallelism: 5 } }]' },
    'faults[0].stopJob.parallelism: 5 does not fit into 2 TaskManagers with 2 slots each; write at most 4',
  ],
  [
    { faults: '[{ restart: { node: taskmanager.each }, repeat: 2 every 5s }]' },
    'faults[0].restart.node: .each means one after the other; write it as an entry of its own, without repeat',
  ],
  [
    { faults: '[{ together: [{ kill: { node: broker, duration: 5s } }, { restart: { node: broker.each } }] }]' },
    'faults[0].together[1].restart.node: .each means one after the other',
  ],
  [
    { cluster: '{ taskManagers: 1 }', faults: '[{ cutCommit: { duration: 20s } }]' },
    'faults[0].cutCommit: needs a second TaskManager',
  ],
  [
    {
      workload: '{ job: pass-through, guarantee: at-least-once, rate: 1/s }',
      faults: '[{ cutCommit: { duration: 20s } }]',
    },
    'faults[0].cutCommit: needs a sink that commits with the checkpoint',
  ],
  [
    objectivesOf('recovery: { between: [9s, 3s] }'),
    'objectives.recovery.between: nothing lies between 9s and 3s; write [3s, 9s]',
  ],
  [objectivesOf('lost: { between: [9, 3] }'), 'objectives.lost.between: nothing lies between 9 and 3'],
  [objectivesOf('wrongState: 0'), '5:15 objectives.wrongState: needs a job with state; set workload.job to count'],
  [{ workload: '{ job: count, guarantee: none, rate: 1/s }' }, 'objectives.lost: needs each record in the output'],
  [objectivesOf('impact: none, recovery: 9s'), 'objectives.recovery: contradicts impact: none'],
  [{ cluster: '{ flinkConfig: { rest.port: 1 } }' }, 'cluster.flinkConfig.rest.port: is set by Flinch'],
  [{ cluster: '{ flinkConfig: { parallelism.default: 1 } }' }, 'use workload.parallelism'],
  [{ cluster: '{ kafkaConfig: { log.dirs: /x } }' }, 'cluster.kafkaConfig.log.dirs: is set by Flinch'],
  [{ cluster: '{ zookeeperConfig: { dataDir: /x } }' }, 'cluster.zookeeperConfig.dataDir: is set by Flinch'],
  [
    { faults: '[{ latency: { between: broker.all, and: others, by: 100ms, jitter: 60ms, duration: 5s } }]' },
    'faults[0].latency.jitter: varies by more than half of the 100ms; write 50ms at most',
  ],
  [
    { faults: '[{ kill: { node: taskmanager, duration: 30s } }]', guards: '{ longest: 10s }' },
    'faults[0].kill.duration: 30s is longer than guards.longest allows; write 10s at most, or raise that',
  ],
  [
    { faults: '[{ rescale: { to: 4 } }]' },
    'faults[0].rescale: needs the adaptive scheduler; write jobmanager.scheduler: adaptive in cluster.flinkConfig',
  ],
  [
    { cluster: '{ flinkConfig: { jobmanager.scheduler: adaptive } }', faults: '[{ rescale: { to: 9 } }]' },
    'faults[0].rescale.to: 9 does not fit into 2 TaskManagers with 2 slots each; write at most 4',
  ],
];
