import assert from 'node:assert/strict';
import type { Objective } from '../../../src/core/scenario.js';
import type { Case } from '../../../src/predict/case.js';
import { promisedFor, promiseOf } from '../../../src/predict/objective.js';
import { remediesFor, remedyText } from '../../../src/predict/remedy.js';
import { caseOf, session } from '../../support/cases.js';

const S = 1000;
const within = (name: string, ms: number): Objective => ({ name, unit: 'ms', atMost: ms, text: `within ${ms / S}s` });
const leader = (set = session(6 * S)): Case => caseOf('kill', { node: 'jobmanager.leader' }, { set });

describe('objectives against promises', () => {
  it('are kept, missed or left open', () => {
    assert.equal(promiseOf(within('phase.newLeader', 10 * S), leader()), 'kept');
    assert.equal(promiseOf(within('phase.newLeader', 9 * S), leader()), 'open');
    assert.equal(promiseOf(within('phase.newLeader', 3 * S), leader()), 'missed');
    assert.equal(promiseOf({ ...within('recovery', 90 * S), atLeast: 60 * S }, leader()), 'missed');
    assert.equal(promiseOf(within('caughtUp', 90 * S), leader()), 'untold');
    assert.equal(promiseOf({ name: 'lost', unit: 'count', atMost: 0, text: '0' }, leader()), 'untold');
  });

  it('what is not felt keeps every upper bound, and no lower one', () => {
    const standby = caseOf('kill', { node: 'jobmanager.standby' });
    assert.equal(promiseOf(within('recovery', S), standby), 'kept');
    assert.equal(promiseOf({ ...within('recovery', S), atLeast: 1 }, standby), 'missed');
    const none: Objective = { name: 'impact', unit: 'impact', impact: 'none', text: 'none' };
    assert.equal(promiseOf(none, standby), 'kept');
    assert.equal(promiseOf(none, leader()), 'missed');
    assert.equal(promiseOf(none, caseOf('kill', { node: 'jobmanager.any' })), 'open');
  });

  it('the silence in the output begins with the commit before the fault', () => {
    const set = { ...session(6 * S), 'execution.checkpointing.interval': '5s' };
    const output = promisedFor(within('phase.firstOutput', S), leader(set));
    assert.deepEqual(promisedFor(within('outputGap', S), leader(set)), {
      atLeast: output?.atLeast,
      atMost: (output?.atMost ?? 0) + 5 * S + 2 * S,
    });
  });
});

describe('settings that keep a bound', () => {
  const texts = (objective: Objective, change: (set: Readonly<Record<string, string>>) => Case): string[] =>
    remediesFor(objective, change({}), change).map(remedyText);
  const killed = (set: Readonly<Record<string, string>>): Case =>
    caseOf('kill', { node: 'taskmanager' }, { set: { 'execution.checkpointing.interval': '1s', ...set } });

  it('is each that does so alone, with the largest value that does', () => {
    // 21 s of detection, 2.1 s of delay, 10 s of work.
    assert.deepEqual(texts(within('recovery', 25 * S), killed), [
      'heartbeat.interval = 5s',
      'heartbeat.rpc-failure-threshold = 1',
    ]);
    const [first] = remediesFor(within('recovery', 25 * S), killed({}), killed);
    assert.deepEqual(first?.costs, ['more messages between every JobManager and TaskManager']);
  });

  it('else all of them together', () => {
    const [both, ...others] = texts(within('recovery', 13 * S), killed);
    assert.deepEqual(others, []);
    assert.match(
      both ?? '',
      /heartbeat\.interval = .* and heartbeat\.rpc-failure-threshold = 1 and .*initial-backoff = /,
    );
  });

  it('is none where only the work of the cluster is left', () => {
    assert.deepEqual(texts(within('recovery', 9 * S), killed), []);
  });

  it('never a timeout of heartbeats that is not above their interval', () => {
    const paused = (set: Readonly<Record<string, string>>): Case =>
      caseOf('pause', { node: 'taskmanager', duration: 60 * S }, { set: { 'heartbeat.interval': '10s', ...set } });
    assert.deepEqual(texts(within('phase.detected', 12 * S), paused), []);
    assert.deepEqual(texts(within('phase.detected', 14 * S), paused), ['heartbeat.timeout = 12s']);
  });

  it('a lease that is shorter takes its renew deadline with it, and stays above two retry periods', () => {
    const prefix = 'high-availability.kubernetes.leader-election';
    const lost = (set: Readonly<Record<string, string>>): Case =>
      caseOf('kill', { node: 'jobmanager.leader' }, { set: { 'high-availability.type': 'kubernetes', ...set } });
    assert.deepEqual(texts(within('phase.newLeader', 25 * S), lost), [
      `${prefix}.lease-duration = 10s and ${prefix}.renew-deadline = 10s`,
      `${prefix}.retry-period = 3s`,
    ]);
    assert.deepEqual(texts(within('phase.newLeader', 20 * S), lost), [`${prefix}.retry-period = 500ms`]);
    // What comes after the recovery has no part in it.
    const [both, ...others] = texts(within('recovery', 30 * S), lost);
    assert.deepEqual(others, []);
    assert.match(both ?? '', /lease-duration = 10s and .*retry-period = .* and .*renew-deadline = 10s$/);
    assert.doesNotMatch(both ?? '', /checkpointing/);
  });
});
