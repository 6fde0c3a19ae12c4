import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { connectKept } from '../../../src/target/local/kept/control-client.js';
import { serveControl } from '../../../src/target/local/kept/control-server.js';
import type { KeptState } from '../../../src/target/local/kept/state.js';
import type { RunningCluster } from '../../../src/target/local/start-cluster.js';
import type { Cluster } from '../../../src/target/ports.js';
import { handMadeCluster } from '../../support/hand-made-cluster.js';
import { hasCode } from '../../support/has-code.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe("the control of a kept cluster's nodes", () => {
  const folder = temporaryFolder();
  let server: Server;
  afterEach(async () => {
    server.close();
    await once(server, 'close');
  });

  /** The cluster as it is seen through the socket of the process that owns it. */
  async function through(cluster: Cluster, isolation: Cluster['isolation'] = 'namespace', armed = false) {
    const socket = join(folder(), 'control.sock');
    server = await serveControl(cluster as RunningCluster, socket, { onStop: () => {}, armed: () => armed });
    const state = { socket, runDir: folder(), nodes: cluster.nodes, prepared: { isolation }, spec: { names: true } };
    return connectKept(state as unknown as KeptState);
  }

  it('tells whether the dead-man timer hears a runner', async () => {
    for (const armed of [true, false]) {
      const connected = await through(handMadeCluster().cluster, 'namespace', armed);
      assert.equal(await connected.deadManArmed?.(), armed);
      if (armed) server.close();
    }
  });

  it('fills a disk, tells of it and takes the filling away', async () => {
    const world = handMadeCluster();
    const { disks } = await through(world.cluster);
    assert.deepEqual(await disks?.fill('broker-1', 'a'), { bytes: 1000, free: 0 });
    assert.deepEqual(await disks?.filling('broker-1', 'a'), { bytes: 1000, free: 0 });
    await disks?.empty('broker-1', 'a');
    assert.equal(await disks?.filling('broker-1', 'a'), undefined);
    assert.deepEqual(world.log, ['fill broker-1', 'empty broker-1']);
  });

  it('stops a process, sees it stopped, and lets it go on', async () => {
    const world = handMadeCluster();
    const { processes } = await through(world.cluster);
    const identity = await processes.identify('taskmanager-1');
    assert.ok(identity);
    assert.equal(await processes.stopped(identity), false);
    await processes.signal(identity, 'SIGSTOP');
    assert.equal(await processes.stopped(identity), true);
    await processes.signal(identity, 'SIGCONT');
    assert.equal(await processes.stopped(identity), false);
    assert.deepEqual(world.log, ['SIGSTOP taskmanager-1', 'SIGCONT taskmanager-1']);
  });

  it('lets names be unknown and known again, and tells which', async () => {
    const world = handMadeCluster();
    const { names } = await through(world.cluster);
    await names?.forget();
    assert.deepEqual(await names?.known('taskmanager-1', ['jobmanager-1']), []);
    await names?.recall();
    assert.deepEqual(await names?.known('taskmanager-1', ['jobmanager-1']), ['jobmanager-1']);
    assert.deepEqual(world.log, ['forget', 'recall']);
  });

  it('lists connections and resets them', async () => {
    const world = handMadeCluster();
    const { network } = await through(world.cluster);
    assert.deepEqual(await network?.connections('taskmanager-1', ['broker-1']), ['taskmanager-1 broker-1']);
    await network?.reset('taskmanager-1', ['broker-1']);
    assert.deepEqual(await network?.connections('taskmanager-1', ['broker-1']), []);
  });

  it('makes a cut, tells what it dropped, and takes it away', async () => {
    const world = handMadeCluster();
    const { network } = await through(world.cluster);
    assert.ok(network);
    const cut = { id: 'cut-1', between: ['taskmanager-1'], and: ['broker-1'] };
    await network.cut(cut);
    assert.deepEqual(world.cuts.get('cut-1')?.cut, cut);
    assert.deepEqual(await network.cuts(), {
      'cut-1': [{ from: 'taskmanager-1', to: 'broker-1', packets: 0, bytes: 0 }],
    });
    assert.equal(await network.roundTrip('taskmanager-1', 'broker-1'), 1);
    world.reachable = false;
    assert.equal(await network.roundTrip('taskmanager-1', 'broker-1'), undefined);
    await network.restore('cut-1');
    assert.equal(world.cuts.size, 0);
  });

  it('has no network of its own where the nodes share one', async () => {
    const { network: _, ...shared } = handMadeCluster().cluster;
    assert.equal((await through(shared, 'none')).network, undefined);
  });

  it('is refused with a code where only the other side thinks that there is one', async () => {
    const { network: _, ...shared } = handMadeCluster().cluster;
    const { network } = await through(shared);
    await assert.rejects(async () => network?.cuts(), hasCode('CAPABILITY_MISSING', /no network of their own/));
  });
});
