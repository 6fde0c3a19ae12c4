import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptState } from '../../src/target/local/index.js';
import { type Flinch, flinch } from './flinch.js';

/** A cluster that is kept for the tests of a suite. */
export interface KeptCluster {
  /** The command line that works on it. */
  it_(): Flinch;
  state(): KeptState;
  /** Every node runs, Flink is whole, no fault is left. */
  assertHealthy(): Promise<void>;
}

/** Brings the cluster up before the tests of the suite that calls it, and down after them. */
export function keepCluster(): KeptCluster {
  let it_: Flinch;
  let kept: KeptState;

  before(async () => {
    it_ = flinch();
    const { code, stdout, stderr } = await it_.run('up');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^web UI: http:\/\/127\.0\.0\.1:\d+$/m);
    kept = JSON.parse(readFileSync(join(it_.cwd, 'state', 'clusters', 'default', 'state.json'), 'utf8')) as KeptState;
  });

  after(async () => {
    const { code } = await it_.run('down');
    const { stdout } = await it_.run('status');
    rmSync(it_.cwd, { recursive: true, force: true });
    assert.equal(code, 0);
    assert.match(stdout, /there is no kept cluster/);
  });

  return {
    it_: () => it_,
    state: () => kept,
    async assertHealthy() {
      const { stdout } = await it_.run('status');
      assert.equal((stdout.match(/ process \d+$/gm) ?? []).length, 7, stdout);
      assert.match(stdout, /2 TaskManagers, 4 of 4 slots free/);
      assert.doesNotMatch(stdout, /left behind/);
    },
  };
}
