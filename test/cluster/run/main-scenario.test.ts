import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../../../src/journal/reader.js';
import type { Findings } from '../../../src/judge/findings.js';
import { type Ended, type Flinch, flinch, SCENARIOS } from '../../support/flinch.js';

const MAIN = `${SCENARIOS}kill-leader-jobmanager.yaml`;

function resultOf(it: Flinch): Findings {
  return JSON.parse(readFileSync(join(it.runs().at(-1) ?? '', 'result.json'), 'utf8')) as Findings;
}

/** What the issue of every passed run of the main scenario is. */
function assertPassed(it: Flinch, { code, stdout, stderr }: Ended): Findings {
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /^PASSED {2}kill-leader-jobmanager$/m);
  const findings = resultOf(it);
  const { balance, faults, objectives } = findings;
  assert.deepEqual(
    objectives.map(({ verdict }) => verdict),
    objectives.map(() => 'passed'),
  );
  assert.deepEqual(balance?.lost, { atLeast: 0, atMost: 0 });
  assert.deepEqual(balance?.duplicated, { atLeast: 0, atMost: 0 });
  assert.ok((balance?.acknowledged ?? 0) > 5000, 'hardly anything was written');
  // The cheap check agrees with the identities, and nothing was given up behind the job's back.
  const { offsets, silentCommitFailures, heldBack } = findings;
  assert.deepEqual([offsets?.difference, offsets?.deleted, offsets?.disagreements], [0, [], []]);
  for (const { end = -1, committed = 0, read = 0 } of offsets?.source ?? []) assert.ok(committed <= end && read <= end);
  assert.ok(offsets?.source.some(({ committed = 0, read = 0 }) => committed > 0 && read > 0));
  assert.equal(silentCommitFailures, undefined);
  assert.equal(heldBack, undefined);
  const [fault] = faults;
  assert.equal(fault?.impact?.state, 'seen');
  assert.deepEqual(
    fault?.phases.map(({ name, state }) => [name, state]),
    ['leadershipLost', 'newLeader', 'tasksRunning', 'firstCheckpoint', 'firstOutput', 'caughtUp'].map((name) => [
      name,
      'reached',
    ]),
  );
  assert.deepEqual(
    fault?.evidence.map(({ of }) => of),
    ['resolved', 'effective', 'confirmed', 'healed'],
  );
  return findings;
}

describe('kill-leader-jobmanager', () => {
  describe('on Flink 1.20', () => {
    let it_: Flinch;
    let ended: Ended;
    before(async () => {
      it_ = flinch();
      ended = await it_.run('run', MAIN);
    });
    after(() => rmSync(it_.cwd, { recursive: true, force: true }));

    it('passes: recovered within its bound, nothing lost, nothing duplicated', () => {
      const { balance } = assertPassed(it_, ended);
      // What the killed sink left behind is there at read_uncommitted, and only there.
      assert.ok((balance?.duplicatedUncommittedOnly ?? 0) > 0);
    });

    it('watched the job at least 4 times a second at each endpoint that answered, and everything else too', () => {
      const { events } = readJournal(join(it_.runs()[0] ?? '', 'journal.ndjson'));
      const effective = events.find(({ type }) => type === 'fault.effective');
      const steady = events.flatMap((e) => (e.type === 'steady-state' ? [e.since ?? Number.NaN] : []))[0] ?? Number.NaN;
      const looks = events.filter(
        (e) => e.type === 'observed.jobs' && e.start > steady && e.seq < (effective?.seq ?? 0),
      );
      const seconds = ((effective?.mono ?? 0) - steady) / 1000;
      assert.ok(looks.length / 2 / seconds >= 4, `${looks.length} looks in ${seconds} s`);
      const seen = new Set(events.map(({ type }) => type));
      for (const what of ['leader', 'checkpoints', 'exceptions', 'taskmanagers', 'output', 'load', 'topic', 'group']) {
        assert.ok(seen.has(`observed.${what}` as never), what);
      }
      assert.ok(events.some((e) => e.type === 'observed.leader' && e.by === 'watch'));
      assert.ok(events.some((e) => e.type === 'observed.metrics' && (e.committables?.successful ?? 0) > 0));
      assert.ok(events.some((e) => e.type === 'observed.metrics' && e.committables?.failed === 0));
      assert.equal(events.at(-1)?.type, 'run.ended');
    });

    it('keeps the log of every node, and empties the ledger', () => {
      const dir = it_.runs()[0] ?? '';
      const logs = readdirSync(join(dir, 'logs'));
      assert.deepEqual(logs.sort(), [
        'broker-1.log',
        'gateway.log',
        'jobmanager-1.log',
        'jobmanager-2.log',
        'taskmanager-1.log',
        'taskmanager-2.log',
        'zookeeper-1.log',
      ]);
      for (const log of logs) assert.ok(statSync(join(dir, 'logs', log)).size > 0, log);
      for (const entry of readdirSync(join(dir, 'ledger'))) {
        assert.equal(JSON.parse(readFileSync(join(dir, 'ledger', entry), 'utf8')).state, 'healed');
      }
    });

    it('is reported again from the journal alone, byte for byte', async () => {
      const dir = it_.runs()[0] ?? '';
      const names = ['result.json', 'junit.xml', 'report.html'];
      const first = names.map((name) => readFileSync(join(dir, name), 'utf8'));
      for (const name of names) rmSync(join(dir, name));
      const { code, stdout } = await it_.run('report', dir);
      assert.equal(code, 0);
      assert.match(stdout, /^PASSED/);
      assert.deepEqual(
        names.map((name) => readFileSync(join(dir, name), 'utf8')),
        first,
      );
      assert.equal((first[1]?.match(/<testcase /g) ?? []).length, 5);
    });
  });

  for (const [line, version] of [
    ['2.2', '2.2.0'],
    ['2.3', '2.3.0'],
  ] as const) {
    it(`passes on Flink ${line}`, async () => {
      const it_ = flinch();
      assertPassed(it_, await it_.run('run', MAIN, '--flink', line));
      const { events } = readJournal(join(it_.runs()[0] ?? '', 'journal.ndjson'));
      assert.equal(events.flatMap((e) => (e.type === 'cluster.up' ? [e.flinkVersion] : []))[0], version);
      rmSync(it_.cwd, { recursive: true, force: true });
    });
  }

  it('with the default timeouts: a new leader after about 40 s', async () => {
    const it_ = flinch();
    const { code, stderr } = await it_.run('run', `${SCENARIOS}kill-leader-default-timeouts.yaml`);
    assert.equal(code, 0, stderr);
    const took = resultOf(it_).faults[0]?.phases.find(({ name }) => name === 'newLeader')?.took;
    assert.ok(took && took.atLeast > 25_000 && (took.atMost ?? Number.NaN) < 50_000, JSON.stringify(took));
    rmSync(it_.cwd, { recursive: true, force: true });
  });
});
