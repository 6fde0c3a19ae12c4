import assert from 'node:assert/strict';
import type { FaultSpec } from '../../../src/core/scenario.js';
import { eventsOf } from '../../../src/judge/events-of.js';
import { runFaults } from '../../../src/run/steps/run-faults.js';
import { leaderOn } from '../../support/hand-made-cluster.js';
import { handMadeRun, handMadeScenario, outcomeOf } from '../../support/hand-made-run.js';

const kill: FaultSpec = { kind: 'kill', options: { node: 'jobmanager.leader' } };
const pause = (ms: number): FaultSpec => ({ kind: 'pause', options: { node: 'taskmanager', duration: ms } });

/** A cluster where, six seconds after a leader was killed, the other JobManager leads with a session of its own. */
function lively(faults: FaultSpec[]) {
  const run = handMadeRun(handMadeScenario({ faults }));
  const { world, clock } = run;
  let session = 1;
  world.onKill = (node) => {
    const other = node === 'jobmanager-1' ? 2 : 1;
    clock.plan(clock.passed() + 6000, () => {
      session++;
      world.leader = leaderOn(other, `session-${session}`);
      world.contenders = [world.leader.owner];
    });
  };
  world.onStart = () => world.contenders.push(`0x${world.contenders.length + 5}`);
  // One that goes on is heard again.
  world.onSignal = (signal, node) => {
    if (signal !== 'SIGCONT') return;
    clock.plan(clock.passed() + 500, () => {
      world.heartbeats[node] = clock.wall();
    });
  };
  return run;
}

const acts = (log: string[]) => log.filter((line) => /^(SIG|start )|fault\.(triggered|healed|not)/.test(line));

describe('faults together', () => {
  it('are injected one after the other without waiting for a recovery, and healed the newest first', async () => {
    const { state, log, ledger, recorder } = lively([kill, { ...kill, beside: true, when: { on: 'leader changed' } }]);
    assert.deepEqual(await runFaults(state), [0, 1]);
    assert.deepEqual(acts(log), [
      ...['SIGKILL jobmanager-1', 'fault.triggered', 'SIGKILL jobmanager-2'],
      ...['start jobmanager-2', 'fault.healed', 'start jobmanager-1', 'fault.healed'],
    ]);
    const steps = recorder.events.flatMap((e) => (e.type === 'step' ? [`${e.step} ${e.state}`] : []));
    assert.deepEqual(
      steps,
      ['fault', 'recovery', 'heal', 'heal'].flatMap((step) => [`${step} started`, `${step} ended`]),
    );
    assert.deepEqual(ledger.open(), []);
    const [first, second] = eventsOf(recorder.events, 'fault.effective');
    const apart = (second?.after ?? 0) - (first?.by ?? 0);
    assert.ok(apart >= 5500 && apart < 6500, `${apart}`);
  });

  it('begin so long after the one before took effect as they say', async () => {
    const { state, recorder } = lively([pause(20_000), { ...kill, beside: true, at: 4000 }]);
    await runFaults(state);
    const [first, second] = eventsOf(recorder.events, 'fault.effective');
    const apart = (second?.after ?? 0) - (first?.by ?? 0);
    assert.ok(apart >= 4000 && apart < 4200, `${apart}`);
  });

  it('that have a length are healed when it has passed, also while the next one waits for its moment', async () => {
    const { state, log, recorder } = lively([pause(2000), { ...kill, beside: true, at: 9000 }]);
    await runFaults(state);
    assert.deepEqual(acts(log), [
      ...['SIGSTOP taskmanager-2', 'SIGCONT taskmanager-2', 'fault.healed'],
      ...['SIGKILL jobmanager-1', 'start jobmanager-1', 'fault.healed'],
    ]);
    const [paused] = eventsOf(recorder.events, 'fault.healed');
    const [, killed] = eventsOf(recorder.events, 'fault.effective');
    assert.ok((paused?.by ?? 0) < (killed?.after ?? 0));
  });

  it('end with what comes last: the step of the fault lasts as long as one of them', async () => {
    const { state, recorder } = lively([pause(20_000), { ...kill, beside: true }]);
    await runFaults(state);
    const ended = recorder.events.find((e) => e.type === 'step' && e.step === 'fault' && e.state === 'ended');
    const [first] = eventsOf(recorder.events, 'fault.effective');
    assert.ok((ended?.mono ?? 0) - (first?.by ?? 0) >= 20_000);
  });

  it('leave those before them in the ledger when one cannot be injected, and wait for nothing', async () => {
    const { state, world, log, ledger, clock } = lively([pause(600_000), { ...kill, beside: true, at: 1000 }]);
    clock.plan(500, () => {
      world.deaf = true;
    });
    assert.match((await outcomeOf(runFaults(state))) ?? '', /still runs/);
    assert.deepEqual(acts(log), ['SIGSTOP taskmanager-2', 'SIGKILL jobmanager-1', 'fault.not-effective']);
    assert.deepEqual(
      ledger.open().map(({ node }) => node),
      ['jobmanager-1', 'taskmanager-2'],
    );
    assert.ok(clock.passed() < 120_000, `${clock.passed()}`);
  });

  it('are not injected any more once one of them cannot be healed', async () => {
    const { state, world, log } = lively([pause(2000), { ...kill, beside: true, at: 300_000 }]);
    world.onSignal = () => {};
    assert.match((await outcomeOf(runFaults(state))) ?? '', /pause could not be healed - taskmanager-2/);
    assert.ok(!log.includes('SIGKILL jobmanager-1'));
  });

  it('are not effective when what one waits for does not come', async () => {
    const { state, log, recorder, clock } = lively([{ ...kill, when: { on: 'restoring' } }]);
    assert.match((await outcomeOf(runFaults(state))) ?? '', /restoring/);
    assert.deepEqual(acts(log), ['fault.not-effective']);
    assert.equal(eventsOf(recorder.events, 'fault.resolved').length, 0);
    assert.ok(clock.passed() >= 120_000 && clock.passed() < 121_000, `${clock.passed()}`);
  });

  it('are left to the healing at the end when the run is interrupted meanwhile', async () => {
    const { state, abort, clock, log, ledger } = lively([pause(60_000), { ...kill, beside: true, at: 30_000 }]);
    clock.plan(5000, () => abort.abort(new Error('enough')));
    assert.equal(await outcomeOf(runFaults(state)), 'enough');
    assert.deepEqual(acts(log), ['SIGSTOP taskmanager-2']);
    assert.equal(ledger.open()[0]?.state, 'active');
  });
});
