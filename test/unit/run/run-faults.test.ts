import assert from 'node:assert/strict';
import type { FaultSpec } from '../../../src/core/scenario.js';
import { faultNamed } from '../../../src/fault/catalogue.js';
import { eventsOf } from '../../../src/judge/events-of.js';
import { runFaults } from '../../../src/run/steps/run-faults.js';
import { leaderOn } from '../../support/hand-made-cluster.js';
import { firstOf, handMadeRun, handMadeScenario, outcomeOf } from '../../support/hand-made-run.js';

/** A run on a cluster that reacts to the loss of its leader as a real one does. */
function lively(faults: FaultSpec[] = [{ kind: 'kill', options: { node: 'jobmanager.leader' } }]) {
  const run = handMadeRun(handMadeScenario({ faults }));
  const { world, clock } = run;
  world.onKill = () => {
    clock.plan(clock.passed() + 6000, () => {
      world.leader = leaderOn(2);
      world.contenders = ['0x2'];
    });
  };
  world.onStart = () => world.contenders.push('0x3');
  return run;
}

/** With a kill that stays for so many milliseconds. */
async function holding(ms: number, work: () => Promise<unknown>): Promise<void> {
  const kill = faultNamed('kill');
  const { hold } = kill;
  Object.assign(kill, { hold: () => ms });
  try {
    await work();
  } finally {
    Object.assign(kill, { hold });
  }
}

const told = (log: string[]) => log.filter((line) => line !== 'step');

