import assert from 'node:assert/strict';
import type { DamageConfigMapOptions } from '../../../../src/fault/schema/store.js';
import { FAULT_SCHEMAS } from '../../../../src/fault/schemas.js';
import { damageConfigMap, type MapUndo } from '../../../../src/fault/store/damage-config-map.js';
import { UNREADABLE } from '../../../../src/fault/store/znodes.js';
import { handMadeCluster, leaderOn } from '../../../support/hand-made-cluster.js';
import { CHECKPOINT_4, CLUSTER_MAP, JOB, JOB_MAP } from '../../../support/hand-made-maps.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(configMap: DamageConfigMapOptions['configMap'], by: DamageConfigMapOptions['by'] = 'delete') {
  const world = Object.assign(handMadeCluster(), { arePods: true });
  const options = FAULT_SCHEMAS.damageConfigMap?.schema.parse({ configMap, by, duration: '5s' });
  const resolved = await damageConfigMap.resolve(options as DamageConfigMapOptions, world.context());
  const undo = JSON.parse(JSON.stringify(resolved.undo)) as MapUndo;
  const inject = async () => (await damageConfigMap.inject(undo, world.context())).evidence.join('; ');
  const confirm = async () => (await damageConfigMap.confirm?.(undo, world.context()))?.join('; ') ?? '';
  const heal = async () => (await damageConfigMap.heal(undo, world.context())).evidence.join('; ');
  const data = (name: string) => world.maps.all.get(name)?.data;
  /** Another one leads once the pod of this one has gone. @param then what it finds */
  const onNextLeader = (then: () => void = () => {}) => {
    world.onStart = () => {
      world.contenders.push('0x9');
      world.leader = leaderOn(2);
      then();
    };
  };
  return { onNextLeader, world, resolved, inject, confirm, heal, data };
}

const POINTER = `jobGraph-${JOB}`;
const LED = '2 contenders for leadership, and session session-1 leads';
const CHECKPOINT_5 = 'checkpointID-0000000000000000005';
const inProgress = (id: number) =>
  ({ id, status: 'IN_PROGRESS', triggeredAt: 0, subtasks: 2, acknowledged: 0 }) as const;

