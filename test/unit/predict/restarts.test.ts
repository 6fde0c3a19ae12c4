import assert from 'node:assert/strict';
import { predict } from '../../../src/predict/predict.js';
import { type Change, caseOf } from '../../support/cases.js';

const FIXED = { 'restart-strategy.type': 'fixed-delay', 'restart-strategy.fixed-delay.delay': '3s' };
const of = (kind: string, options: Record<string, unknown>, change: Change = {}) =>
  predict(caseOf(kind, options, change)).restarts;
const count = (...it: Parameters<typeof of>) => {
  const { takes, keys } = of(...it) ?? {};
  return takes && [takes.atLeast, takes.atMost, ...(keys ?? [])];
};
const killed = { node: 'taskmanager.any', duration: 10_000 };

describe('how often a job is started anew', () => {
  it('never where its tasks run on, once where another JobManager takes over', () => {
    assert.deepEqual(count('kill', { node: 'jobmanager.standby' }), [0, 0]);
    assert.deepEqual(count('kill', { node: 'broker.all', duration: 10_000 }), [0, 0]);
    assert.deepEqual(count('kill', { node: 'jobmanager.leader' }), [1, 1]);
  });

  it('once where the slots suffice and nothing shows the loss before the JobManager knows', () => {
    const all = { node: 'taskmanager.all', duration: 10_000 };
    assert.deepEqual(count('kill', { node: 'taskmanager' }, { job: { parallelism: 1 } }), [1, 1]);
    assert.deepEqual(count('kill', all, { set: FIXED }), [1, 11, 'restart-strategy.fixed-delay.delay']);
  });

  it('as often as delays fit into the time until the JobManager knows, or the slots are back', () => {
    const shuffles = { parallelism: 1, shuffles: true };
    // A heartbeat timeout of 50 s.
    assert.deepEqual(count('kill', { node: 'taskmanager' }, { set: FIXED, job: shuffles }), [
      ...[1, 17],
      'restart-strategy.fixed-delay.delay',
    ]);
    // 10 s away and 20 s to start; delays grow from 1 s, by a half each, less a tenth: seven of them last 29 s.
    assert.deepEqual(count('kill', { ...killed, node: 'taskmanager.all' }), [
      ...[1, 8],
      'restart-strategy.exponential-delay.initial-backoff',
    ]);
    const [, most] = count('kill', { ...killed, node: 'taskmanager.all' }, { restarts: 5 }) ?? [];
    assert.ok(Number(most) < 8, 'after others the delays are longer');
  });

  it('is not known where the restart strategy is not, and where no setting tells what becomes of the job', () => {
    const none = { 'restart-strategy.type': 'none' };
    assert.deepEqual(of('kill', { node: 'taskmanager.all' }, { set: none })?.takes, { atLeast: 1, atMost: null });
    assert.equal(of('cpuLimit', { node: 'taskmanager', duration: 1000 }), undefined);
  });
});
