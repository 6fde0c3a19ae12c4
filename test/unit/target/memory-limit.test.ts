import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { limitsMemory, localMemory, parseMemory } from '../../../src/target/local/memory-limit.js';
import { identifyProcess } from '../../../src/target/local/process-identity.js';

describe('the memory of a process', () => {
  it('is limited, as the kernel tells, given back, and not known of one that has ended', async function () {
    if (!limitsMemory()) this.skip();
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const identity = identifyProcess(child.pid ?? -1);
    assert.ok(identity);
    try {
      const before = await localMemory.of(identity);
      assert.ok(before && before.used > 0);
      await localMemory.limit(identity, 123_456_789);
      assert.equal((await localMemory.of(identity))?.limit, 123_456_789);
      await localMemory.limit(identity, before.limit);
      assert.equal((await localMemory.of(identity))?.limit, before.limit);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    assert.equal(await localMemory.of(identity), undefined);
    await localMemory.limit(identity, 1);
  });

  it('is read from what the kernel writes', () => {
    const limits = (most: string) =>
      `Limit  Soft Limit  Hard Limit  Units\nMax data size             ${most}            unlimited  bytes\n`;
    assert.deepEqual(parseMemory('VmSize:\t  9 kB\nVmData:\t     412 kB\n', limits('unlimited')), { used: 412 * 1024 });
    assert.deepEqual(parseMemory('VmData:\t     412 kB\n', limits('5000')), { used: 412 * 1024, limit: 5000 });
    // One that is ending has no memory any more.
    assert.equal(parseMemory('State:\tX (dead)\n', limits('5000')), undefined);
  });
});
