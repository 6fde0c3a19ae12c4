import assert from 'node:assert/strict';
import { resolveSelector } from '../../../src/fault/selector.js';
import { handMadeCluster, leaderOn } from '../../support/hand-made-cluster.js';
import { hasCode } from '../../support/has-code.js';

describe('a selector', () => {
  it('maps the recorded leader to its node, whichever leads, with the session to see end', async () => {
    const world = handMadeCluster();
    for (const n of [1, 2]) {
      world.leader = leaderOn(n);
      const chosen = await resolveSelector('jobmanager.leader', world.context());
      assert.deepEqual([chosen.node, chosen.role, chosen.session], [`jobmanager-${n}`, 'jobmanager', `session-${n}`]);
      assert.match(chosen.evidence.join(), new RegExp(`jobmanager-${n}.*session-${n}`));
    }
  });

  it('knows the leader by host and port, however the address is written', async () => {
    const world = handMadeCluster();
    world.leader = { ...leaderOn(2), address: 'http://10.0.0.2:8081/' };
    assert.equal((await resolveSelector('jobmanager.leader', world.context())).node, 'jobmanager-2');
    world.leader = { ...leaderOn(2), address: 'http://10.0.0.2:8082' };
    await assert.rejects(resolveSelector('jobmanager.leader', world.context()), hasCode('LEADER_UNKNOWN', /8082/));
  });

  for (const selector of ['jobmanager.leader', 'jobmanager.standby'] as const) {
    it(`chooses nobody for ${selector} when no leader is recorded, or a stranger`, async () => {
      const world = handMadeCluster();
      world.leader = leaderOn(9);
      await assert.rejects(
        resolveSelector(selector, world.context()),
        hasCode('LEADER_UNKNOWN', /10\.0\.0\.9.*second cluster/),
      );
      world.leader = undefined;
      await assert.rejects(resolveSelector(selector, world.context()), hasCode('LEADER_UNKNOWN', /no leader/));
    });
  }

  it('takes as standby a JobManager that does not lead and runs', async () => {
    const world = handMadeCluster();
    const chosen = await resolveSelector('jobmanager.standby', world.context());
    assert.deepEqual([chosen.node, chosen.session], ['jobmanager-2', undefined]);
    world.end('jobmanager-2');
    await assert.rejects(
      resolveSelector('jobmanager.standby', world.context()),
      hasCode('FAULT_INJECT', /no standby.*jobManagers/),
    );
  });

  it('takes the TaskManager that runs most of the job, the first by name among equals', async () => {
    const world = handMadeCluster();
    const chosen = () => resolveSelector('taskmanager', world.context());
    assert.deepEqual((await chosen()).evidence, ['taskmanager-2 runs 3 subtasks of the job, the most of all']);
    world.subtasks = { 'taskmanager-2': 2, 'taskmanager-1': 2 };
    assert.equal((await chosen()).node, 'taskmanager-1');
    world.subtasks = {};
    await assert.rejects(chosen(), hasCode('FAULT_INJECT', /no TaskManager runs/));
  });
});
