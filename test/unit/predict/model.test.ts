import assert from 'node:assert/strict';
import type { PhaseName } from '../../../src/core/scenario.js';
import type { Case } from '../../../src/predict/case.js';
import type { CourseName } from '../../../src/predict/course.js';
import { MODEL } from '../../../src/predict/model.js';
import { predict, sinceTheFault } from '../../../src/predict/predict.js';
import { caseOf, session } from '../../support/cases.js';

const S = 1000;
const leader = { node: 'jobmanager.leader' };
const one = { node: 'taskmanager' };
const every = { node: 'taskmanager.all', duration: 15 * S };

function takes(it: Case, name: PhaseName, taken?: CourseName): [string, number, number | null] | undefined {
  const phase = predict(it, taken).phases.find((other) => other.name === name);
  return phase && [phase.since, phase.takes.atLeast, phase.takes.atMost];
}
const decided = (it: Case, name: PhaseName): string[] =>
  predict(it).phases.find((phase) => phase.name === name)?.decidedBy ?? [];

describe('what settings promise', () => {
  it('a leader that is killed is replaced when its session has expired', () => {
    assert.deepEqual(takes(caseOf('kill', leader), 'leadershipLost'), ['effective', (40 * S * 2) / 3, 43 * S]);
    const short = caseOf('kill', leader, { set: session(6 * S) });
    assert.deepEqual(takes(short, 'leadershipLost'), ['effective', 4 * S, 7.5 * S]);
    assert.deepEqual(takes(short, 'detected'), takes(short, 'leadershipLost'));
    assert.deepEqual(takes(short, 'newLeader'), ['leadershipLost', 0, 2 * S]);
    assert.equal(takes(short, 'backoffOver'), undefined);
  });

  it('tells what ZooKeeper grants, where that is not what Flink asks for', () => {
    assert.deepEqual(decided(caseOf('kill', leader), 'newLeader'), []);
    assert.deepEqual(decided(caseOf('kill', leader), 'leadershipLost'), [
      'high-availability.zookeeper.client.session-timeout = 60 s (default)',
      'zookeeper.maxSessionTimeout = 40000',
    ]);
    const granted = caseOf('kill', leader, { set: session(6 * S) });
    assert.deepEqual(decided(granted, 'leadershipLost'), [
      'high-availability.zookeeper.client.session-timeout = 6000 ms',
    ]);
  });

  describe('of leaders that are elected by a lease', () => {
    const RETRY = 'high-availability.kubernetes.leader-election.retry-period';
    const LEASE = 'high-availability.kubernetes.leader-election.lease-duration';
    const set = { 'high-availability.type': 'kubernetes' };
    const killed = caseOf('kill', leader, { set });

    it('a killed one is replaced when its lease has run out, and somebody has tried', () => {
      assert.deepEqual(takes(killed, 'leadershipLost'), ['effective', 10 * S, 16 * S]);
      assert.deepEqual(takes(killed, 'detected'), takes(killed, 'leadershipLost'));
      assert.deepEqual(takes(killed, 'newLeader'), ['leadershipLost', 0, 13 * S]);
      assert.deepEqual(decided(killed, 'leadershipLost'), [`${LEASE} = 15 s (default)`, `${RETRY} = 5 s (default)`]);
      const quick = caseOf('kill', leader, { set: { ...set, [LEASE]: '8s', [RETRY]: '2s' } });
      assert.deepEqual(takes(quick, 'leadershipLost'), ['effective', 6 * S, 9 * S]);
      assert.deepEqual(takes(quick, 'newLeader'), ['leadershipLost', 0, 6.4 * S]);
    });

    it('one that is asked to end gives its lease back, and may take it once more', () => {
      const stopped = caseOf('stop', leader, { set });
      assert.deepEqual(takes(stopped, 'leadershipLost'), ['effective', 0, 3 * S]);
      assert.deepEqual(takes(stopped, 'newLeader'), ['leadershipLost', 0, 28 * S]);
    });

    it('one that may not renew it is replaced when somebody may again', () => {
      const revoked = caseOf('revokeAccess', { duration: 45 * S }, { set });
      assert.deepEqual(takes(revoked, 'leadershipLost'), ['effective', 10 * S, 16 * S]);
      assert.deepEqual(takes(revoked, 'newLeader'), ['effective', 45 * S, 58 * S]);
      assert.equal(takes(revoked, 'detected'), undefined);
      const often = (tolerated: string) =>
        predict(
          caseOf('revokeAccess', revoked.options, {
            set: { ...set, 'execution.checkpointing.tolerable-failed-checkpoints': tolerated },
          }),
        ).restarts?.takes;
      assert.deepEqual(
        [often('0'), often('3')],
        [
          { atLeast: 1, atMost: 2 },
          { atLeast: 1, atMost: 1 },
        ],
      );
    });

    it('the only one waits for the lease that it had', () => {
      const alone = { set, cluster: { jobManagers: 1 } };
      const away = caseOf('kill', { ...leader, duration: 2 * S }, alone);
      assert.deepEqual(takes(away, 'newLeader'), ['effective', 2 * S, 35 * S]);
    });

    it('one that stands still is deposed by how long', () => {
      const courses = [4, 12, 21].map((s) => predict(caseOf('pause', { ...leader, duration: s * S }, { set })).course);
      assert.deepEqual(
        courses.map(({ name }) => name),
        ['none', 'either', 'takeover'],
      );
      const still = caseOf('pause', { ...leader, duration: 30 * S }, { set });
      assert.deepEqual(takes(still, 'slotsAllocated'), ['effective', 10 * S, 37 * S]);
    });
  });

  it('a leader that is asked to end needs no session to expire', () => {
    assert.deepEqual(takes(caseOf('stop', leader), 'leadershipLost'), ['effective', 0, 3 * S]);
    assert.deepEqual(takes(caseOf('expireSession', leader), 'leadershipLost'), ['effective', 0, 2 * S]);
  });

  it('the only JobManager leads again once it is there, and its last session gone', () => {
    const alone = { cluster: { jobManagers: 1 }, set: session(6 * S) };
    const away = caseOf('kill', { ...leader, duration: 2 * S }, alone);
    assert.deepEqual(takes(away, 'newLeader'), ['effective', 2 * S, 24 * S]);
    // Nobody knows when somebody starts it again.
    assert.equal(takes(caseOf('kill', leader, alone), 'newLeader'), undefined);
  });

  it('a TaskManager that is killed is missed after as many heartbeats as the threshold says', () => {
    assert.deepEqual(takes(caseOf('kill', one), 'detected'), ['effective', 10 * S, 21 * S]);
    const five = { 'heartbeat.interval': '1s', 'heartbeat.timeout': '20s', 'heartbeat.rpc-failure-threshold': '5' };
    assert.deepEqual(takes(caseOf('kill', one, { set: five }), 'detected'), ['effective', 4 * S, 6 * S]);
    const shuffles = caseOf('kill', one, { set: five, job: { shuffles: true } });
    assert.deepEqual(takes(shuffles, 'detected'), ['effective', 0, 6 * S]);
  });

  it('without a threshold, or without a sign of death, the heartbeat has to time out', () => {
    const off = { 'heartbeat.rpc-failure-threshold': '-1' };
    assert.deepEqual(takes(caseOf('kill', one, { set: off }), 'detected'), ['effective', 40 * S, 51 * S]);
    const paused = caseOf('pause', { ...one, duration: 60 * S });
    assert.deepEqual(takes(paused, 'detected'), ['effective', 40 * S, 51 * S]);
    const cut = { between: ['taskmanager'], and: ['jobmanager.all'], duration: 20 * S };
    const sooner = { 'heartbeat.interval': '1s', 'heartbeat.timeout': '6s' };
    assert.deepEqual(takes(caseOf('partition', cut, { set: sooner }), 'detected'), ['effective', 5 * S, 7 * S]);
  });

  it('the delay of a restart follows its strategy, and grows where that is exponential', () => {
    assert.deepEqual(takes(caseOf('kill', one), 'backoffOver'), ['detected', 900, 2100]);
    assert.deepEqual(takes(caseOf('kill', one, { restarts: 2 }), 'backoffOver'), ['detected', 2025, 3475]);
    const fixed = { 'restart-strategy.type': 'fixed-delay', 'restart-strategy.fixed-delay.delay': '3s' };
    assert.deepEqual(takes(caseOf('kill', one, { set: fixed, restarts: 2 }), 'backoffOver'), ['detected', 3000, 4000]);
    const rate = { 'restart-strategy.type': 'failurerate', 'restart-strategy.failure-rate.delay': '7s' };
    assert.deepEqual(takes(caseOf('kill', one, { set: rate }), 'backoffOver'), ['detected', 7000, 8000]);
    assert.equal(takes(caseOf('kill', one, { set: { 'restart-strategy.type': 'none' } }), 'backoffOver'), undefined);
    assert.equal(takes(caseOf('kill', one, { set: { 'jobmanager.scheduler': 'adaptive' } }), 'backoffOver'), undefined);
    const most = { 'restart-strategy.exponential-delay.max-backoff': '4s' };
    assert.deepEqual(takes(caseOf('kill', one, { set: most, restarts: 9 }), 'backoffOver'), ['detected', 3600, 5000]);
  });

  it('without slots enough the job waits for its TaskManagers', () => {
    assert.deepEqual(takes(caseOf('kill', every), 'slotsAllocated'), ['effective', 15 * S, 37 * S]);
    assert.equal(takes(caseOf('kill', every), 'backoffOver'), undefined);
    assert.deepEqual(takes(caseOf('kill', one), 'slotsAllocated'), ['backoffOver', 0, 2 * S]);
    const full = caseOf('kill', { ...one, duration: 5 * S }, { job: { parallelism: 4 } });
    assert.deepEqual(takes(full, 'slotsAllocated'), ['effective', 5 * S, 27 * S]);
  });

  it('a cluster that is older than the timeout of a slot request makes it wait for one more restart', () => {
    const fixed = { 'restart-strategy.type': 'fixed-delay', 'restart-strategy.fixed-delay.delay': '3s' };
    const soon = caseOf('kill', every, { set: { ...fixed, 'slot.request.timeout': '5s' } });
    assert.deepEqual(takes(soon, 'slotsAllocated'), ['effective', 15 * S, 40 * S]);
    assert.deepEqual(decided(soon, 'slotsAllocated'), [
      'slot.request.timeout = 5s',
      'restart-strategy.fixed-delay.delay = 3s',
    ]);
    const old = caseOf('kill', every, { set: fixed, cluster: { age: 290 * S } });
    assert.deepEqual(takes(old, 'slotsAllocated'), ['effective', 15 * S, 40 * S]);
    const young = caseOf('kill', every, { set: fixed });
    assert.deepEqual(takes(young, 'slotsAllocated'), ['effective', 15 * S, 37 * S]);
  });

  it('the first checkpoint comes within an interval', () => {
    assert.deepEqual(takes(caseOf('kill', leader), 'firstCheckpoint'), ['tasksRunning', 0, 12 * S]);
    const often = { 'execution.checkpointing.interval': '1s' };
    assert.deepEqual(takes(caseOf('kill', leader, { set: often }), 'firstCheckpoint'), ['tasksRunning', 0, 3 * S]);
    const slow = caseOf('kill', leader, { set: often, job: { checkpoint: 4 * S } });
    assert.deepEqual(takes(slow, 'firstCheckpoint'), ['tasksRunning', 0, 13 * S]);
    const atLeastOnce = caseOf('kill', leader, { job: { guarantee: 'at-least-once' } });
    assert.deepEqual(takes(atLeastOnce, 'firstOutput'), ['tasksRunning', 0, 1 * S]);
  });

  it('a job that took long to start may take three times that to come back', () => {
    const slow = caseOf('kill', leader, { job: { deployment: 5 * S, restore: 60 * S } });
    assert.deepEqual(takes(slow, 'deployed'), ['slotsAllocated', 0, 15 * S]);
    assert.deepEqual(takes(slow, 'stateRestored'), ['deployed', 0, 180 * S]);
  });

  it('brokers that are away keep the output back', () => {
    const all = caseOf('kill', { node: 'broker.all', duration: 5 * S });
    assert.deepEqual(takes(all, 'firstOutput'), ['effective', 5 * S, 48 * S]);
    const few = caseOf('kill', { node: 'broker', duration: 5 * S }, { cluster: { brokers: 3 } });
    assert.deepEqual(takes(few, 'firstOutput'), ['effective', 0, 26 * S]);
    const soon = { 'kafka.broker.session.timeout.ms': '6000' };
    const patient = caseOf('kill', { node: 'broker', duration: 5 * S }, { cluster: { brokers: 3 }, set: soon });
    assert.deepEqual(takes(patient, 'firstOutput'), ['effective', 0, 23 * S]);
  });

  it('catching up takes as long as the backlog, by what can be processed beyond what comes in', () => {
    const job = { rate: 1000, capacity: 1500 };
    const known = caseOf('kill', leader, { set: session(6 * S), job });
    const running = sinceTheFault(predict(known)).get('tasksRunning')?.atMost ?? 0;
    const records = running + 12 * S;
    assert.deepEqual(takes(known, 'caughtUp'), ['tasksRunning', 0, records * 2 + 13 * S]);
    assert.equal(takes(caseOf('kill', leader, { job: { rate: 1000 } }), 'caughtUp'), undefined);
    assert.equal(takes(caseOf('kill', leader, { job: { rate: 1000, capacity: 900 } }), 'caughtUp'), undefined);
  });

  it('says nothing where a setting is not known', () => {
    assert.equal(takes(caseOf('kill', leader, { set: { 'zookeeper.tickTime': 'many' } }), 'leadershipLost'), undefined);
    assert.equal(takes(caseOf('kill', one, { set: { 'heartbeat.interval': '?' } }), 'detected'), undefined);
    const none = { 'execution.checkpointing.interval': 'none (default)' };
    assert.equal(takes(caseOf('kill', leader, { set: none }), 'firstCheckpoint'), undefined);
  });

  it('of what the settings leave open it tells what comes after the course that was seen', () => {
    const unclear = caseOf('reset', { between: ['taskmanager'], and: ['broker.all'] });
    assert.deepEqual(predict(unclear).phases, []);
    assert.deepEqual(takes(unclear, 'backoffOver', 'restart'), ['detected', 900, 2100]);
    assert.deepEqual(takes(unclear, 'jobGraphRecovered', 'takeover'), ['newLeader', 0, 3 * S]);
  });

  it('a job that may fail again and again has its slots by the last delay after the fault', () => {
    const narrow = caseOf('throttle', { between: ['taskmanager.all'], and: ['broker.all'], duration: 10 * S });
    assert.equal(takes(narrow, 'backoffOver', 'restart'), undefined);
    // Delays of 0.9, 1.35, 2.025 and 3.0375 s at the least pass within 10 s; the fifth is the longest that may be going on.
    assert.deepEqual(takes(narrow, 'slotsAllocated', 'restart'), ['effective', 0, 10 * S + 5568.75 + 2 * S]);
    const poison = caseOf('poison', { duration: 10 * S });
    assert.deepEqual(takes(poison, 'slotsAllocated'), ['effective', 0, 10 * S + 5568.75 + 20 * S + 2 * S]);
    // Pods that start again when it is over: for as long as that takes as well.
    const [, from, to] =
      takes(caseOf('breakImage', { role: 'taskmanager', duration: 10 * S }), 'slotsAllocated', 'restart') ?? [];
    const longer = caseOf('throttle', { ...narrow.options, duration: 30 * S });
    const [, , until] = takes(longer, 'slotsAllocated', 'restart') ?? [];
    assert.deepEqual([from, to], [0, until]);
  });

  it('each line says for whom it is, what it is and where it is known from', () => {
    for (const { of, takes: formula, source } of MODEL) {
      for (const text of [of, formula, source]) assert.ok(text.length > 3, text);
    }
  });
});
