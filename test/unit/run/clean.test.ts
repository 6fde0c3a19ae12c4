import assert from 'node:assert/strict';
import type { FlinkRest } from '../../../src/client/flink/rest.js';
import { uncleanness } from '../../../src/run/cluster/clean.js';
import { handMadeCluster, leaderOn } from '../../support/hand-made-cluster.js';
import { handMadeScenario } from '../../support/hand-made-run.js';

/** A cluster after a run, with what its JobManagers say. */
function ranOn() {
  const world = handMadeCluster();
  const overview = { taskManagers: 2, slotsTotal: 4, slotsAvailable: 4, flinkVersion: '1.20.3' };
  const rest = { overview: async () => overview } as Partial<FlinkRest> as FlinkRest;
  const { cluster, clock } = world;
  const { leadership, servers } = world.context();
  const access = { rest: { 'jobmanager-1': rest }, leadership };
  const spec = { ...handMadeScenario().cluster, jobManagers: 2, taskManagers: 2, slots: 2 };
  return { world, overview, look: () => uncleanness({ spec, cluster, access, servers, clock }) };
}

describe('a cluster that is to serve another run', () => {
  it('is clean when it is as it was, and that is known at once', async () => {
    const { world, look } = ranOn();
    assert.equal(await look(), undefined);
    assert.ok(world.clock.passed() < 1000, String(world.clock.passed()));
  });

  it('is clean when what was missing comes back in time', async () => {
    const { world, overview, look } = ranOn();
    overview.slotsAvailable = 2;
    world.clock.plan(5000, () => {
      overview.slotsAvailable = 4;
    });
    assert.equal(await look(), undefined);
    assert.ok(world.clock.passed() >= 5000);
  });

  const cases: [what: string, spoil: (it: ReturnType<typeof ranOn>) => void, why: RegExp][] = [
    ['a node that does not run', ({ world }) => world.end('taskmanager-1'), /taskmanager-1 does not run/],
    [
      'a cut that is left',
      ({ world }) => world.cuts.set('c', { cut: { id: 'c', between: [], and: [] }, packets: 0 }),
      /the network is still cut: c/,
    ],
    [
      'pods that are kept apart',
      ({ world }) => {
        world.arePods = true;
        world.policies.made.set('c', { id: 'c', between: [], and: [] });
      },
      /pods are still kept apart: NetworkPolicy c-between/,
    ],
    ['a server that does not serve', ({ world }) => world.idle.add('broker-1'), /broker-1 does not serve/],
    ['no leader', ({ world }) => void Object.assign(world, { leader: undefined }), /no leader is recorded/],
    [
      'a store that does not answer',
      ({ world }) => void Object.assign(world, { storeDown: true }),
      /the store is down/,
    ],
    ['a contender that is missing', ({ world }) => void world.contenders.pop(), /1 of 2 JobManagers contend/],
    [
      'a TaskManager that is missing',
      ({ overview }) => void Object.assign(overview, { taskManagers: 1 }),
      /lists 1 of 2 TaskManagers/,
    ],
    [
      'a job that holds slots',
      ({ overview }) => void Object.assign(overview, { slotsAvailable: 3 }),
      /3 of 4 slots are free/,
    ],
    [
      'leaders that take turns',
      ({ world }) => {
        for (let ms = 0; ms < 30_000; ms += 100) {
          world.clock.plan(
            ms,
            () => void Object.assign(world, { leader: leaderOn(1 + ((ms / 100) % 2), `session-${ms}`) }),
          );
        }
      },
      /the leader changes again and again/,
    ],
  ];
  for (const [what, spoil, why] of cases) {
    it(`is not with ${what}`, async () => {
      const it_ = ranOn();
      spoil(it_);
      assert.match((await it_.look()) ?? 'clean', why);
      assert.ok(it_.world.clock.passed() >= 20_000);
    });
  }
});
