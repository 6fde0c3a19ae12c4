import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../../../src/journal/reader.js';
import { flinch } from '../../support/flinch.js';
import { assertPassed, MAIN } from '../../support/main-scenario.js';

it('kill-leader-jobmanager passes on Flink 2.2', async () => {
  const it_ = flinch();
  assertPassed(it_, await it_.run('run', MAIN, '--flink', '2.2'));
  const { events } = readJournal(join(it_.runs()[0] ?? '', 'journal.ndjson'));
  assert.equal(events.flatMap((e) => (e.type === 'cluster.up' ? [e.flinkVersion] : []))[0], '2.2.0');
  rmSync(it_.cwd, { recursive: true, force: true });
});
