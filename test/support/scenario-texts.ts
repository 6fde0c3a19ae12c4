/** A scenario without a mistake; `parts` replaces whole sections, undefined leaves one out. */
export function scenarioText(parts: Record<string, string | undefined> = {}): string {
  const sections: Record<string, string | undefined> = {
    scenario: 'kill-leader',
    cluster: '{ flink: "1.20" }',
    workload: '{ job: pass-through, guarantee: exactly-once, rate: 1000/s }',
    faults: '[{ kill: { node: jobmanager.leader } }]',
    objectives: '{ recovery: { within: 30s }, lost: 0 }',
    ...parts,
  };
  return Object.entries(sections)
    .filter(([, text]) => text !== undefined)
    .map(([key, text]) => `${key}: ${text}\n`)
    .join('');
}

export const workloadWith = (extra: string) => ({
  workload: `{ job: pass-through, guarantee: exactly-once, rate: 1000/s, ${extra} }`,
});
export const objectivesOf = (text: string) => ({ objectives: `{ ${text} }` });

/** Wrong in itself, so that the JSON schema refuses it too: the sections, and words of the complaint. */
export const WRONG_IN_ITSELF: readonly [parts: Record<string, string | undefined>, words: string][] = [
  [{ titel: 'x' }, '6:1 titel: unknown key "titel"'],
  [{ scenario: 'Kill Leader' }, '1:11 scenario: "Kill Leader" is not a name'],
  [{ scenario: undefined }, 'scenario: is missing'],
  [{ title: '""' }, '6:8 title: is empty'],
  [{ cluster: '{ flink: 1.20 }' }, '2:19 cluster.flink: YAML reads 1.20 as the number 1.2; write "1.20" in quotes'],
  [{ cluster: '{ flink: "1.19" }' }, 'cluster.flink: unknown value "1.19"; write one of 1.20, 2.2, 2.3'],
  [{ cluster: '{ jobManagers: 4 }' }, 'cluster.jobManagers: 4 is out of range; write a whole number from 1 to 3'],
  [{ cluster: '{ brokers: 2 }' }, 'cluster.brokers: 2 is not possible; write 1 or 3'],
  [{ cluster: '{ disk: 100 }' }, 'cluster.disk: 100 has no unit; write 100MiB'],
  [{ cluster: '{ jobmanagers: 2 }' }, '2:12 cluster.jobmanagers: unknown key "jobmanagers"; did you mean jobManagers?'],
  [{ cluster: '{ flinkConfig: { a: { b: c } } }' }, 'cluster.flinkConfig.a: a map is not a plain value'],
  [{ cluster: '{ flinkConfig: { a: } }' }, 'cluster.flinkConfig.a: has no value'],
  [{ cluster: '{ flinkConfig: { "a b": c } }' }, 'cluster.flinkConfig["a b"]: "a b" is not a setting'],
  [{ workload: undefined }, 'workload: is missing'],
  [workloadWith('checkpoints: 2s'), 'workload.checkpoints: "2s" lacks the word every; write "every 2s"'],
  [workloadWith('transactionTimeout: 5m'), 'workload.transactionTimeout: "5m" has the unknown unit m; write 5min'],
  [
    { workload: '{ job: pass-through, guarantee: exactly-once, rate: 1000 }' },
    'workload.rate: 1000 has no unit; write 1000/s',
  ],
  [{ workload: '{ job: copy, guarantee: none, rate: 1/s }' }, 'unknown value "copy"; write one of pass-through, count'],
  [{ steadyState: '{ hold: 10 }' }, 'steadyState.hold: 10 has no unit; write 10s'],
  [{ seed: '-1' }, '6:7 seed: -1 is out of range; write a whole number from 0 to 2147483647'],
  [{ seed: 'x' }, 'seed: "x" is not a whole number'],
  [{ stop: '[]' }, '6:7 stop: has no condition'],
  [{ stop: '{ noOutputFor: 5s }' }, 'stop: a map is not a list; begin each condition with a dash'],
  [{ stop: '[5]' }, 'stop[0]: 5 is not a condition; write e.g. noOutputFor: 60s'],
  [{ stop: '[{ verdict: failed }]' }, 'stop[0]: is not one condition'],
  [{ stop: '[{ lagAbove: 5, noOutputFor: 5s }]' }, 'stop[0]: is not one condition; write each as an entry of its own'],
  [{ stop: '[{ lagAbove: 0 }]' }, 'stop[0].lagAbove: 0 is out of range'],
  [{ stop: '[{ noOutputFor: 5 }]' }, 'stop[0].noOutputFor: 5 has no unit; write 5s'],
  [{ stop: '[{ command: ls }]' }, 'stop[0].command: "ls" is not a list of words; write e.g. [./alerts.sh, --firing]'],
  [{ stop: '[{ command: [] }]' }, 'stop[0].command: has no word'],
  [{ stop: '[{ command: [sleep, 5] }]' }, 'stop[0].command[1]: 5 is not text'],
  [{ stop: '[{ noOutputFor: 5s, verdict: passed }]' }, 'stop[0].verdict: unknown value "passed"'],
  [{ faults: undefined }, 'faults: is missing'],
  [{ faults: '[]' }, '4:9 faults: has no fault'],
  [{ faults: '{ kill: { node: taskmanager } }' }, 'faults: a map is not a list'],
  [{ faults: '[{}]' }, 'faults[0]: is not one fault'],
  [{ faults: '[{ repeat: 2 every 5s }]' }, 'faults[0]: is not one fault'],
  [
    { faults: '[{ kill: { node: taskmanager }, repeat: 5 }]' },
    'faults[0].repeat: 5 is not a repetition; write how often',
  ],
  [
    { faults: '[{ kill: { node: taskmanager }, repeat: 5 every 20 }]' },
    'faults[0].repeat: "5 every 20" is not a repetition; write how often',
  ],
  [
    { faults: '[{ kill: { node: taskmanager }, when: checkpoint complete }]' },
    'faults[0].when: "checkpoint complete" is not something to wait for; did you mean checkpoint completed? It is one of',
  ],
  [
    { faults: '[{ kill: { node: taskmanager }, when: 5 }]' },
    'faults[0].when: 5 is not something to wait for; write one of',
  ],
  [{ faults: '[{ kill: { node: taskmanager }, when: lag > 5k }]' }, 'faults[0].when: "lag > 5k" is not something'],
  [{ faults: '[{ kill: { node: taskmanager }, at: 5 }]' }, 'faults[0].at: 5 has no unit; write 5s'],
  [
    { faults: '[{ loss: { between: broker.all, and: others, share: 30, duration: 5s } }]' },
    'faults[0].loss.share: 30 has no unit; write 30%',
  ],
  [
    { faults: '[{ throttle: { between: broker.all, and: others, to: 5kB, duration: 5s } }]' },
    'faults[0].throttle.to: "5kB" is not a bandwidth; write a size per second',
  ],
  [{ guards: '{ standby: 1 }' }, 'guards.standby: is neither true nor false'],
  [
    { faults: '[{ together: [{ 1_000: { node: taskmanager } }, { kill: { node: taskmanager } }] }]' },
    'faults[0].together[0].1_000: unknown key "1_000"',
  ],
  [{ faults: '[{ together: [] }]' }, 'faults[0].together: has fewer than two faults'],
  [{ faults: '[{ together: { kill: {} } }]' }, 'faults[0].together: a map is not a list; begin each fault with a dash'],
  [
    { faults: '[{ together: [{ kill: { node: taskmanager } }, { kill: { node: moon } }] }]' },
    'faults[0].together[1].kill.node: unknown value "moon"',
  ],
  [
    {
      faults: '[{ together: [{ kill: { node: taskmanager } }, { kill: { node: taskmanager }, repeat: 2 every 5s }] }]',
    },
    'faults[0].together[1].repeat: unknown key "repeat"',
  ],
  [
    {
      faults:
        '[{ kill: { node: taskmanager }, together: [{ stop: { node: taskmanager } }, { restart: { node: broker } }] }]',
    },
    'faults[0]: is not one fault',
  ],
  [
    { faults: '[{ kil: {} }]' },
    '4:12 faults[0].kil: unknown key "kil"; did you mean kill? It is one of kill, stop, restart, deletePod, evictPod, drainNode, scale, breakImage, upgradeDeployment, suspendDeployment, deleteOperator, pause, cpuLimit, memoryLimit, clockSkew, partition, loss, throttle, latency, reset, cutApiServer, revokeAccess, nameFailure, cutCommit, fill, damage, readOnly',
  ],
  [
    { faults: '[{ kill: { node: leader } }]' },
    '4:26 faults[0].kill.node: unknown value "leader"; write one of jobmanager.leader',
  ],
  [
    { faults: '[{ pause: { node: taskmanager } }]' },
    'faults[0].pause.duration: is missing; write a duration, e.g. 16s',
  ],
  [{ faults: '[{ restart: { node: gateway, duration: 3s } }]' }, 'faults[0].restart.duration: unknown key "duration"'],
  [
    { faults: '[{ partition: { between: broker.al, and: others, duration: 9s } }]' },
    'faults[0].partition.between: unknown value "broker.al"; did you mean broker.all?',
  ],
  [
    { faults: '[{ partition: { between: [broker, 3], and: others, duration: 9s } }]' },
    'faults[0].partition.between[1]: 3 is not allowed; write one of jobmanager.leader',
  ],
  [
    { faults: '[{ partition: { between: [], and: others, duration: 9s } }]' },
    'faults[0].partition.between: is empty; write one role or more',
  ],
  [
    { faults: '[{ partition: { between: others, and: broker, duration: 9s } }]' },
    'faults[0].partition.between: unknown value "others"; write one of jobmanager.leader',
  ],
  [
    { faults: '[{ partition: { between: broker, and: others, duration: 9s, direction: up } }]' },
    'faults[0].partition.direction: unknown value "up"; write one of both, forth, back',
  ],
  [
    {
      faults:
        '[{ partition: { between: taskmanager, and: others, duration: 9s, direction: forth, via: network-policy } }]',
    },
    'faults[0].partition.direction: forth is a way of packets, and NetworkPolicies are about connections',
  ],
  [
    { faults: '[{ partition: { between: taskmanager, and: others, duration: 9s, via: policy } }]' },
    'faults[0].partition.via: unknown value "policy"; write network-policy',
  ],
  [
    { faults: '[{ partition: { between: broker, duration: 9s } }]' },
    'faults[0].partition.and: is missing; write one of',
  ],
  [
    { faults: '[{ fill: { disk: zookeeper, duration: 9s } }]' },
    'faults[0].fill.disk: unknown value "zookeeper"; write one of taskmanager',
  ],
  [{ allow: '[everything]' }, 'allow[0]: unknown value "everything"; write storage'],
  [{ faults: '[{ stopJob: { parallelism: 1.5 } }]' }, 'faults[0].stopJob.parallelism: '],
  [{ faults: '[{ savepoint: { expect: done } }]' }, 'unknown value "done"; write one of completed, failed, either'],
  [{ faults: '[{ kill: { node: taskmanager.each } }]' }, 'faults[0].kill.node: unknown value "taskmanager.each"'],
  [{ faults: '[{ cutCommit: {} }]' }, 'faults[0].cutCommit.duration: is missing; write a duration, e.g. 20s'],
  [{ faults: '[{ cutCommit: { duration: 20 } }]' }, 'faults[0].cutCommit.duration: 20 has no unit; write 20s'],
  [objectivesOf(''), 'objectives: has no objectives'],
  [objectivesOf('recovery: 30'), 'objectives.recovery: 30 has no unit; write {within: 30s}'],
  [objectivesOf('recovery: { within: 30 }'), 'objectives.recovery.within: 30 has no unit; write 30s'],
  [objectivesOf('recovery: { within: 1s, atMost: 2s }'), 'objectives.recovery: more than one bound is given'],
  [objectivesOf('recovery: { between: [1s] }'), 'objectives.recovery.between: is not a list of two values'],
  [objectivesOf('phase.newLeder: { within: 9s }'), 'unknown key "phase.newLeder"; did you mean phase.newLeader?'],
  [
    objectivesOf('lost: { within: 3 }'),
    'objectives.lost.within: unknown key "within"; write one of atMost, atLeast, between',
  ],
  [objectivesOf('lost: -1'), 'objectives.lost: -1 is out of range'],
  [objectivesOf('lost: 0.5'), 'objectives.lost: 0.5 is not a whole number'],
  [objectivesOf('impact: nothing'), 'objectives.impact: unknown value "nothing"; write one of none, some'],
];
