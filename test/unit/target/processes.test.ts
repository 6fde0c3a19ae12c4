import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { systemClock } from '../../../src/core/clock.js';
import { pollUntil } from '../../../src/core/poll.js';
import { identifyProcess, isAlive, isStopped, signalProcess } from '../../../src/target/local/process-identity.js';

const soon = (what: string, look: () => boolean) =>
  pollUntil(what, async () => look() || undefined, {
    every: 20,
    clock: systemClock,
    signal: new AbortController().signal,
    within: 20_000,
  });

describe('the identity of a process', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('is the PID and the start, so that a reused PID is another process', async () => {
    const child = spawn('sleep', ['300'], { stdio: 'ignore' });
    children.push(child);
    const identity = identifyProcess(child.pid ?? 0);
    assert.ok(identity && isAlive(identity));
    for (const other of [
      { ...identity, startTime: `${Number(identity.startTime) - 1}` },
      { ...identity, bootId: 'another boot' },
    ]) {
      assert.equal(isAlive(other), false);
      assert.equal(signalProcess(other, 'SIGKILL'), false);
    }
    assert.ok(isAlive(identity));
    assert.equal(signalProcess(identity, 'SIGKILL'), true);
    const [, signal] = await once(child, 'exit');
    assert.equal(signal, 'SIGKILL');
    assert.equal(isAlive(identity), false);
    assert.equal(signalProcess(identity, 'SIGKILL'), false);
  });

  it('knows one that is stopped from one that runs, and from one that took its PID', async () => {
    const child = spawn('sleep', ['300'], { stdio: 'ignore' });
    children.push(child);
    const identity = identifyProcess(child.pid ?? 0);
    assert.ok(identity && !isStopped(identity));
    signalProcess(identity, 'SIGSTOP');
    await soon('the stop', () => isStopped(identity));
    assert.ok(isAlive(identity));
    assert.equal(isStopped({ ...identity, startTime: '1' }), false);
    signalProcess(identity, 'SIGCONT');
    await soon('the going on', () => !isStopped(identity));
    assert.ok(isAlive(identity));
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(isStopped(identity), false);
  });

  it('does not take a zombie for a process', async () => {
    // The shell would wait for its child; what it becomes does not, and answers once it has.
    const parent = spawn('sh', ['-c', 'sleep 300 & echo $!; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    children.push(parent);
    const [line] = await once(parent.stdout, 'data');
    const zombie = Number(String(line));
    const answered = once(parent.stdout, 'data');
    parent.stdin.write('there?\n');
    await answered;
    process.kill(zombie, 'SIGKILL');
    await soon('the zombie', () => identifyProcess(zombie) === undefined);
    assert.ok(existsSync(`/proc/${zombie}`) || process.platform !== 'linux');
  });
});
