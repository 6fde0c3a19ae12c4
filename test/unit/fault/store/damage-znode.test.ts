import assert from 'node:assert/strict';
import type { DamageZnodeOptions } from '../../../../src/fault/schema/store.js';
import { FAULT_SCHEMAS } from '../../../../src/fault/schemas.js';
import { damageZnode, type ZnodeUndo } from '../../../../src/fault/store/damage-znode.js';
import { UNREADABLE } from '../../../../src/fault/store/znodes.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { ZNODES } from '../../../support/hand-made-store.js';
import { hasCode } from '../../../support/has-code.js';

type Kind = DamageZnodeOptions['znode'];

async function chosen(znode: Kind, by: DamageZnodeOptions['by'] = 'delete') {
  const world = handMadeCluster();
  const options = FAULT_SCHEMAS.damageZnode?.schema.parse({ znode, by, duration: '5s' }) as DamageZnodeOptions;
  const resolved = await damageZnode.resolve(options, world.context());
  const undo = JSON.parse(JSON.stringify(resolved.undo)) as ZnodeUndo;
  const inject = async () => (await damageZnode.inject(undo, world.context())).evidence.join('; ');
  const confirm = async () => (await damageZnode.confirm?.(undo, world.context()))?.join('; ') ?? '';
  const heal = async () => (await damageZnode.heal(undo, world.context())).evidence.join('; ');
  return { world, resolved, undo, inject, confirm, heal };
}

const CHECKPOINT = '/f/checkpoints/4';
const NEWER = { '/f/checkpoints/10': { data: 'bmV3', written: '0x20' } };

