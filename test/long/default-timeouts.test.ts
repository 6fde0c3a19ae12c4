import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { flinch, SCENARIOS } from '../support/flinch.js';
import { resultOf } from '../support/main-scenario.js';

it('kill-leader-default-timeouts: a new leader after about 40 s', async () => {
  const it_ = flinch();
  const { code, stderr } = await it_.run('run', `${SCENARIOS}kill-leader-default-timeouts.yaml`);
  assert.equal(code, 0, stderr);
  const [fault] = resultOf(it_).faults;
  const took = fault?.phases.find(({ name }) => name === 'newLeader')?.took;
  assert.ok(took && took.atLeast > 25_000 && (took.atMost ?? Number.NaN) < 50_000, JSON.stringify(took));
  // 60 s are asked for, and 40 s granted.
  const lost = fault?.expectation?.phases.find(({ name }) => name === 'leadershipLost');
  assert.match(lost?.decidedBy.join(', ') ?? '', /zookeeper\.maxSessionTimeout = 40000$/);
  assert.equal(lost?.within, 'yes', JSON.stringify(lost));
  rmSync(it_.cwd, { recursive: true, force: true });
});
