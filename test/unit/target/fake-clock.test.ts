import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aheadOf, libfaketime, skewedEnv } from '../../../src/target/local/fake-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A moment as logs write it, in local time. */
function stamp(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${day} ${time},${String(at.getMilliseconds()).padStart(3, '0')}`;
}

describe('a wrong clock', () => {
  const folder = temporaryFolder();
  const NOW = new Date('2026-03-01T10:00:00.250');

  it('is what the newest line of a log shows against the time at which it was written', () => {
    const log = join(folder(), 'ahead.log');
    const hour = new Date(NOW.getTime() + 3_600_000);
    writeFileSync(log, `${stamp(NOW)} INFO  Some started\n${stamp(hour)} INFO  Some leads\n\tat a.b.C\n`);
    utimesSync(log, NOW, NOW);
    assert.equal(aheadOf(log, 0), 3_600_000);
  });

  it('is not known from what an earlier process has written', () => {
    const log = join(folder(), 'earlier.log');
    writeFileSync(log, `${stamp(NOW)} INFO  Some started\n`);
    const from = statSync(log).size;
    assert.equal(aheadOf(log, from), undefined);
    appendFileSync(log, 'no stamp\n');
    assert.equal(aheadOf(log, from), undefined);
    appendFileSync(log, `${stamp(new Date(NOW.getTime() - 60_000))} INFO  Some started\n`);
    utimesSync(log, NOW, NOW);
    assert.equal(aheadOf(log, from), -60_000);
  });

  it('comes with libfaketime, wherever a distribution puts it, and leaves timers alone', () => {
    const root = join(folder(), 'lib');
    assert.equal(libfaketime([root]), undefined);
    const home = join(root, 'x86_64-linux-gnu', 'faketime');
    mkdirSync(home, { recursive: true });
    assert.equal(libfaketime([root]), undefined);
    const library = join(home, 'libfaketimeMT.so.1');
    writeFileSync(library, '');
    assert.equal(libfaketime([join(folder(), 'no'), root]), library);
    const { FAKETIME, LD_PRELOAD, ...rest } = skewedEnv(library, -1500);
    assert.deepEqual([FAKETIME, LD_PRELOAD], ['-1.5', library]);
    assert.equal(skewedEnv(library, 60_000).FAKETIME, '+60');
    assert.deepEqual(rest, {
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_FORCE_MONOTONIC_FIX: '0',
      NO_FAKE_STAT: '1',
    });
  });
});