describe('damageConfigMap', () => {
  for (const [by, states] of [
    ['empty', 'gone'],
    ['corrupt', 'unreadable'],
  ] as const) {
    it(`${by}: what the leader's ConfigMap points to is ${states} for a while, and put back`, async () => {
      const { world, inject, confirm, heal, data } = await chosen('cluster', by);
      assert.equal(await inject(), `${POINTER} of ${CLUSTER_MAP} is ${states}`);
      assert.equal(data(CLUSTER_MAP)?.[POINTER], by === 'empty' ? undefined : UNREADABLE);
      assert.equal(await confirm(), `${POINTER} of ${CLUSTER_MAP} is ${states}, after 5.00 s`);
      assert.equal(await heal(), `${CLUSTER_MAP} holds again ${POINTER}; ${LED}`);
      assert.equal(data(CLUSTER_MAP)?.[POINTER], 'cGxhbg==');
      assert.equal(await heal(), `${CLUSTER_MAP}: Flink has put the rest right itself; ${LED}`);
      assert.deepEqual(world.log, []);
    });

    it(`${by}: leaves it to the leader to write of itself`, async () => {
      const { inject, heal, data } = await chosen('cluster', by);
      const before = Object.keys(data(CLUSTER_MAP) ?? {}).find((key) => key.includes('leader'));
      await inject();
      await heal();
      assert.notEqual(data(CLUSTER_MAP)?.[before ?? ''], 'session-1,http://10.0.0.1:8081');
    });
  }

  it('makes the deleted ConfigMap of a job once more, with all that it held', async () => {
    const { world, inject, confirm, heal } = await chosen('job');
    const { uid, version, ...before } = world.maps.all.get(JOB_MAP) ?? assert.fail();
    assert.equal(await inject(), `${JOB_MAP} is gone`);
    assert.equal(await confirm(), `${JOB_MAP} is gone, after 5.00 s`);
    assert.equal(await heal(), `${JOB_MAP} holds what it held; ${LED}`);
    const { uid: newUid, version: newVersion, ...after } = world.maps.all.get(JOB_MAP) ?? assert.fail();
    assert.deepEqual(after, before);
    assert.notDeepEqual([newUid, newVersion], [uid, version]);
  });

  it("waits until a JobManager has made the cluster's ConfigMap, as one without a lease lets nobody lead", async () => {
    const { world, inject, heal, data } = await chosen('cluster');
    assert.equal(await inject(), `${CLUSTER_MAP} is gone`);
    world.clock.plan(world.clock.passed() + 20_000, () => world.maps.make(CLUSTER_MAP, { new: 'x' }));
    assert.equal(await heal(), `${CLUSTER_MAP} holds again ${POINTER}; ${LED}`);
    assert.deepEqual(data(CLUSTER_MAP), { new: 'x', [POINTER]: 'cGxhbg==' });
  });

  it('replaces a leader that does not know the job whose pointer was put back', async () => {
    const { world, onNextLeader, inject, heal } = await chosen('cluster');
    await inject();
    world.maps.make(CLUSTER_MAP);
    world.jobs = {};
    onNextLeader(() => {
      world.jobs = { [JOB]: { ended: false } };
    });
    assert.match(
      await heal(),
      new RegExp(`${LED}; the leader did not go by it: it does not know job ${JOB}; the pod of jobmanager-1 was`),
    );
    assert.deepEqual(world.log, ['delete jobmanager-1', 'start jobmanager-1']);
  });

  it('has failed to heal where another leader does not know the job either', async () => {
    const { world, onNextLeader, inject, heal } = await chosen('cluster');
    await inject();
    world.maps.make(CLUSTER_MAP);
    world.jobs = {};
    onNextLeader();
    await assert.rejects(heal(), hasCode('HEAL_FAILED', /another leader does not go by it either: it does not know/));
  });

  it('replaces a leader that waits for a checkpoint with a number that is long over', async () => {
    const { world, onNextLeader, inject, heal, data } = await chosen('job', 'empty');
    await inject();
    // What Flink really does: it counts from the beginning, and the tasks pass over the barrier.
    world.maps.write(JOB_MAP, { counter: '2' });
    world.checkpoints = [inProgress(1), { ...inProgress(4), status: 'COMPLETED' }];
    onNextLeader(() => {
      world.checkpoints = [];
    });
    assert.match(await heal(), /holds again .*; the leader did not go by it: it waits for checkpoint 1, after 4 was/);
    assert.deepEqual(data(JOB_MAP), { [CHECKPOINT_4]: 'Zm91cg==', counter: '5' });
  });

  it('puts no pointer back where Flink has recorded a checkpoint of its own, and leaves nothing unreadable', async () => {
    const { world, inject, heal, data } = await chosen('job', 'corrupt');
    await inject();
    world.maps.write(JOB_MAP, { [CHECKPOINT_5]: 'bmV3', counter: '6' });
    assert.equal(await heal(), `${JOB_MAP}: Flink has recorded a newer checkpoint; ${LED}`);
    assert.deepEqual(data(JOB_MAP), { [CHECKPOINT_5]: 'bmV3', counter: '6' });
  });

  it('never lets the numbers of checkpoints go back', async () => {
    const { world, inject, heal, data } = await chosen('job', 'corrupt');
    await inject();
    world.maps.write(JOB_MAP, { [CHECKPOINT_5]: 'bmV3' });
    await heal();
    assert.deepEqual(data(JOB_MAP), { [CHECKPOINT_5]: 'bmV3', counter: '6' });
  });

  for (const [how, end] of [
    ['Flink has taken its ConfigMap away', (w: ReturnType<typeof handMadeCluster>) => void w.maps.all.delete(JOB_MAP)],
    [
      'its leader says so',
      (w: ReturnType<typeof handMadeCluster>) => void Object.assign(w.jobs, { [JOB]: { ended: true } }),
    ],
  ] as const) {
    it(`starts no job again that has ended: ${how}`, async () => {
      const { world, inject, heal, data } = await chosen('cluster', 'corrupt');
      await inject();
      end(world);
      await heal();
      assert.equal(data(CLUSTER_MAP)?.[POINTER], undefined);
    });
  }

  it('makes nothing for a job that has ended', async () => {
    const { world, inject, heal, data } = await chosen('job');
    await inject();
    world.maps.write(CLUSTER_MAP, { [POINTER]: null });
    assert.equal(await heal(), `job ${JOB}, of which ${JOB_MAP} was, has ended; ${LED}`);
    assert.equal(data(JOB_MAP), undefined);
  });

  it('puts it back where nobody can tell whether the job has ended', async () => {
    const { world, inject, heal } = await chosen('job');
    await inject();
    world.maps.all.delete(CLUSTER_MAP);
    assert.match(await heal(), new RegExp(`^${JOB_MAP} holds what it held`));
  });

  for (const by of ['delete', 'corrupt'] as const) {
    it(`${by}: touches nothing that Flink wrote after it was chosen`, async () => {
      const { world, inject, data } = await chosen('job', by);
      world.maps.onWrite = () => {
        world.maps.onWrite = () => {};
        world.maps.write(JOB_MAP, { [CHECKPOINT_4]: null, [CHECKPOINT_5]: 'bmV3', counter: '6' });
      };
      await assert.rejects(inject(), hasCode('FAULT_INJECT', /Flink wrote it between choosing and damaging/));
      assert.deepEqual(data(JOB_MAP), { [CHECKPOINT_5]: 'bmV3', counter: '6' });
    });
  }

  it('deletes one whose lease alone was renewed meanwhile', async () => {
    const { world, inject } = await chosen('cluster');
    world.maps.write(CLUSTER_MAP, {});
    assert.equal(await inject(), `${CLUSTER_MAP} is gone`);
  });

  it('is confirmed where Flink has come to the same number once more', async () => {
    const { world, inject, confirm } = await chosen('job', 'empty');
    await inject();
    world.maps.write(JOB_MAP, { counter: '5' });
    assert.match(await confirm(), /is gone, after 5.00 s; counter of .* is written anew, after 5.00 s/);
  });

  it('is not confirmed where somebody put it back', async () => {
    const { world, inject, confirm } = await chosen('job');
    await inject();
    world.maps.make(JOB_MAP, { [CHECKPOINT_4]: 'Zm91cg==', counter: '5' });
    await assert.rejects(confirm(), hasCode('FAULT_NOT_EFFECTIVE', /checkpointID-\d+ holds what it held/));
  });

  it('starts JobManagers that have ended of it, as kubelet does', async () => {
    const { world, inject, heal } = await chosen('job');
    await inject();
    world.end('jobmanager-1');
    world.contenders = ['0x2'];
    world.onStart = () => void world.contenders.push('0x9');
    assert.match(await heal(), /process \d+ of jobmanager-1 ended; jobmanager-1 runs as process \d+; 2 contenders/);
  });

  it('refuses where nothing is kept, and where it is kept in ZooKeeper', async () => {
    const world = Object.assign(handMadeCluster(), { arePods: true });
    world.maps.write(CLUSTER_MAP, { [POINTER]: null });
    const options = { configMap: 'cluster', by: 'delete', duration: 5000 } as const;
    await assert.rejects(
      damageConfigMap.resolve(options, world.context()),
      hasCode('FAULT_INJECT', /no ConfigMap of a cluster holds anything/),
    );
    world.arePods = false;
    await assert.rejects(damageConfigMap.resolve(options, world.context()), hasCode('CAPABILITY_MISSING', /ZooKeeper/));
  });
});
