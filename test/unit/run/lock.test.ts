import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from '../../../src/run/safety/lock.js';
import { identifyProcess } from '../../../src/target/local/index.js';
import { hasCode } from '../../support/has-code.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('the lock', () => {
  const folder = temporaryFolder();
  const file = () => join(folder(), 'lock');
  const mine = () => identifyProcess(process.pid);
  const owner = () => JSON.parse(readFileSync(file(), 'utf8')) as unknown;

  it('names its owner, is refused to a second run, and can be taken again once given back', () => {
    const release = takeLock(file());
    assert.deepEqual(owner(), mine());
    assert.throws(() => takeLock(file()), hasCode('CLUSTER_BUSY', new RegExp(`process ${process.pid}.*--fresh`)));
    assert.deepEqual(owner(), mine());
    release();
    takeLock(file())();
    assert.deepEqual(readdirSync(folder()), []);
  });

  for (const [name, text] of [
    ['a dead owner', () => JSON.stringify({ ...mine(), pid: 2 ** 22 + 1 })],
    ['an owner whose PID went to another process', () => JSON.stringify({ ...mine(), startTime: '1' })],
    ['an owner of before the last boot', () => JSON.stringify({ ...mine(), bootId: 'another' })],
    ['an owner that cannot be read', () => 'garbage'],
  ] as const) {
    it(`is taken over from ${name}`, () => {
      writeFileSync(file(), text());
      const release = takeLock(file());
      assert.deepEqual(owner(), mine());
      release();
      assert.deepEqual(readdirSync(folder()), []);
    });
  }

  it('leaves a live owner its lock', () => {
    const other = identifyProcess(process.ppid);
    writeFileSync(file(), JSON.stringify(other));
    assert.throws(() => takeLock(file()), hasCode('CLUSTER_BUSY', new RegExp(`process ${process.ppid}`)));
    assert.deepEqual(owner(), other);
    assert.deepEqual(readdirSync(folder()), ['lock']);
  });

  it('leaves nothing behind where it cannot be taken', () => {
    assert.throws(() => takeLock(join(folder(), 'none', 'lock')), hasCode('STATE_UNUSABLE', /ENOENT.*none/));
    assert.deepEqual(readdirSync(folder()), []);
  });
});
