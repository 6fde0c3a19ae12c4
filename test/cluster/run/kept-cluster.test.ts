import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../../../src/journal/reader.js';
import type { Findings } from '../../../src/judge/findings.js';
import { type Flinch, SCENARIOS } from '../../support/flinch.js';
import { keepCluster } from '../../support/kept-cluster.js';
import { standbyRun } from '../../support/standby-run.js';
import { stoppedRun } from '../../support/stopped-run.js';

const scenario = (name: string): string => `${SCENARIOS}${name}.yaml`;

describe('a kept cluster', () => {
  const cluster = keepCluster();
  const { assertHealthy } = cluster;
  let it_: Flinch;
  before(() => {
    it_ = cluster.it_();
  });

  /** The latest run of a scenario. */
  function findingsOf(name: string): Findings {
    const dir = it_.runs().findLast((run) => run.endsWith(`-${name}`)) ?? '';
    return JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8')) as Findings;
  }

  it("shows Flink's own web UI to a browser on this machine", async () => {
    const page = await (await fetch(cluster.state().webUi)).text();
    assert.match(page, /Apache Flink/);
    assert.equal(
      ((await (await fetch(`${cluster.state().webUi}/overview`)).json()) as { taskmanagers: number }).taskmanagers,
      2,
    );
  });

  it('exists once', async () => {
    const { code, stderr } = await it_.run('up');
    assert.equal(code, 4);
    assert.match(stderr, /CLUSTER_EXISTS/);
  });

  it('is examined by the doctor as it is configured', async () => {
    const { code, stdout } = await it_.run('doctor', '--format', 'json', '--fail-on', 'warning');
    const { of, findings, problems } = JSON.parse(stdout) as {
      of: string[];
      findings: { rule: string; what: string }[];
      problems: string[];
    };
    assert.deepEqual([code, of, problems], [1, [cluster.state().webUi], []]);
    const what = (rule: string) => findings.find((it) => it.rule === rule)?.what ?? '';
    assert.match(what('known-defect'), /^Flink 1\.20\.3 has CURATOR-696/);
    assert.match(what('one-zookeeper'), /^the quorum is \d+\.\d+\.\d+\.\d+:\d+ alone$/);
    // What Flinch itself writes into a configuration is known to Flink.
    assert.equal(what('unknown-setting'), '');
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

  it('a dry run says what a guard refuses', async () => {
    const text = readFileSync(scenario('kill-all-taskmanagers'), 'utf8');
    const file = join(it_.cwd, 'guarded.yaml');
    writeFileSync(file, `${text}guards: { remain: 1 }\n`);
    const { code, stdout } = await it_.run('run', file, '--dry-run');
    assert.equal(code, 4);
    assert.match(stdout, /kill: refused: no taskmanager would be left running, and guards\.remain asks for 1/);
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
});