describe('a fault', () => {
  it('is in the journal and in the ledger before it is injected, and proven healed in the end', async () => {
    const { state, log, ledger, recorder } = lively();
    await runFaults(state);
    assert.deepEqual(told(log), [
      ...['fsync', 'fault.resolved', 'intend jobmanager-1', 'SIGKILL jobmanager-1', 'mark active', 'fault.effective'],
      ...['fault.confirmed', 'start jobmanager-1', 'mark healed', 'fault.healed'],
    ]);
    assert.deepEqual(ledger.open(), []);
    const steps = recorder.events.flatMap((e) => (e.type === 'step' ? [`${e.step} ${e.state}`] : []));
    assert.deepEqual(
      steps,
      ['fault', 'recovery', 'heal'].flatMap((step) => [`${step} started`, `${step} ended`]),
    );
  });

  it('of a given length is healed when that has passed, and only then is the recovery waited for', async () => {
    const hold = 9_000;
    const { state, log, ledger, recorder } = lively();
    await holding(hold, () => runFaults(state));
    const acts = told(log).filter((line) => line !== 'fsync');
    assert.deepEqual(acts.slice(-4), ['fault.confirmed', 'start jobmanager-1', 'mark healed', 'fault.healed']);
    const steps = recorder.events.flatMap((e) => (e.type === 'step' && e.state === 'started' ? [e.step] : []));
    assert.deepEqual(steps, ['fault', 'heal', 'recovery']);
    const effective = firstOf(recorder.events, 'fault.effective')?.by ?? Number.NaN;
    const healing = firstOf(recorder.events, 'fault.healed')?.after ?? Number.NaN;
    assert.ok(healing - effective >= hold && healing - effective < hold + 500, `${healing - effective} ms`);
    assert.deepEqual(ledger.open(), []);
  });

  it('of a given length is left to the healing at the end when it is interrupted', async () => {
    const { state, clock, abort, log, ledger } = lively();
    clock.plan(2000, () => abort.abort(new Error('enough')));
    await holding(60_000, async () => assert.equal(await outcomeOf(runFaults(state)), 'enough'));
    assert.deepEqual(told(log).slice(-1), ['fault.effective']);
    assert.equal(ledger.open()[0]?.state, 'active');
  });

  it('is not injected when the ledger cannot take it', async () => {
    const { state, log, ledger } = lively();
    ledger.failing = true;
    assert.equal(await outcomeOf(runFaults(state)), 'no space for the ledger');
    assert.deepEqual(told(log), ['fsync', 'fault.resolved', 'intend jobmanager-1']);
  });

  it('is left in the ledger, and told as not effective, when its effect is not proven', async () => {
    const { state, world, log, ledger, recorder } = lively();
    world.deaf = true;
    assert.match((await outcomeOf(runFaults(state))) ?? '', /SIGKILL was sent but process 100 still runs/);
    assert.deepEqual(told(log).slice(-2), ['SIGKILL jobmanager-1', 'fault.not-effective']);
    assert.match(firstOf(recorder.events, 'fault.not-effective')?.reason ?? '', /still runs/);
    assert.deepEqual(
      ledger.open().map(({ node, state: how }) => [node, how]),
      [['jobmanager-1', 'intended']],
    );
  });

  it('is healed also when only its second proof fails, and then told as not effective', async () => {
    const { state, world, log, ledger } = lively();
    world.onKill = () => {};
    assert.match((await outcomeOf(runFaults(state))) ?? '', /session id is still session-1/);
    assert.deepEqual(told(log).slice(-4), ['fault.not-effective', 'start jobmanager-1', 'mark healed', 'fault.healed']);
    assert.deepEqual(ledger.open(), []);
  });

  it('ends the run when it cannot be healed, and stays in the ledger', async () => {
    const { state, world, ledger, recorder } = lively();
    world.onStart = () => {
      throw new Error('no such file');
    };
    assert.match((await outcomeOf(runFaults(state))) ?? '', /kill could not be healed - jobmanager-1/);
    assert.match(firstOf(recorder.events, 'fault.heal-failed')?.reason ?? '', /no such file/);
    assert.equal(ledger.open()[0]?.state, 'active');
  });

  it('is neither confirmed nor healed here after an interrupt: that has its own time', async () => {
    const { state, clock, abort, log, ledger } = lively();
    clock.plan(2000, () => abort.abort(new Error('enough')));
    assert.equal(await outcomeOf(runFaults(state)), 'enough');
    assert.deepEqual(told(log).slice(-1), ['fault.effective']);
    assert.equal(ledger.open()[0]?.state, 'active');
  });

  /** The leader is killed twice, and there is one each time in the end. */
  function twice(faults: FaultSpec[]) {
    const run = lively(faults);
    const { world, clock, recorder } = run;
    recorder.emit({ type: 'job.submitted', jobId: 'j', name: 'j', input: 'in', output: 'out', statements: [] });
    const { onStart } = world;
    world.onStart = (node) => {
      onStart(node);
      world.onKill = () =>
        void clock.plan(clock.passed() + 6000, () => {
          world.leader = leaderOn(1, 'session-3');
        });
      world.onStart = () => world.contenders.push('0x4');
    };
    return run;
  }
  const kill = { kind: 'kill', options: { node: 'jobmanager.leader' } };

  it('comes again when its time has passed, where it is repeated', async () => {
    const every = 300_000;
    const { state, recorder } = twice([1, 2].map((nth) => ({ ...kill, time: { nth, of: 2, every } })));
    await runFaults(state);
    const [first = 0, second = 0] = eventsOf(recorder.events, 'fault.resolved').map(({ mono }) => mono);
    assert.ok(second - first >= every && second - first < every + 1000, `${second - first}`);
  });

  it('comes after the one before it is healed and has settled', async () => {
    const { state, log, ledger, recorder } = twice([kill, kill]);
    await runFaults(state);
    const acts = log.filter((line) => /SIGKILL|start |fault\.healed/.test(line));
    assert.deepEqual(acts, [
      ...['SIGKILL jobmanager-1', 'start jobmanager-1', 'fault.healed'],
      ...['SIGKILL jobmanager-2', 'start jobmanager-2', 'fault.healed'],
    ]);
    assert.deepEqual(ledger.open(), []);
    const healed = firstOf(recorder.events, 'fault.healed')?.mono ?? Number.NaN;
    const settling = recorder.events.find((e) => e.type === 'step' && e.step === 'settle');
    const [, second] = recorder.events.filter((e) => e.type === 'fault.resolved');
    assert.ok(settling && second && healed <= settling.mono && second.mono - settling.mono >= 2000);
  });

  it('is not injected where the dead-man timer beside the cluster does not hear this run', async () => {
    const { state, log, ledger } = lively();
    for (const deadManArmed of [async () => false, async () => Promise.reject(new Error('no daemon'))]) {
      const deaf = { ...state, cluster: { ...state.cluster, deadManArmed } };
      assert.match(
        (await outcomeOf(runFaults(deaf))) ?? '',
        /dead-man timer beside the cluster does not hear this run/,
      );
    }
    assert.deepEqual([told(log), ledger.open()], [[], []]);
  });

  it('that has to be kept up is done again while it lasts', async () => {
    const { state, world, clock, log } = lively([{ kind: 'fill', options: { disk: 'broker', duration: 5000 } }]);
    for (const at of [1000, 3000]) {
      clock.plan(clock.passed() + at, () => {
        world.free = 300;
      });
    }
    await runFaults(state);
    assert.deepEqual(
      log.filter((line) => /^fill|^empty/.test(line)),
      ['fill broker-1', 'fill broker-1', 'fill broker-1', 'empty broker-1'],
    );
  });

  it('of an unknown kind is refused before anything is done', async () => {
    const { state, log } = lively([{ kind: 'kick', options: { node: 'jobmanager.leader' } }]);
    assert.match((await outcomeOf(runFaults(state))) ?? '', /no fault named kick/);
    assert.deepEqual(log, []);
  });
});
