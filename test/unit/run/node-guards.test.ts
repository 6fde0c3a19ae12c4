import assert from 'node:assert/strict';
import type { Guards } from '../../../src/core/scenario.js';
import { guardNodes } from '../../../src/run/safety/node-guards.js';
import { injectOne } from '../../../src/run/steps/one-fault.js';
import { handMadeCluster } from '../../support/hand-made-cluster.js';
import { handMadeRun, handMadeScenario } from '../../support/hand-made-run.js';
import { hasCode } from '../../support/has-code.js';

const none: Guards = { remain: 0, standby: false, freeSlots: 0, longest: 60_000 };

describe('guards of nodes', () => {
  const guard = (guards: Partial<Guards>, victims: string[], world = handMadeCluster(), kind = 'kill') =>
    guardNodes({ ...none, ...guards }, { kind, victims }, world.context());

  it('say nothing where none is asked for, nor of a fault that takes nothing away', async () => {
    assert.deepEqual(await guard({}, ['jobmanager-1', 'jobmanager-2']), []);
    assert.deepEqual(
      await guardNodes(undefined, { kind: 'kill', victims: ['taskmanager-1'] }, handMadeCluster().context()),
      [],
    );
    const all = ['taskmanager-1', 'taskmanager-2'];
    assert.deepEqual(await guard({ remain: 1 }, all, handMadeCluster(), 'latency'), []);
  });

  it('leave so many of each role running, counting none that is away or stands still', async () => {
    assert.deepEqual(await guard({ remain: 1 }, ['taskmanager-1']), ['guards: taskmanager-2 would be left']);
    await assert.rejects(
      guard({ remain: 1 }, ['taskmanager-1', 'taskmanager-2']),
      hasCode('GUARD', /refused: no taskmanager would be left running, and guards\.remain asks for 1 - taskmanager-1,/),
    );
    const away = handMadeCluster();
    away.end('taskmanager-2');
    await assert.rejects(guard({ remain: 1 }, ['taskmanager-1'], away), hasCode('GUARD', /no taskmanager/));
    const still = handMadeCluster();
    still.stopped.add('taskmanager-2');
    await assert.rejects(guard({ remain: 1 }, ['taskmanager-1'], still), hasCode('GUARD', /no taskmanager/));
    await assert.rejects(guard({ remain: 2 }, ['taskmanager-1']), hasCode('GUARD', /1 taskmanager would be left/));
    assert.deepEqual(await guard({ remain: 1 }, ['gateway']), []);
  });

  it('count those that stay of the ones that may go', async () => {
    const victims = ['taskmanager-1', 'taskmanager-2'];
    const told = (remain: number, leaves: number) =>
      guardNodes({ ...none, remain }, { kind: 'scale', victims, leaves }, handMadeCluster().context());
    assert.deepEqual(await told(1, 1), ['guards: 1 of taskmanager-1 and taskmanager-2 would be left']);
    await assert.rejects(told(1, 0), hasCode('GUARD', /no taskmanager would be left/));
    await assert.rejects(told(2, 1), hasCode('GUARD', /1 taskmanager would be left/));
    assert.deepEqual(await told(9, 2), []);
  });

  it('take the leading JobManager away only where another one contends', async () => {
    const world = handMadeCluster();
    const told = ['guards: 2 JobManagers contend for leadership'];
    assert.deepEqual(await guard({ standby: true }, ['jobmanager-1'], world), told);
    world.contenders = ['0x1'];
    await assert.rejects(
      guard({ standby: true }, ['jobmanager-1'], world),
      hasCode('GUARD', /jobmanager-1 leads, and nobody else contends/),
    );
    assert.deepEqual(await guard({ standby: true }, ['jobmanager-2'], world), []);
    assert.deepEqual(await guard({ standby: true }, ['taskmanager-1'], world), []);
    world.leader = undefined;
    await assert.rejects(guard({ standby: true }, ['jobmanager-2'], world), hasCode('GUARD', /nobody knows who leads/));
  });

  it('take a TaskManager away only where slots are free', async () => {
    const world = handMadeCluster();
    assert.deepEqual(await guard({ freeSlots: 2 }, ['taskmanager-1'], world), ['guards: 2 slots are free']);
    world.freeSlots = 1;
    await assert.rejects(
      guard({ freeSlots: 2 }, ['taskmanager-1'], world),
      hasCode('GUARD', /1 slots are free, and guards\.freeSlots asks for 2/),
    );
    assert.deepEqual(await guard({ freeSlots: 2 }, ['broker-1'], world), []);
  });

  it('are asked before anything is written or done', async () => {
    const faults = [{ kind: 'kill', options: { node: 'taskmanager.all' } }];
    const { state, recorder, ledger, world } = handMadeRun(
      handMadeScenario({ faults, guards: { ...none, remain: 1 } }),
    );
    await assert.rejects(injectOne(state, 0), hasCode('GUARD', /no taskmanager would be left/));
    assert.deepEqual([ledger.open(), world.running.size], [[], 7]);
    assert.deepEqual(
      recorder.events.map(({ type }) => type),
      ['fault.not-effective'],
    );
  });
});
