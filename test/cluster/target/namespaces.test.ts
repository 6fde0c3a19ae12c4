import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { decideIsolation } from '../../../src/target/local/isolation-probe.js';
import { childOf, living, until } from '../../support/host-processes.js';
import { ownScript } from '../../support/own-script.js';

interface Dweller {
  outer: ChildProcess;
  lines: string[];
  /** The PID namespace. */
  namespace: string;
  /** Host PIDs of `unshare` and of PID 1 inside. */
  unshare: number;
  inner: number;
}

async function dwell(what: string): Promise<Dweller> {
  const outer = spawn(process.execPath, [...ownScript('namespace-dweller'), what], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const lines: string[] = [];
  createInterface({ input: outer.stdout! }).on('line', (line) => lines.push(line));
  await until('the inner process', () => lines.length > 0, 30_000);
  const { pid, namespace } = JSON.parse(lines.shift() ?? '{}') as { pid: number; namespace: string };
  assert.equal(pid, 1);
  const unshare = childOf(outer.pid ?? 0);
  return { outer, lines, namespace, unshare, inner: childOf(unshare) };
}

describe('the process inside the namespaces', () => {
  before(async function () {
    if ((await decideIsolation()).isolation === 'none') this.skip();
  });

  it('gives its exit code to the outer one', async () => {
    const outer = spawn(process.execPath, [...ownScript('namespace-dweller'), 'exit'], { stdio: 'ignore' });
    assert.deepEqual(await once(outer, 'exit'), [7, null]);
  });

  it('gets each signal exactly once, sent to the outer one or by a terminal to its group', async () => {
    const { outer, lines } = await dwell('count');
    outer.kill('SIGINT');
    await until('the first signal', () => lines.length === 1);
    process.kill(-(outer.pid ?? 0), 'SIGINT');
    await until('the second signal', () => lines.length === 2);
    outer.kill('SIGHUP');
    await until('the third signal', () => lines.length === 3);
    outer.kill('SIGTERM');
    assert.deepEqual(await once(outer, 'exit'), [9, null]);
    assert.deepEqual(lines, ['SIGINT', 'SIGINT', 'SIGHUP', 'SIGTERM']);
  });

  it('ends as any process does on a signal that it does not handle', async () => {
    const { outer, namespace } = await dwell('stay');
    outer.kill('SIGTERM');
    assert.deepEqual(await once(outer, 'exit'), [143, null]);
    await until('the end', () => living(namespace).length === 0, 1000);
  });

  for (const victim of ['outer', 'unshare', 'inner'] as const) {
    it(`takes everything with it within a second when ${victim} is killed with -9`, async () => {
      const dweller = await dwell('stay');
      assert.ok(living(dweller.namespace).length >= 2);
      const pid = victim === 'outer' ? dweller.outer.pid : dweller[victim];
      process.kill(pid ?? 0, 'SIGKILL');
      await until('the end', () => living(dweller.namespace).length === 0, 1000);
      // A killed run is no verdict: neither "passed" nor "failed".
      if (victim !== 'outer') {
        await until('the exit', () => dweller.outer.exitCode !== null);
        assert.equal(dweller.outer.exitCode, 137);
      }
    });
  }

  it('is ended even when it is frozen and the outer one is killed', async () => {
    const { outer, inner, namespace } = await dwell('stay');
    process.kill(inner, 'SIGSTOP');
    outer.kill('SIGKILL');
    await until('the end', () => living(namespace).length === 0, 1000);
  });
});
