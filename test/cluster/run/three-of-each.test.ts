import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from '../../../src/judge/findings.js';
import { type Ended, type Flinch, flinch, SCENARIOS } from '../../support/flinch.js';

/** The main scenario on an ensemble of ZooKeepers and a cluster of brokers: quorums, elections, 3 replicas. */
describe('kill-leader-jobmanager with 3 ZooKeepers and 3 brokers', () => {
  let it_: Flinch;
  let ended: Ended;
  before(async () => {
    it_ = flinch();
    const file = join(it_.cwd, 'three-of-each.yaml');
    const text = readFileSync(`${SCENARIOS}kill-leader-jobmanager.yaml`, 'utf8');
    writeFileSync(file, text.replace(/^( *)jobManagers: .*$/m, '$&\n$1zookeepers: 3\n$1brokers: 3'));
    ended = await it_.run('run', file);
  });
  after(() => rmSync(it_.cwd, { recursive: true, force: true }));

  it('passes: recovered within its bound, nothing lost, nothing duplicated', () => {
    assert.equal(ended.code, 0, `${ended.stdout}\n${ended.stderr}`);
    const findings = JSON.parse(readFileSync(join(it_.runs()[0] ?? '', 'result.json'), 'utf8')) as Findings;
    assert.equal(findings.verdict, 'passed');
    assert.equal(findings.faults[0]?.impact?.state, 'seen');
    assert.deepEqual(findings.balance?.lost, { atLeast: 0, atMost: 0 });
    assert.deepEqual(findings.balance?.duplicated, { atLeast: 0, atMost: 0 });
    assert.ok((findings.balance?.acknowledged ?? 0) > 5000, 'hardly anything was written');
  });

  it('ran three of each, and kept the log of every one', () => {
    const logs = readdirSync(join(it_.runs()[0] ?? '', 'logs'));
    for (const role of ['zookeeper', 'broker']) {
      const count = logs.filter((log) => log.startsWith(`${role}-`)).length;
      assert.equal(count, 3, role);
    }
  });
});
