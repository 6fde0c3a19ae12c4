import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PHASES } from '../../src/core/scenario.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { readJournal } from '../../src/journal/reader.js';
import type { Findings } from '../../src/judge/findings.js';
import { cacheDir } from '../../src/target/local/paths.js';
import { type Ended, type Flinch, flinch, SCENARIOS } from './flinch.js';

export const MAIN = `${SCENARIOS}kill-leader-jobmanager.yaml`;

export function resultOf(it: Flinch): Findings {
  return JSON.parse(readFileSync(join(it.runs().at(-1) ?? '', 'result.json'), 'utf8')) as Findings;
}

/** What every passed run of the main scenario shows. */
export function assertPassed(it: Flinch, { code, stdout, stderr }: Ended): Findings {
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
    // No delay where another JobManager takes over; a slow machine may restart the job once more.
    fault?.phases.filter(({ name }) => name !== 'backoffOver').map(({ name, state }) => [name, state]),
    // It never runs with fewer tasks, so there is no capacity to be regained.
    PHASES.filter((name) => name !== 'backoffOver' && name !== 'capacityRegained').map((name) => [name, 'reached']),
  );
  assert.equal(fault?.failover, 'JobManager failover');
  assert.deepEqual([fault?.expectation?.course, fault?.expectation?.within], ['takeover', 'yes']);
  // Flink's own times, moved by its clock, meet what the looks saw.
  const [restored, running] = (['stateRestored', 'tasksRunning'] as const).map(
    (name) => fault?.phases.find((phase) => phase.name === name)?.at,
  );
  assert.ok(restored && running && restored.after <= running.by + 300 && running.after <= restored.by + 300);
  const { job, output } = findings.availability ?? {};
  for (const share of [job, output]) assert.ok(share && share.atLeast > 0 && (share.atMost ?? 100) < 100);
  assert.deepEqual(
    fault?.evidence.map(({ of }) => of),
    ['resolved', 'effective', 'confirmed', 'healed'],
  );
  return findings;
}

/** The main scenario as it stands, on a line of Flink. Each line has a test file of its own, so that two run at once. */
export function passesOn(
  line: string,
  version: string,
  env: Record<string, string> = {},
  more: (events: readonly JournalEvent[]) => void = () => {},
): void {
  it(`kill-leader-jobmanager passes on Flink ${line}`, async () => {
    const it_ = flinch(env);
    const before = archives();
    assertPassed(it_, await it_.run('run', MAIN, '--flink', line));
    const { events } = readJournal(join(it_.runs()[0] ?? '', 'journal.ndjson'));
    assert.equal(events.flatMap((e) => (e.type === 'cluster.up' ? [e.flinkVersion] : []))[0], version);
    more(events);
    if (env.FLINCH_CLASS_DATA === 'read') assert.deepEqual(archives(), before);
    rmSync(it_.cwd, { recursive: true, force: true });
  });
}

const archives = (): string[] => {
  const dir = join(cacheDir(), 'cds');
  return existsSync(dir) ? readdirSync(dir) : [];
};
