import assert from 'node:assert/strict';
import { groupStart } from '../../../src/core/scenario.js';
import { describePlan, showMistake } from '../../../src/scenario/index.js';
import { readText } from '../../../src/scenario/read.js';
import { scenarioText, WRONG_IN_ITSELF } from '../../support/scenario-texts.js';
import { WRONG_TOGETHER } from '../../support/scenario-texts-together.js';

const mistakes = (text: string): string[] => readText(text, 'x.yaml').mistakes.map(showMistake);
const scenarioOf = (parts: Record<string, string | undefined> = {}) => {
  const { scenario, mistakes: found } = readText(scenarioText(parts), 'x.yaml');
  assert.deepEqual(found.map(showMistake), []);
  assert.ok(scenario);
  return scenario;
};

describe('the scenario language', () => {
  it('fills in the defaults and turns quantities into numbers', () => {
    assert.deepEqual(scenarioOf(), {
      name: 'kill-leader',
      title: 'kill-leader',
      cluster: {
        flink: '1.20',
        highAvailability: 'zookeeper',
        jobManagers: 2,
        taskManagers: 2,
        slots: 2,
        zookeepers: 1,
        brokers: 1,
        disk: 192 * 1024 ** 2,
        flinkConfig: {},
        zookeeperConfig: {},
        kafkaConfig: {},
      },
      workload: {
        job: 'pass-through',
        guarantee: 'exactly-once',
        rate: 1000,
        lanes: 8,
        partitions: 4,
        parallelism: 2,
        checkpoints: 2000,
        stateBackend: 'rocksdb',
        transactionTimeout: 600_000,
        recordSize: 0,
        sinkConfig: {},
      },
      steadyState: { hold: 10_000, within: 60_000 },
      faults: [{ kind: 'kill', options: { node: 'jobmanager.leader' } }],
      objectives: [
        { name: 'recovery', unit: 'ms', atMost: 30_000, text: 'within 30s' },
        { name: 'lost', unit: 'count', atLeast: 0, atMost: 0, text: '0' },
      ],
    });
  });

  it('reads every form of a bound, in the order of the file', () => {
    const text =
      '{ lost: { atLeast: 1 }, unexpected: { atMost: 5 }, caughtUp: 9s, phase.newLeader: { between: [25s, 1min] } }';
    assert.deepEqual(scenarioOf({ objectives: text }).objectives, [
      { name: 'lost', unit: 'count', atLeast: 1, text: 'at least 1' },
      { name: 'unexpected', unit: 'count', atMost: 5, text: 'at most 5' },
      { name: 'caughtUp', unit: 'ms', atMost: 9000, text: 'within 9s' },
      { name: 'phase.newLeader', unit: 'ms', atLeast: 25_000, atMost: 60_000, text: 'between 25s and 1min' },
    ]);
    assert.deepEqual(scenarioOf({ objectives: '{ impact: none }' }).objectives, [
      { name: 'impact', unit: 'impact', impact: 'none', text: 'none' },
    ]);
  });

  it('makes of a repeated fault one for each time', () => {
    const { faults } = scenarioOf({
      faults: '[{ kill: { node: taskmanager }, repeat: 2 every 20s }, { restart: { node: broker } }]',
    });
    const kill = { kind: 'kill', options: { node: 'taskmanager' } };
    assert.deepEqual(faults, [
      { ...kill, time: { nth: 1, of: 2, every: 20_000 } },
      { ...kill, time: { nth: 2, of: 2, every: 20_000 } },
      { kind: 'restart', options: { node: 'broker' } },
    ]);
  });

  it('makes of each node in its turn a fault of its own', () => {
    const { faults } = scenarioOf({
      cluster: '{ taskManagers: 2, brokers: 1 }',
      faults: '[{ restart: { node: taskmanager.each } }, { restart: { node: broker.each } }]',
    });
    const restart = (node: string, nth: number) => ({ kind: 'restart', options: { node, nth } });
    assert.deepEqual(faults, [
      { ...restart('taskmanager.each', 1), time: { nth: 1, of: 2, every: 0 } },
      { ...restart('taskmanager.each', 2), time: { nth: 2, of: 2, every: 0 } },
      restart('broker.each', 1),
    ]);
  });

  it('holds operations on the job against how they are to end', () => {
    const { faults, objectives } = scenarioOf({ faults: '[{ savepoint: {} }, { restoreChanged: {} }]' });
    assert.deepEqual(
      faults.map(({ options }) => options.expect),
      ['completed', 'failed'],
    );
    assert.deepEqual(objectives.at(-1), { name: 'operations', unit: 'count', atMost: 0, text: 'as expected' });
  });

  it('puts faults together side by side, each with its moment', () => {
    const kill = { kind: 'kill', options: { node: 'jobmanager.leader' } };
    const scenario = scenarioOf({
      cluster: '{ jobManagers: 3 }',
      faults:
        '[{ kill: { node: jobmanager.leader }, when: checkpoint completed, at: 200ms }, ' +
        '{ together: [{ kill: { node: jobmanager.leader }, when: lag > 5000 }, { kill: { node: jobmanager.leader }, when: leader changed }], repeat: 2 every 20s }]',
    });
    const time = (nth: number) => ({ nth, of: 2, every: 20_000 });
    const pair = (nth: number) => [
      { ...kill, when: { on: 'lag', above: 5000 }, time: time(nth) },
      { ...kill, when: { on: 'leader changed' }, beside: true, time: time(nth) },
    ];
    assert.deepEqual(scenario.faults, [
      { ...kill, when: { on: 'checkpoint completed' }, at: 200 },
      ...pair(1),
      ...pair(2),
    ]);
    assert.deepEqual(
      scenario.faults.map((_, i) => groupStart(scenario.faults, i)),
      [0, 1, 1, 3, 3],
    );
    const lines = describePlan(scenario).flatMap((line) => (line.startsWith('fault ') ? [line.split(' (')[0]] : []));
    assert.deepEqual(lines, [
      'fault 1: kill, node jobmanager.leader, when checkpoint completed, 200ms later',
      'fault 2: kill, node jobmanager.leader, when lag > 5000, 2 times, 20s apart or more',
      'fault 3 beside the one before: kill, node jobmanager.leader, when leader changed, 2 times, 20s apart or more',
    ]);
  });

  it('makes an objective of not being stopped', () => {
    const text =
      '[{ lagAbove: 9 }, { noOutputFor: 2min, verdict: inconclusive }, { command: [ls, -l], every: 5s }, { command: [x] }]';
    const scenario = scenarioOf({ stop: text });
    assert.deepEqual(scenario.stop, [
      { kind: 'lagAbove', records: 9, verdict: 'failed' },
      { kind: 'noOutputFor', ms: 120_000, verdict: 'inconclusive' },
      { kind: 'command', command: ['ls', '-l'], every: 5000, verdict: 'failed' },
      { kind: 'command', command: ['x'], every: 10_000, verdict: 'failed' },
    ]);
    assert.deepEqual(
      scenario.objectives.map(({ name }) => name),
      ['recovery', 'lost', 'stop'],
    );
    assert.ok(describePlan(scenario).includes('stopped at once, and then inconclusive: no output for 2min'));
  });

  it('hands settings on as text', () => {
    const { cluster } = scenarioOf({
      cluster: '{ flinkConfig: { a.b: 5, c: true, d: 6s }, zookeeperConfig: { tickTime: 500 } }',
    });
    assert.deepEqual(cluster.flinkConfig, { 'a.b': '5', c: 'true', d: '6s' });
    assert.deepEqual(cluster.zookeeperConfig, { tickTime: '500' });
  });

  for (const [parts, words] of [...WRONG_IN_ITSELF, ...WRONG_TOGETHER]) {
    it(`refuses: ${words}`, () => {
      const found = mistakes(scenarioText(parts));
      assert.equal(found.length, 1, found.join('\n'));
      assert.ok(found[0]?.includes(words), found[0]);
    });
  }

  it('reports the mistakes between keys although others are wrong in themselves', () => {
    const found = mistakes(
      scenarioText({ workload: '{ job: pass-through, guarantee: x, lanes: 3, rate: 1 }', titel: 'x' }),
    );
    assert.deepEqual(
      found.map((line) => line.split(': ')[0]),
      ['x.yaml:3:43 workload.guarantee', 'x.yaml:3:53 workload.lanes', 'x.yaml:3:62 workload.rate', 'x.yaml:6:1 titel'],
    );
  });

  it('finds positions through aliases and in block style', () => {
    const found = mistakes(scenarioText({ faults: '\n  - &k\n    kill:\n      node: leader\n  - *k' }));
    assert.deepEqual(
      found.map((line) => line.split(': ')[0]),
      ['x.yaml:7:13 faults[0].kill.node', 'x.yaml:7:13 faults[1].kill.node'],
    );
  });

  it('describes the plan', () => {
    const lines = describePlan(scenarioOf({ cluster: '{ flinkConfig: { a: 1 } }' }));
    assert.ok(lines.includes('  Flink: a = 1'));
    assert.ok(lines.some((line) => line.startsWith('fault 1: kill, node jobmanager.leader')));
    assert.equal(lines.at(-1), 'judged: recovery within 30s, lost 0');
  });
});
