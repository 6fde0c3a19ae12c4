import assert from 'node:assert/strict';
import { faultNamed, faultNames } from '../../../src/fault/catalogue.js';
import { FAULT_SCHEMAS } from '../../../src/fault/schemas.js';
import { checkpointing } from '../../support/checkpointing-cluster.js';
import type { HandMadeCluster } from '../../support/hand-made-cluster.js';
import { GOOD_IMAGES } from '../../support/hand-made-pods.js';
import { hasCode } from '../../support/has-code.js';

/** How each fault of the catalogue is asked for; one that is missing here fails below. */
const ASKED: Readonly<Record<string, object>> = {
  kill: { node: 'taskmanager.all', duration: '5s' },
  stop: { node: 'broker', duration: '5s' },
  restart: { node: 'zookeeper.leader' },
  deletePod: { node: 'taskmanager', grace: '0s' },
  evictPod: { node: 'jobmanager.leader' },
  pause: { node: 'jobmanager.leader', duration: '5s' },
  cpuLimit: { node: 'gateway', to: '20%', duration: '5s' },
  memoryLimit: { node: 'broker', duration: '5s' },
  clockSkew: { node: 'gateway', ahead: '1h', duration: '5s' },
  partition: { between: 'taskmanager', and: 'jobmanager.all', duration: '5s' },
  loss: { between: 'taskmanager', and: 'broker.all', share: '30%', duration: '5s' },
  throttle: { between: 'taskmanager', and: 'broker.all', to: '10kB/s', duration: '5s' },
  latency: { between: 'taskmanager', and: 'broker.all', by: '200ms', duration: '5s' },
  reset: { between: 'taskmanager', and: 'broker.all' },
  cutApiServer: { duration: '5s' },
  revokeAccess: { duration: '5s' },
  nameFailure: { duration: '5s' },
  cutCommit: { duration: '5s' },
  fill: { disk: 'broker', duration: '5s' },
  readOnly: { disk: 'broker', duration: '5s' },
  damage: { file: 'checkpoint', duration: '5s' },
  expireSession: { node: 'jobmanager.leader' },
  damageZnode: { znode: 'job', duration: '5s' },
  scale: { role: 'taskmanager', to: 1, duration: '5s' },
  breakImage: { role: 'taskmanager', duration: '5s' },
  upgradeDeployment: {},
  suspendDeployment: { duration: '5s' },
  deleteOperator: { grace: '1s' },
  drainNode: { node: 'taskmanager', duration: '5s' },
  stealLease: { node: 'jobmanager.leader', duration: '5s' },
  damageConfigMap: { configMap: 'job', duration: '5s' },
  surge: { times: 5, duration: '5s' },
  skew: { share: '90%', duration: '5s' },
  poison: { duration: '5s' },
  deleteRecords: { of: 'input' },
  savepoint: {},
  stopJob: { duration: '5s' },
  cancelJob: { duration: '5s' },
  rescale: { to: 4 },
  restoreChanged: {},
};
/** Over at once, done again and again, or by an outcome of their own, so that nobody can end them before their time. */
const AT_ONCE: ReadonlySet<string> = new Set([
  'restart',
  'deletePod',
  'evictPod',
  'upgradeDeployment',
  'deleteOperator',
  'cpuLimit',
  'reset',
  'expireSession',
  'poison',
  'deleteRecords',
  'savepoint',
  'stopJob',
  'cancelJob',
  'rescale',
  'restoreChanged',
]);

/** The fault on a cluster where a checkpoint comes every second, chosen but not injected. */
async function chosen(name: string, world: HandMadeCluster = checkpointing()) {
  const fault = faultNamed(name);
  world.arePods = fault.requires.includes('pods');
  const options = FAULT_SCHEMAS[name]?.schema.parse(ASKED[name] ?? {}) ?? {};
  const { undo } = await fault.resolve(options, world.context());
  return { fault, world, undo: JSON.parse(JSON.stringify(undo)) as unknown };
}

const untouched = (world: HandMadeCluster) =>
  assert.deepEqual(
    [
      [...world.stopped],
      [...world.cuts.keys()],
      [...world.fillings.keys()],
      [...world.readOnly],
      [...world.aside],
      [...world.ahead.values()].filter((ms) => ms !== 0),
      [...world.limits],
      world.running.size,
    ],
    [[], [], [], [], [], [], [], 7],
  );

describe('every fault of the catalogue', () => {
  for (const name of faultNames()) {
    it(`${name}: without its effect it is not effective, and nothing is left of it`, async () => {
      const { fault, world, undo } = await chosen(name);
      // Signals are taken and nothing happens; rules are made and drop nothing.
      world.deaf = true;
      world.job.deaf = true;
      world.onCut = () => {};
      await assert.rejects(fault.inject(undo, world.context()), hasCode('FAULT_NOT_EFFECTIVE', /./));
      world.deaf = false;
      world.job.deaf = false;
      await fault.heal(undo, world.context());
      untouched(world);
    });

    if (AT_ONCE.has(name)) continue;
    it(`${name}: whose effect ends before its time is not confirmed`, async () => {
      const { fault, world, undo } = await chosen(name);
      const { onCut } = world;
      const znodes = { ...world.znodes };
      const maps = new Map(world.maps.all);
      world.onCut = (cut) => {
        onCut(cut);
        const there = world.cuts.get(cut.id);
        if (there) there.packets = 1;
      };
      await fault.inject(undo, world.context());
      assert.ok((await fault.confirm?.(undo, world.context()))?.join());
      // Somebody else ends it.
      world.cuts.clear();
      world.stopped.clear();
      world.ahead.clear();
      world.limits.clear();
      world.cordons.clear();
      world.replicas = { jobmanager: 2, taskmanager: 2 };
      world.bindings.clear();
      world.images = { ...GOOD_IMAGES };
      world.known = true;
      world.operator.lifecycle = 'STABLE';
      world.load.rate = 1000;
      world.load.skew = undefined;
      world.fillings.clear();
      world.readOnly.clear();
      world.znodes = { ...znodes };
      for (const [map, was] of maps) world.maps.all.set(map, was);
      world.files = { ...world.files, ...Object.fromEntries(world.aside) };
      for (const { name: node } of world.cluster.nodes) await world.cluster.processes.start(node);
      await assert.rejects(
        fault.confirm?.(undo, world.context()) ?? Promise.resolve(),
        hasCode('FAULT_NOT_EFFECTIVE', /./),
      );
    });
  }
});
