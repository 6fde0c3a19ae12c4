import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../../../src/core/error.js';
import { makeRunFolder } from '../../../src/run/run-folder.js';
import { refuseLacking } from '../../../src/run/safety/guards.js';
import { interruptedBy, interruptible } from '../../../src/run/safety/interrupt.js';
import { detectionOf, unnoticedOf } from '../../../src/run/steps/detection.js';
import { worstExit } from '../../../src/run/suite.js';
import { handMadeScenario } from '../../support/hand-made-run.js';
import { hasCode } from '../../support/has-code.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('before a run', () => {
  describe('a target that lacks something', () => {
    const kill = { kind: 'kill', options: {} };
    const scenario = handMadeScenario({ faults: [kill, { kind: 'partition', options: {} }, kill] });
    const requires = ({ kind }: { kind: string }) =>
      kind === 'kill' ? (['process'] as const) : (['network', 'disk'] as const);

    it('is refused with every fault that needs it, and the reason', () => {
      const lacking = { network: 'nodes share one network', process: 'somebody else runs the nodes' };
      assert.throws(
        () => refuseLacking(scenario, lacking, requires),
        hasCode(
          'CAPABILITY_MISSING',
          /fault 1 \(kill\).*process: somebody.*\nfault 2 \(partition\).*network: nodes share.*\nfault 3 \(kill\)/,
        ),
      );
    });

    it('is refused where its cluster needs it', () => {
      const named = handMadeScenario({ faults: [], cluster: { ...scenario.cluster, names: true } });
      const why = /^the target cannot.*cluster\.names needs the capability names: shared/;
      assert.throws(() => refuseLacking(named, { names: 'shared' }, requires), hasCode('CAPABILITY_MISSING', why));
      refuseLacking(named, {}, requires);
    });

    it('is accepted where no fault needs it', () => {
      refuseLacking(scenario, {}, requires);
      refuseLacking(handMadeScenario({ faults: [kill] }), { network: 'no', disk: 'no' }, requires);
    });
  });

  describe('the folder of a run', () => {
    const folder = temporaryFolder();
    const wall = new Date(2026, 10, 21, 6, 2, 7).getTime();

    it('is named by time and scenario, and is never one that is there', () => {
      const reports = join(folder(), 'a', 'reports');
      const made = [1, 2, 3].map(() => makeRunFolder(reports, 'kill-it', wall));
      const base = '20261121-060207-kill-it';
      assert.deepEqual(
        made.map(({ run }) => run),
        [base, `${base}-2`, `${base}-3`],
      );
      assert.equal(made[2]?.dir, join(reports, `${base}-3`));
    });

    it('is an error with a code where it cannot be made', () => {
      writeFileSync(join(folder(), 'file'), '');
      assert.throws(
        () => makeRunFolder(join(folder(), 'file'), 'x', wall),
        hasCode('JOURNAL_WRITE', /cannot be made.*--reports/),
      );
    });
  });

  describe('the time to notice a lost member', () => {
    it('is the longest of the timeouts, whether set or default, and a margin', () => {
      const of = (heartbeat: string, session: string) =>
        detectionOf({ 'heartbeat.timeout': heartbeat, 'zookeeper.grantedSessionTimeout': session });
      assert.equal(of('6s', '10000 ms'), 18_000);
      assert.equal(of('12 s (default)', '6000 ms'), 20_000);
      assert.equal(of('6000', '6000 ms'), 14_000);
    });

    it('leaves a part of the shortest timeout in which nobody notices that a process stands still', () => {
      const settings = { 'heartbeat.timeout': '50 s (default)', 'zookeeper.grantedSessionTimeout': '6000' };
      assert.equal(unnoticedOf(settings), 1500);
      assert.equal(unnoticedOf({ ...settings, 'heartbeat.timeout': '4s' }), 1000);
    });

    it("is Flink's default where a timeout is not known", () => {
      assert.equal(detectionOf({}), 58_000);
      assert.equal(detectionOf({ 'heartbeat.timeout': '6s' }), 58_000);
      assert.equal(detectionOf({ 'heartbeat.timeout': 'soon', 'zookeeper.grantedSessionTimeout': '6 s' }), 58_000);
    });
  });

  describe('an interrupt', () => {
    it('aborts once, tells further signals that it heals, and lets go of them in the end', () => {
      const listening = () => (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => process.listenerCount(name));
      const before = listening();
      const said: string[] = [];
      const { signal, release } = interruptible((line) => said.push(line));
      try {
        assert.deepEqual(
          listening(),
          before.map((n) => n + 1),
        );
        assert.equal(interruptedBy(signal), undefined);
        process.emit('SIGTERM', 'SIGTERM');
        assert.equal(interruptedBy(signal), 'SIGTERM');
        assert.throws(() => signal.throwIfAborted(), hasCode('INTERRUPTED', /SIGTERM/));
        process.emit('SIGHUP', 'SIGHUP');
        process.emit('SIGTERM', 'SIGTERM');
        assert.equal(interruptedBy(signal), 'SIGTERM');
        assert.equal(said.length, 3);
        assert.match(said[1] ?? '', /SIGHUP again: still healing/);
      } finally {
        release();
      }
      assert.deepEqual(listening(), before);
    });

    it('has a name also when it was no signal', () => {
      assert.equal(interruptedBy(AbortSignal.abort()), 'an abort');
    });
  });

  describe('the exit code of a suite', () => {
    const { passed, failed, inconclusive, badInput, refused, healFailed, interrupted } = ExitCode;

    it('is that of its worst part', () => {
      assert.equal(worstExit([passed, passed]), passed);
      assert.equal(worstExit([passed, inconclusive]), inconclusive);
      assert.equal(worstExit([inconclusive, failed, passed]), failed);
      assert.equal(worstExit([failed, refused]), refused);
      assert.equal(worstExit([failed, badInput]), badInput);
      assert.equal(worstExit([failed, interrupted]), interrupted);
      assert.equal(worstExit([interrupted, healFailed, failed]), healFailed);
    });

    it('is inconclusive for nothing at all, and never loses a code', () => {
      assert.equal(worstExit([]), inconclusive);
      for (const code of Object.values(ExitCode)) assert.equal(worstExit([code]), code);
    });
  });
});
