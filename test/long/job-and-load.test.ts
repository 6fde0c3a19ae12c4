import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readJournal } from '../../src/journal/reader.js';
import type { FaultFinding } from '../../src/judge/findings.js';
import { assertNothingLeft, phase, playScenarios, proof } from '../support/played-scenarios.js';

/** Green because of what is lost. */
const DELETED = 'input-deleted';
const TOTALS = 'skewed-load';
const NAMES = ['job-operations', 'restore-changed-schema', 'rescaled-job', 'surge', TOTALS, DELETED];

describe('operations on the job, and faults of its load', () => {
  const played = playScenarios(NAMES);
  const { faultsOf, findings } = played;

  it('pass', () => {
    for (const name of NAMES) assert.equal(findings(name).verdict, 'passed', name);
  });

  it('operations: the job is saved, stopped, rescaled and cancelled, and goes on from where it was each time', () => {
    const operations = faultsOf('job-operations');
    assert.deepEqual(
      operations.map(({ kind, operation }) => [kind, operation?.state]),
      ['savepoint', 'stopJob', 'stopJob', 'cancelJob'].map((kind) => [kind, 'completed']),
    );
    const dir =
      played
        .it_()
        .runs()
        .find((run) => run.endsWith('-job-operations')) ?? '';
    const starts = readJournal(join(dir, 'journal.ndjson')).events.flatMap((e) =>
      e.type === 'job.submitted' ? [e] : [],
    );
    assert.equal(new Set(starts.map(({ jobId }) => jobId)).size, 4);
    assert.deepEqual(
      starts.map(({ from = 'nowhere' }) => /savepoint-|chk-|nowhere/.exec(from)?.[0]),
      ['nowhere', 'savepoint-', 'savepoint-', 'chk-'],
    );
    const parallelism = starts.map(({ statements }) => /'parallelism.default' = '(\d)'/.exec(statements.join())?.[1]);
    assert.deepEqual(parallelism, ['2', '2', '4', '4']);
    for (const { operation, impact } of operations.slice(1))
      assert.deepEqual([!!operation, impact?.state], [true, 'seen']);
  });

  it('restoreChanged: Flink refuses state of another schema and says so, and the job goes on as it was', () => {
    const [restore] = faultsOf('restore-changed-schema');
    assert.match(proof(restore as FaultFinding, 'ended'), /the changed job failed: StateMigrationException: /);
    const objectives = findings('restore-changed-schema').objectives;
    assert.deepEqual(
      objectives.map(({ name, verdict }) => `${name} ${verdict}`),
      ['recovery passed', 'wrongState passed', 'operations passed'],
    );
  });

  it('surge: many times the records are written for a while, which the job works off', () => {
    const [surge] = faultsOf('surge');
    const [, rate] = /writes (\d+) records\/s/.exec(proof(surge as FaultFinding, 'effective')) ?? [];
    assert.ok(Number(rate) > 3000, rate);
    // Counted over a second, in which nine or eleven batches may fall.
    const [, usual] = /writes (\d+) records\/s/.exec(proof(surge as FaultFinding, 'healed')) ?? [];
    assert.ok(Number(usual) > 500 && Number(usual) < 2000, usual);
    assert.equal(phase(surge as FaultFinding, 'caughtUp')?.state, 'reached');
  });

  it('skew: one partition gets most of the records, and then as many as the others', () => {
    const [skew, kill] = faultsOf(TOTALS) as [FaultFinding, FaultFinding];
    const share = (of: 'effective' | 'healed') => Number(/gets (\d+) %/.exec(proof(skew, of))?.[1]);
    assert.ok(share('effective') > 55 && share('healed') < 60, `${share('effective')} ${share('healed')}`);
    assert.match(proof(kill, 'resolved'), /held \d+ bytes of state in checkpoint \d+, the most of all/);
  });

  it('deleteRecords: what the job had not read is lost, found, and not laid to the job', () => {
    const [, deletion] = faultsOf(DELETED) as [FaultFinding, FaultFinding];
    assert.match(proof(deletion, 'effective'), /\d+ offsets of .*\.input are gone; its partitions begin at 0: \d+/);
    const { balance, offsets } = findings(DELETED);
    const lost = balance?.lost.atLeast ?? 0;
    // Some 4 s of records.
    assert.ok(lost > 1000 && lost === balance?.lost.atMost, `${lost}`);
    const unread = (offsets?.deleted ?? []).map(
      (it) => [it.unread.atLeast, it.unread.atMost ?? Number.POSITIVE_INFINITY] as const,
    );
    const [least, most] = [0, 1].map((i) => unread.reduce((sum, it) => sum + (it[i] as number), 0)) as [number, number];
    assert.ok(least <= lost && lost <= most, `${least} ${lost} ${most}`);
  });

  it('rescale: the job runs with another parallelism, and with the first one again', () => {
    const outcomes = faultsOf('rescaled-job').map(({ operation, impact }) => [operation?.text, impact?.state]);
    assert.deepEqual(outcomes, [
      ['every vertex runs with 4 subtasks', 'seen'],
      ['every vertex runs with 2 subtasks', 'seen'],
    ]);
  });

  it('leave an empty ledger, and no trouble that a fault does not explain', () => assertNothingLeft(played.it_()));
});
