import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.js';
import { pollUntil } from '../../../src/core/poll.js';
import { isAlive, signalProcess } from '../../../src/target/local/process-identity.js';
import type { ProcessIdentity } from '../../../src/target/ports.js';
import { ownScript } from '../../support/own-script.js';

const soon = (what: string, look: () => boolean) =>
  pollUntil(what, async () => look() || undefined, {
    every: 20,
    clock: systemClock,
    signal: new AbortController().signal,
    within: 5000,
  });

describe('the reaper of plain processes', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'flinch-test-'));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  const killOwner = async (...how: string[]): Promise<ProcessIdentity> => {
    const owner = spawn(process.execPath, [...ownScript('reaper-owner'), scratch, ...how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(owner.stdout, 'data');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    return JSON.parse(String(line)) as ProcessIdentity;
  };

  it('ends them and removes their files when their owner is killed with -9', async () => {
    const sleeper = await killOwner();
    await soon('the end of the process', () => !isAlive(sleeper));
    await soon('the end of its files', () => !existsSync(scratch));
  });

  it('does nothing once it is dismissed, and never to a process that only has the PID', async () => {
    for (const how of ['dismissed', 'stranger']) {
      const sleeper = await killOwner(how);
      spawnSync('sleep', ['0.2']);
      assert.equal(isAlive(sleeper), true, how);
      signalProcess(sleeper, 'SIGKILL');
    }
  });
});
