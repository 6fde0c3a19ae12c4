import assert from 'node:assert/strict';
import fs, { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openIdTally } from '../../../src/reconcile/ids/id-tally.js';
import type { SpillFs } from '../../../src/reconcile/ids/spill-disk.js';
import { hasCode } from '../../support/has-code.js';
import { addAll, finishAll, modelOf, sightings, sortedById } from '../../support/id-sightings.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const TINY = 16 * 1024;
const MANY = sightings(3, 250, 800, 200);

/** Scratch files this process holds open, unlinked ones included. */
const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.includes('flinch-spill-') ? [path] : [];
    } catch {
      return [];
    }
  });

describe('reconcile: spilling to disk', () => {
  const folder = temporaryFolder();
  const scratch = () => join(folder(), 'a', 'b');
  const lying = (lies: Partial<SpillFs>) =>
    openIdTally({ budgetBytes: TINY, scratch: scratch(), fs: { ...fs, ...lies } });
  const assertNothingIsLeft = () => {
    assert.deepEqual(readdirSync(folder()), []);
    assert.deepEqual(openFiles(), []);
  };

  it('leaves nothing on disk, not even were it killed halfway', async () => {
    const tally = openIdTally({ budgetBytes: TINY, scratch: scratch() });
    addAll(tally, MANY);
    assert.ok(openFiles().length > 0);
    assert.deepEqual(readdirSync(scratch()), []);
    await finishAll(tally);
    assertNothingIsLeft();
    tally.close();
    assert.throws(() => addAll(tally, MANY), hasCode('INTERNAL', /tally that is over/));
  });

  it('leaves a scratch directory that was there', async () => {
    fs.mkdirSync(scratch(), { recursive: true });
    const tally = openIdTally({ budgetBytes: TINY, scratch: scratch() });
    addAll(tally, MANY);
    await finishAll(tally);
    assert.ok(existsSync(scratch()));
    assert.deepEqual(openFiles(), []);
  });

  it('removes its files at the end where an open file cannot be unlinked', async () => {
    const open = new Set<number>();
    const tally = lying({
      openSync: (...of) => {
        const file = fs.openSync(...of);
        open.add(file);
        return file;
      },
      closeSync: (file) => {
        fs.closeSync(file);
        open.delete(file);
      },
      unlinkSync: (path) => {
        if (open.size > 0 && openFiles().includes(String(path))) throw new Error('EBUSY');
        fs.unlinkSync(path);
      },
    });
    addAll(tally, MANY);
    assert.ok(readdirSync(scratch()).length > 0);
    assert.deepEqual(sortedById(await finishAll(tally)), sortedById(modelOf(MANY)));
    assertNothingIsLeft();
  });

  it('is exact although the system writes and reads in bits', async () => {
    const tally = lying({
      writeSync: ((file: number, bytes: Uint8Array, at: number, length: number) =>
        fs.writeSync(file, bytes, at, Math.min(length, 100))) as SpillFs['writeSync'],
      readSync: ((file: number, into: Uint8Array, at: number, length: number, position: number) =>
        fs.readSync(file, into, at, Math.min(length, 101), position)) as SpillFs['readSync'],
    });
    addAll(tally, MANY);
    assert.deepEqual(sortedById(await finishAll(tally)), sortedById(modelOf(MANY)));
  });

  it('says that the disk is full, then and from then on', async () => {
    const tally = lying({ openSync: () => fs.openSync('/dev/full', 'r+'), unlinkSync: () => {} });
    const full = hasCode('SPILL', /cannot write to the scratch directory: ENOSPC.* - .*\/a\/b - give a scratch dir/);
    assert.throws(() => addAll(tally, MANY), full);
    assert.throws(() => addAll(tally, MANY.slice(0, 1)), full);
    await assert.rejects(finishAll(tally), full);
    assertNothingIsLeft();
  });

  it('looks for free space before it writes', () => {
    const stats = { ...fs.statfsSync(folder()), bavail: 3, bsize: 1024 };
    const tally = lying({ statfsSync: (() => stats) as unknown as SpillFs['statfsSync'] });
    assert.throws(() => addAll(tally, MANY), hasCode('SPILL', /only 3072 bytes are free where at least 16384 more/));
    assert.equal(tally.costs().bytesSpilled, 0);
    assertNothingIsLeft();
  });

  it('says that a scratch file lost its end', async () => {
    const tally = lying({ readSync: () => 0 });
    addAll(tally, MANY);
    await assert.rejects(finishAll(tally), hasCode('SPILL', /shorter than what was written/));
    assertNothingIsLeft();
  });

  it('says at once that the scratch directory cannot be used', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    const open = () => openIdTally({ budgetBytes: TINY, scratch: join(file, 'below') });
    assert.throws(open, hasCode('SPILL', /cannot prepare the scratch directory: ENOTDIR/));
  });

  it('ends with the reason of an abort while adding, and leaves nothing', async () => {
    const abort = new AbortController();
    const tally = openIdTally({ budgetBytes: TINY, scratch: scratch(), signal: abort.signal });
    addAll(tally, MANY);
    abort.abort(new Error('stopped'));
    assertNothingIsLeft();
    assert.throws(() => addAll(tally, MANY), /stopped/);
    await assert.rejects(finishAll(tally), /stopped/);
    assert.throws(() => openIdTally({ budgetBytes: TINY, scratch: scratch(), signal: abort.signal }), /stopped/);
    assertNothingIsLeft();
  });

  it('ends with the reason of an abort while finishing, and leaves nothing', async () => {
    const abort = new AbortController();
    const tally = openIdTally({ budgetBytes: TINY, scratch: scratch(), signal: abort.signal });
    addAll(tally, MANY);
    const ended = tally.finish(() => abort.abort(new Error('stopped')));
    await assert.rejects(ended, /stopped/);
    assertNothingIsLeft();
  });

  it('passes on what its reader throws, and leaves nothing', async () => {
    const tally = openIdTally({ budgetBytes: TINY, scratch: scratch() });
    addAll(tally, MANY);
    const ended = tally.finish(() => {
      throw new Error('reader failed');
    });
    await assert.rejects(ended, /reader failed/);
    assertNothingIsLeft();
  });
});
