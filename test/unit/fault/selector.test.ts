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
      assert.deepEqual(
        [chosen.nodes, chosen.role, chosen.session],
        [[`jobmanager-${n}`], 'jobmanager', `session-${n}`],
      );
      assert.match(chosen.evidence.join(), new RegExp(`jobmanager-${n}.*session-${n}`));
    }
  });

  it('knows the leader by host and port, however the address is written', async () => {
    const world = handMadeCluster();
    world.leader = { ...leaderOn(2), address: 'http://10.0.0.2:8081/' };
    assert.deepEqual((await resolveSelector('jobmanager.leader', world.context())).nodes, ['jobmanager-2']);
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
    assert.deepEqual([chosen.nodes, chosen.session], [['jobmanager-2'], undefined]);
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
    assert.deepEqual((await chosen()).nodes, ['taskmanager-1']);
    world.subtasks = {};
    await assert.rejects(chosen(), hasCode('FAULT_INJECT', /no TaskManager runs/));
  });

  it('takes the TaskManager that runs most of the sources or sinks, or holds most state', async () => {
    const world = handMadeCluster();
    const source = await resolveSelector('taskmanager.source', world.context());
    assert.deepEqual(source.evidence, ['taskmanager-1 runs 2 subtasks of a source of the job, the most of all']);
    await assert.rejects(
      resolveSelector('taskmanager.sink', world.context()),
      hasCode('FAULT_INJECT', /no TaskManager runs a subtask of a sink of the job/),
    );
    const state = () => resolveSelector('taskmanager.state', world.context());
    await assert.rejects(state(), hasCode('FAULT_INJECT', /has completed no checkpoint yet/));
    world.state = { 'taskmanager-1': 900, 'taskmanager-2': 1000 };
    const told = ['taskmanager-2 held 1000 bytes of state in checkpoint 7, the most of all'];
    assert.deepEqual((await state()).evidence, told);
  });

  it('leaves to chance which node of a role it is, by name and not by place', async () => {
    const world = handMadeCluster();
    const chosen = async (n: number) => {
      const asked: number[] = [];
      const pick = (count: number) => {
        asked.push(count);
        return n;
      };
      const { nodes, role, evidence } = await resolveSelector('taskmanager.any', { ...world.context(), pick });
      assert.deepEqual([asked, role], [[2], 'taskmanager']);
      assert.match(evidence.join(), /was chosen by the seed among taskmanager-1, taskmanager-2$/);
      return nodes;
    };
    assert.deepEqual([await chosen(0), await chosen(1)], [['taskmanager-1'], ['taskmanager-2']]);
    // One that another fault has taken away cannot be meant.
    world.running.delete('taskmanager-1');
    const { nodes } = await resolveSelector('taskmanager.any', { ...world.context(), pick: (count) => count - 1 });
    assert.deepEqual(nodes, ['taskmanager-2']);
  });

  for (const [duty, word] of [
    ['transaction-coordinator', /broker-2 has 3 transactions of the job to end/],
    ['group-coordinator', /broker-2 keeps the offsets of the consumer group/],
    ['controller', /broker-2 is the active controller/],
  ] as const) {
    it(`takes the broker that is the ${duty}`, async () => {
      const world = handMadeCluster();
      world.duties = { [duty]: { 'broker-1': 1, 'broker-2': 3 } };
      const chosen = await resolveSelector(`broker.${duty}`, world.context());
      assert.deepEqual([chosen.nodes, chosen.role], [['broker-2'], 'broker']);
      assert.match(chosen.evidence.join(), word);
      world.duties = {};
      await assert.rejects(
        resolveSelector(`broker.${duty}`, world.context()),
        hasCode('FAULT_INJECT', new RegExp(`no broker is the ${duty}`)),
      );
    });
  }

  it('takes the broker that leads most partitions of the topics of the job', async () => {
    const world = handMadeCluster();
    world.led = { 'broker-1': 1, 'broker-3': 2, 'broker-2': 2 };
    const chosen = await resolveSelector('broker', world.context());
    assert.deepEqual([chosen.nodes, chosen.role], [['broker-2'], 'broker']);
    assert.match(chosen.evidence.join(), /broker-2 leads 2 partitions/);
    world.led = {};
    await assert.rejects(resolveSelector('broker', world.context()), hasCode('FAULT_INJECT', /no broker leads/));
  });

  it('asks each ZooKeeper server what it is; one without others is its own leader', async () => {
    const world = handMadeCluster();
    const chosen = await resolveSelector('zookeeper.leader', world.context());
    assert.deepEqual([chosen.nodes, chosen.role], [['zookeeper-1'], 'zookeeper']);
    await assert.rejects(
      resolveSelector('zookeeper.follower', world.context()),
      hasCode('FAULT_INJECT', /no zookeeper.follower: zookeeper-1 is standalone.*zookeepers: 3/),
    );
    world.modes = {};
    await assert.rejects(
      resolveSelector('zookeeper.leader', world.context()),
      hasCode('FAULT_INJECT', /no zookeeper.leader: zookeeper-1 is without an answer/),
    );
    world.modes = { 'zookeeper-1': 'follower' };
    assert.deepEqual((await resolveSelector('zookeeper.follower', world.context())).nodes, ['zookeeper-1']);
    await assert.rejects(
      resolveSelector('zookeeper.leader', world.context()),
      hasCode('FAULT_INJECT', /no zookeeper.leader/),
    );
  });

  it('takes every node of a role, whatever it does', async () => {
    const world = handMadeCluster();
    world.leader = undefined;
    for (const [selector, nodes] of [
      ['jobmanager.all', ['jobmanager-1', 'jobmanager-2']],
      ['taskmanager.all', ['taskmanager-1', 'taskmanager-2']],
      ['zookeeper.all', ['zookeeper-1']],
      ['broker.all', ['broker-1']],
      ['gateway', ['gateway']],
    ] as const) {
      assert.deepEqual((await resolveSelector(selector, world.context())).nodes, nodes);
    }
  });
});