describe('damageZnode', () => {
  for (const [by, state, data] of [
    ['delete', 'gone', undefined],
    ['corrupt', 'unreadable', UNREADABLE],
  ] as const) {
    for (const [kind, path] of [
      ['checkpoint', CHECKPOINT],
      ['job', '/f/jobs/7f'],
    ] as const) {
      it(`${by}: a ${kind} is ${state} for a while, and put back as it was`, async () => {
        const { world, inject, confirm, heal } = await chosen(kind, by);
        assert.equal(await inject(), `${path} is ${state}`);
        assert.equal(world.znodes[path]?.data, data);
        assert.equal(await confirm(), `${path} is ${state}, after 5.00 s`);
        assert.equal(await heal(), `${path} holds what it held`);
        assert.equal(world.znodes[path]?.data, ZNODES[path]?.data);
        assert.equal(await heal(), `${path} holds what it held`);
        assert.deepEqual(Object.keys(world.znodes).sort(), Object.keys(ZNODES).sort());
      });
    }

    it(`${by}: a pointer is not put back where Flink has recorded a later checkpoint`, async () => {
      const { world, inject, heal } = await chosen('checkpoint', by);
      await inject();
      Object.assign(world.znodes, NEWER);
      assert.match(await heal(), /^a later checkpoint is recorded; nothing is left of .*\/4$/);
      assert.equal(world.znodes[CHECKPOINT], undefined);
      assert.equal(world.znodes['/f/checkpoints/10']?.data, 'bmV3');
    });
  }

  it('does not take a later pointer that is damaged itself for a later checkpoint', async () => {
    const { world, inject, heal } = await chosen('checkpoint');
    await inject();
    world.znodes['/f/checkpoints/10'] = { data: UNREADABLE, written: '0x20' };
    assert.equal(await heal(), `${CHECKPOINT} holds what it held`);
  });

  it('is not effective where a checkpoint was recorded meanwhile, and heals that', async () => {
    const { world, inject, heal } = await chosen('checkpoint');
    world.onRemove = () => Object.assign(world.znodes, NEWER);
    await assert.rejects(inject(), hasCode('FAULT_NOT_EFFECTIVE', /checkpoints\/10 was written meanwhile/));
    assert.match(await heal(), /nothing is left of/);
  });

  it('makes nothing unreadable that has gone meanwhile', async () => {
    const { world, inject } = await chosen('leader', 'corrupt');
    delete world.znodes['/f/leader/rest'];
    assert.equal(await inject(), '/f/leader/rest is gone');
    assert.deepEqual(world.log, []);
  });

  it('is not confirmed where somebody put the pointer back', async () => {
    const { world, inject, confirm } = await chosen('checkpoint');
    await inject();
    world.znodes[CHECKPOINT] = { data: 'Zm91cg==', written: '0x30' };
    await assert.rejects(confirm(), hasCode('FAULT_NOT_EFFECTIVE', /checkpoints\/4 is written anew/));
  });

  it('makes nothing where what it belonged to has gone, and says so', async () => {
    const { world, inject, heal } = await chosen('job');
    await inject();
    world.placeGone = true;
    assert.equal(await heal(), 'what /f/jobs/7f belongs to is gone');
  });

  it('starts JobManagers that have ended of it', async () => {
    const { world, inject, heal } = await chosen('job', 'corrupt');
    await inject();
    world.end('jobmanager-1');
    world.contenders = ['0x2'];
    world.onStart = () => void world.contenders.push('0x9');
    assert.match(await heal(), /process \d+ of jobmanager-1 ended; jobmanager-1 runs as process \d+; 2 contenders/);
  });

  it("takes the leader's records for healed once they are written anew, and says so while it is there", async () => {
    const { world, inject, confirm, heal } = await chosen('leader', 'corrupt');
    assert.equal(await inject(), '/f/leader/rest is unreadable');
    world.clock.plan(world.clock.passed() + 3000, () => {
      world.znodes['/f/leader/rest'] = { data: 'bmV3', owner: '0x1', written: '0x40' };
    });
    assert.match(
      await heal(),
      /^2 contenders for leadership, and the record of the leader is that of session 0x1; every TaskManager that runs is registered with the leader$/,
    );
    assert.equal(await confirm(), '/f/leader/rest is written anew, after 5.00 s');
    assert.ok(!world.log.includes('SIGKILL jobmanager-1'));
  });

  it('waits for the address of no job that has ended, and leaves nothing unreadable of it', async () => {
    for (const [job, killed] of [
      ['7e', false],
      ['7f', true],
    ] as const) {
      const { world, undo, heal } = await chosen('leader', 'corrupt');
      const path = `/f/leader/job-${job}/connection_info`;
      world.znodes[path] = { data: UNREADABLE, owner: '0x1', written: '0x50' };
      undo.znodes.push({ path, data: 'YQ==', owner: '0x1', written: '0x4f' });
      world.onStart = () => {
        world.contenders.push('0x9');
        world.znodes[path] = { data: 'bmV3', owner: '0x9', written: '0x60' };
      };
      await heal();
      assert.deepEqual([world.log.includes('SIGKILL jobmanager-1'), path in world.znodes], [killed, killed]);
    }
  });

  it('means the place of the leader, and ends the JobManager that does not go back to the line', async () => {
    const { world, undo, inject, heal } = await chosen('latch');
    assert.deepEqual(
      undo.znodes.map(({ path }) => path),
      ['/f/latch/1'],
    );
    world.onRemove = () => {
      world.contenders = ['0x2'];
    };
    assert.equal(await inject(), '/f/latch/1 is gone');
    world.onStart = () => void world.contenders.push('0x9');
    assert.match(
      await heal(),
      /^jobmanager-1 has not put it right within 10\.00 s; jobmanager-1 runs as process \d+; 2 contend/,
    );
    assert.deepEqual(world.log, ['remove /f/latch/1', 'SIGKILL jobmanager-1', 'start jobmanager-1']);
  });

  it('starts TaskManagers that two leaders have drawn to and fro until they lost both', async () => {
    const { world, inject, heal } = await chosen('leader');
    await inject();
    world.znodes['/f/leader/rest'] = { data: 'bmV3', owner: '0x1', written: '0x40' };
    delete (world.heartbeats as Record<string, number>)['taskmanager-2'];
    world.onStart = (node) => {
      world.heartbeats[node] = world.clock.wall() + 1;
    };
    assert.match(
      await heal(),
      /taskmanager-2 was not registered within 10\.00 s; taskmanager-2 runs as process \d+; taskmanager-2 is registered/,
    );
    assert.deepEqual(world.log.slice(-2), ['SIGKILL taskmanager-2', 'start taskmanager-2']);
  });

  it('has failed to heal what does not go', async () => {
    const { world, inject, heal } = await chosen('checkpoint', 'corrupt');
    await inject();
    Object.assign(world.znodes, NEWER);
    world.stuck = true;
    await assert.rejects(heal(), hasCode('HEAL_FAILED', /checkpoints\/4 cannot be removed.*the ledger of the run/));
  });

  it('damages a pointer while nobody leads, and leaves who is away to the fault that took it away', async () => {
    const world = handMadeCluster();
    world.end('jobmanager-1');
    const { undo } = await damageZnode.resolve({ znode: 'job', by: 'delete', duration: 5000 }, world.context());
    assert.deepEqual(
      undo.victims.map(({ node }) => node),
      ['jobmanager-2'],
    );
    await damageZnode.inject(undo, world.context());
    await damageZnode.heal(undo, world.context());
    assert.ok(!world.running.has('jobmanager-1'));
  });

  it('has nothing to befall where no checkpoint has completed', async () => {
    const world = handMadeCluster();
    delete world.znodes[CHECKPOINT];
    await assert.rejects(
      damageZnode.resolve({ znode: 'checkpoint', by: 'delete', duration: 5000 }, world.context()),
      hasCode('FAULT_INJECT', /no znode of a checkpoint.*see that checkpoints complete/),
    );
  });
});
