import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../../../src/journal/reader.js';
import type { Findings } from '../../../src/judge/findings.js';
import { connectKept, type KeptState } from '../../../src/target/local/index.js';
import { type Flinch, flinch, SCENARIOS } from '../../support/flinch.js';
import { until } from '../../support/host-processes.js';
import { ownScript } from '../../support/own-script.js';
import { standbyRun } from '../../support/standby-run.js';
import { stoppedRun } from '../../support/stopped-run.js';

const scenario = (name: string): string => `${SCENARIOS}${name}.yaml`;

describe('a kept cluster', () => {
  let it_: Flinch;
  let kept: KeptState;

  before(async () => {
    it_ = flinch();
    const { code, stdout, stderr } = await it_.run('up');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^web UI: http:\/\/127\.0\.0\.1:\d+$/m);
    kept = JSON.parse(readFileSync(join(it_.cwd, 'state', 'clusters', 'default', 'state.json'), 'utf8')) as KeptState;
  });

  after(async () => {
    const { code } = await it_.run('down');
    const { stdout } = await it_.run('status');
    rmSync(it_.cwd, { recursive: true, force: true });
    assert.equal(code, 0);
    assert.match(stdout, /there is no kept cluster/);
  });

  /** The latest run of a scenario. */
  function findingsOf(name: string): Findings {
    const dir = it_.runs().findLast((run) => run.endsWith(`-${name}`)) ?? '';
    return JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8')) as Findings;
  }

  /** Every node runs, Flink is whole, no fault is left. */
  async function assertHealthy(): Promise<void> {
    const { stdout } = await it_.run('status');
    assert.equal((stdout.match(/ process \d+$/gm) ?? []).length, 7, stdout);
    assert.match(stdout, /2 TaskManagers, 4 of 4 slots free/);
    assert.doesNotMatch(stdout, /left behind/);
  }

  it("shows Flink's own web UI to a browser on this machine", async () => {
    const page = await (await fetch(kept.webUi)).text();
    assert.match(page, /Apache Flink/);
    assert.equal(((await (await fetch(`${kept.webUi}/overview`)).json()) as { taskmanagers: number }).taskmanagers, 2);
  });

  it('exists once', async () => {
    const { code, stderr } = await it_.run('up');
    assert.equal(code, 4);
    assert.match(stderr, /CLUSTER_EXISTS/);
  });

  it('is looked at by a dry run, which names whom each fault would befall', async () => {
    const { code, stdout, stderr } = await it_.run(
      'run',
      scenario('kill-leader-jobmanager'),
      scenario('kill-taskmanager'),
      scenario('partition-leader-from-zookeeper'),
      '--dry-run',
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /kill jobmanager\.leader would be jobmanager-\d \(process \d+\): ZooKeeper records/);
    assert.match(stdout, /kill: nobody yet, as no TaskManager runs a subtask of the job/);
    assert.match(stdout, /partition jobmanager\.leader \| zookeeper\.all would be jobmanager-\d: /);
    await assertHealthy();
  });

  it('serves a suite: a mocha reporter of choice, the worst verdict as exit code, the cluster as it was', async () => {
    const { code, stdout, stderr } = await it_.run(
      'run',
      scenario('kill-leader-no-guarantee'),
      scenario('kill-taskmanager'),
      scenario('kill-leader-count'),
      scenario('kill-leader-at-least-once'),
      scenario('kill-taskmanager-no-guarantee'),
      '--reporter',
      'json',
    );
    assert.equal(code, 1, stderr);
    // Standard output is the reporter's alone.
    const { stats, failures } = JSON.parse(stdout) as {
      stats: { suites: number; tests: number };
      failures: { fullTitle: string; err: { message: string } }[];
    };
    assert.deepEqual([stats.suites, stats.tests], [5, 15]);
    assert.deepEqual(
      failures.map(({ fullTitle }) => fullTitle),
      ['The leading JobManager is killed under a sink without a guarantee duplicated 0'],
    );
    assert.match(failures[0]?.err.message ?? '', /^failed: \d+ extra occurrences/);
    await assertHealthy();
  });

  standbyRun(() => it_);

  it('no guarantee: failed, with the number of duplicated records and the first of them', () => {
    const { verdict, balance } = findingsOf('kill-leader-no-guarantee');
    assert.equal(verdict, 'failed');
    assert.ok((balance?.duplicated.atLeast ?? 0) > 0);
    const example = balance?.examples.find(({ problem }) => problem === 'duplicated');
    assert.ok(example?.offset !== undefined && example.partition !== undefined && example.sequences);
  });

  it('at-least-once: duplicated, which is no failure, and nothing lost', () => {
    const { verdict, balance, replays } = findingsOf('kill-leader-at-least-once');
    assert.equal(verdict, 'passed');
    assert.deepEqual(balance?.lost, { atLeast: 0, atMost: 0 });
    // What was duplicated is what was processed again after the one fault.
    const duplicated = balance?.duplicated.atLeast ?? 0;
    assert.ok(duplicated > 0);
    assert.equal(replays?.[0]?.records.atLeast, duplicated);
    assert.ok((replays?.[0]?.checkpoint ?? 0) > 0 && replays?.[0]?.depth);
  });

  it('no guarantee, and a sink that waits before it sends: lost, and it never reached the output', () => {
    const { verdict, balance } = findingsOf('kill-taskmanager-no-guarantee');
    assert.equal(verdict, 'passed');
    const lost = balance?.lost.atLeast ?? 0;
    assert.ok(lost > 0);
    const fates = balance?.losses ?? [];
    assert.equal(
      fates.reduce((n, { count }) => n + count, 0),
      lost,
    );
    for (const { output, input, firstTime } of fates) {
      assert.deepEqual([output, input], ['nowhere', 'held']);
      assert.ok(firstTime);
    }
  });

  it('the TaskManager that was killed ran the job', () => {
    const { verdict, faults } = findingsOf('kill-taskmanager');
    assert.equal(verdict, 'passed');
    assert.match(faults[0]?.evidence[0]?.lines[0] ?? '', /taskmanager-\d runs [1-4] subtasks of the job/);
    assert.equal(faults[0]?.impact?.state, 'seen');
  });

  it('the state of the counting job is right, at every update', () => {
    const { verdict, balance } = findingsOf('kill-leader-count');
    assert.equal(verdict, 'passed');
    assert.deepEqual(balance?.wrongState, { atLeast: 0, atMost: 0 });
    const dir = it_.runs().findLast((run) => run.endsWith('-kill-leader-count')) ?? '';
    const { events } = readJournal(join(dir, 'journal.ndjson'));
    assert.ok(events.some((e) => e.type === 'data.state' && e.updates > 1000));
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
    const log = () => readFileSync(join(kept.runDir, 'daemon.log'), 'utf8');
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

  it('serves one run at a time, until `flinch stop` ends it', async () => {
    const first = it_.start('run', scenario('kill-taskmanager'));
    await first.says('starting the workload');
    const second = await it_.run('run', scenario('kill-taskmanager'));
    assert.equal(second.code, 4);
    assert.match(second.stderr, /CLUSTER_BUSY: another run uses this cluster - process \d+/);
    const stopped = await it_.run('stop');
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.match(stopped.stdout, /kill-taskmanager, for .* heals and ends[\s\S]*it has ended/);
    assert.equal((await first.ended()).code, 130);
    assert.deepEqual(await it_.run('stop'), { code: 3, stdout: 'no run goes on\n', stderr: '' });
  });

  stoppedRun(() => it_, assertHealthy);

  // Last: a JobManager may end itself when it has lost its session.
  it('a frozen ZooKeeper: inconclusive within its deadlines, and nothing is left behind', async () => {
    const cluster = connectKept(kept);
    const zookeeper = await cluster.processes.identify('zookeeper-1');
    assert.ok(zookeeper);
    try {
      const run = it_.start('run', scenario('kill-leader-jobmanager'));
      // Not before: on a slow machine the JobManagers would have lost their leader before the run had even begun.
      await run.says('starting the workload');
      await cluster.processes.signal(zookeeper, 'SIGSTOP');
      const { code, stdout } = await run.ended();
      assert.equal(code, 2, stdout);
      assert.match(stdout, /^INCONCLUSIVE/);
    } finally {
      await cluster.processes.signal(zookeeper, 'SIGCONT');
      cluster.close();
    }
  });
});
