import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from '../../../src/judge/findings.js';
import { connectKept } from '../../../src/target/local/index.js';
import { type Flinch, SCENARIOS } from '../../support/flinch.js';
import { until } from '../../support/host-processes.js';
import { keepCluster } from '../../support/kept-cluster.js';
import { ownScript } from '../../support/own-script.js';

const scenario = (name: string): string => `${SCENARIOS}${name}.yaml`;

describe('a kept cluster in trouble', () => {
  const cluster = keepCluster();
  const { assertHealthy } = cluster;
  let it_: Flinch;
  before(() => {
    it_ = cluster.it_();
  });

  /** Runs a scenario on this cluster through a target that lies. */
  async function pretend(lie: string, file: string): Promise<{ code: number | null; findings: Findings }> {
    const child = spawn(process.execPath, [...ownScript('pretender'), join(it_.cwd, 'pretended'), lie, file], {
      env: { ...process.env, FLINCH_STATE: join(it_.cwd, 'state') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    await once(child, 'close');
    return { code: child.exitCode, findings: JSON.parse(out) as Findings };
  }

  it('a target that pretends: the fault is not effective, so inconclusive', async () => {
    const { code, findings } = await pretend('no-signal', scenario('kill-leader-jobmanager'));
    assert.equal(code, 2);
    assert.equal(findings.verdict, 'inconclusive');
    const reasons = findings.reasons.join('\n');
    assert.match(reasons, /fault 1 was not effective: SIGKILL was sent but process \d+ still runs/);
    await assertHealthy();
  });

  it('a fault that cannot be healed: exit 5, above every verdict, until `flinch heal` has healed it', async () => {
    const { code, findings } = await pretend('no-start', scenario('kill-standby-jobmanager'));
    assert.equal(code, 5);
    assert.equal(findings.outcome, 'heal-failed');
    assert.match(findings.faults[0]?.healFailed?.reason ?? '', /could not be brought back: no more processes/);
    assert.match((await it_.run('status')).stdout, /left behind: kill on jobmanager-\d/);
    const healed = await it_.run('heal');
    assert.equal(healed.code, 0, healed.stderr);
    await assertHealthy();
  });

  for (const [lie, reason] of [
    ['rest-hangs', /STEADY_STATE: not every task of the job ran 5\.00 s after/],
    ['rest-drips', /STEADY_STATE: not every task/],
    ['rest-resets', /STEADY_STATE: not every task/],
    ['rest-closes-mid-body', /STEADY_STATE: not every task/],
    ['rest-answers-500', /STEADY_STATE: not every task/],
    ['silent-broker', /KAFKA_WIRE: creating the topics .* failed/],
  ] as const) {
    it(`${lie}: inconclusive within its deadlines`, async () => {
      const file = join(it_.cwd, 'short.yaml');
      const text = readFileSync(scenario('kill-leader-jobmanager'), 'utf8');
      writeFileSync(file, text.replace(/^steadyState:.*$/m, 'steadyState: { hold: 2s, within: 5s }'));
      const since = performance.now();
      const { code, findings } = await pretend(lie, file);
      assert.equal(code, 2);
      assert.match(findings.reasons.join('\n'), reason);
      assert.ok(performance.now() - since < 60_000);
    });
  }

  it('kill -9 of the runner during a fault: the ledger tells, and `flinch heal` undoes it', async () => {
    const run = it_.start('run', scenario('kill-leader-jobmanager'));
    await run.says('fault 1 proven');
    run.child.kill('SIGKILL');
    await run.ended();
    const left = await it_.run('heal', '--list');
    assert.match(left.stdout, /^kill on jobmanager-\d, active since /m);
    const healed = await it_.run('heal');
    assert.equal(healed.code, 0, healed.stderr);
    assert.match(healed.stdout, /healed: \d contenders for leadership/);
    assert.match(healed.stdout, /cancelled job [0-9a-f]{32} of an earlier run/);
    assert.match((await it_.run('heal', '--list')).stdout, /no fault is left/);
    await assertHealthy();
  });

  it('kill -9 of the runner during a fault, and nobody comes: the dead-man timer heals it', async () => {
    const run = it_.start('run', scenario('kill-taskmanager'));
    await run.says('fault 1 proven');
    run.child.kill('SIGKILL');
    await run.ended();
    assert.match((await it_.run('status')).stdout, /left behind: kill on taskmanager-\d/);
    const log = () => readFileSync(join(cluster.state().runDir, 'daemon.log'), 'utf8');
    await until('the healing', () => log().includes('dead-man timer: healing ended'), 120_000);
    assert.match(log(), /not been heard of for 20 s; healing\n[\s\S]*healed: [\s\S]*healing ended with 0/);
    await assertHealthy();
  });

  for (const [signal, when] of [
    ['SIGINT', 'fault 1 proven'],
    ['SIGTERM', 'waiting for the steady state'],
  ] as const) {
    it(`${signal} after "${when}": heals first, exit 130`, async () => {
      const run = it_.start('run', scenario('kill-taskmanager'));
      await run.says(when);
      run.child.kill(signal);
      const { code, stdout } = await run.ended();
      assert.equal(code, 130);
      assert.match(stdout, /^INTERRUPTED/);
      await assertHealthy();
    });
  }

  // Last: a JobManager may end itself when it has lost its session.
  it('a frozen ZooKeeper: inconclusive within its deadlines, and nothing is left behind', async () => {
    const driven = connectKept(cluster.state());
    const zookeeper = await driven.processes.identify('zookeeper-1');
    assert.ok(zookeeper);
    try {
      const run = it_.start('run', scenario('kill-leader-jobmanager'));
      // Not before: on a slow machine the JobManagers would have lost their leader before the run had even begun.
      await run.says('starting the workload');
      await driven.processes.signal(zookeeper, 'SIGSTOP');
      const { code, stdout } = await run.ended();
      assert.equal(code, 2, stdout);
      assert.match(stdout, /^INCONCLUSIVE/);
    } finally {
      await driven.processes.signal(zookeeper, 'SIGCONT');
      driven.close();
    }
  });
});
