import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createFlinkRest } from '../../src/client/flink/rest.js';
import { type Kubernetes, openKubernetes } from '../../src/client/kubernetes/connection.js';
import { haMaps } from '../../src/client/kubernetes/ha-config-maps.js';
import { openLeaseStore } from '../../src/client/kubernetes/lease-store.js';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { examineAll } from '../../src/doctor/index.js';
import { clusterSubjects } from '../../src/doctor/read/cluster.js';
import type { EventOf } from '../../src/journal/events.js';
import { nodeAt, observeAll } from '../../src/observe/index.js';
import { needsKubernetes } from '../support/kubernetes/binary.js';
import { type ControlPlane, startControlPlane } from '../support/kubernetes/control-plane.js';
import {
  type FlinkUnderKubernetes,
  KUBERNETES_LINES,
  type KubernetesLine,
  startFlinkUnderKubernetes,
} from '../support/kubernetes/flink.js';

const { signal } = new AbortController();
const POLL = { every: 200, within: 60_000, clock: systemClock, signal };
const CLUSTER = 'orders';
/** Flink's defaults. Milliseconds. */
const LEASE = 15_000;
const RETRY = 5_000;

for (const line of Object.keys(KUBERNETES_LINES) as KubernetesLine[]) {
  describe(`high availability in ConfigMaps, of Flink ${line}`, () => {
    let plane: ControlPlane;
    let flink: FlinkUnderKubernetes;
    let kubernetes: Kubernetes;
    let job: string;

    before(async function () {
      await needsKubernetes(this);
      plane = await startControlPlane();
      kubernetes = await openKubernetes({ kubeconfig: plane.kubeconfig });
      flink = await startFlinkUnderKubernetes({ line, plane, clusterId: CLUSTER });
      job = await flink.submit();
    });
    after(async () => {
      await flink?.end();
      await plane?.end();
    });

    async function running(node: string): Promise<void> {
      const rest = createFlinkRest(flink.rest[node] ?? '');
      const look = async () => {
        const found = (await rest.jobsOverview()).find(({ id }) => id === job);
        return (found?.state === 'RUNNING' && found.running === found.total) || undefined;
      };
      await pollUntil(`job ${job}, running`, look, POLL).finally(() => rest.close());
    }

    const rests = () => Object.entries(flink.rest).map(([name, url]) => [name, createFlinkRest(url)] as const);

    it('tells who leads, which jobs are recovered, and from which checkpoint', async () => {
      const leader = await openLeaseStore({ kubernetes, clusterId: CLUSTER, clock: systemClock }).leader(signal);
      assert.ok(leader && Object.values(flink.rest).includes(leader.address), JSON.stringify(leader));
      const whole = async () => {
        const maps = await haMaps(kubernetes, CLUSTER);
        return (maps.jobs.get(job)?.checkpoints.length ?? 0) > 0 ? maps : undefined;
      };
      const { cluster, jobs } = await pollUntil('a checkpoint', whole, POLL);
      assert.deepEqual(cluster?.jobs, [job]);
      assert.equal(cluster?.lease?.holder, leader.owner);
      assert.equal(cluster?.lease?.duration, LEASE);
      const [name = ''] = Object.entries(flink.rest).find(([, url]) => url === leader.address) ?? [];
      assert.match(flink.log(name), new RegExp(`Create KubernetesLeaderElector on lock .*\\(${leader.owner}\\)`));
      const first = cluster?.lease?.renewed ?? Number.POSITIVE_INFINITY;
      const renewed = async () =>
        ((await haMaps(kubernetes, CLUSTER)).cluster?.lease?.renewed ?? 0) > first ? true : undefined;
      await pollUntil('a renewal', renewed, POLL);
      assert.ok(cluster?.leaders.has(`job-${job}`), [...(cluster?.leaders.keys() ?? [])].join());
      assert.deepEqual(jobs.get(job)?.owners, []);
    });

    it('is examined by the doctor, as far as it may look', async () => {
      const examined = async (kubeconfig: string) => {
        const rest = createFlinkRest(flink.rest['jobmanager-1'] ?? '');
        const cluster = { name: 'here', rest, kubernetes: { kubeconfig } };
        const { subjects, problems } = await clusterSubjects(cluster, AbortSignal.timeout(30_000));
        rest.close();
        const rules = examineAll(subjects).map(({ rule, what }) => `${rule}: ${what}`);
        const about = rules.filter((rule) => /^(lease-|owned-)/.test(rule));
        return { facts: subjects[0]?.facts.configMaps, problems, about };
      };
      const sound = await examined(plane.kubeconfig);
      assert.deepEqual([sound.problems, sound.about], [[], []]);
      assert.equal(sound.facts?.name, `${CLUSTER}-cluster-config-map`);
      assert.equal(sound.facts?.lease?.held, true);

      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'somebody', uid: 'u' };
      const name = `${CLUSTER}-${job}-config-map`;
      const own = async (owners: (typeof owner)[]) => {
        const replaced = () =>
          kubernetes.call('owning it', async (core, options) => {
            const map = await core.readNamespacedConfigMap({ namespace: 'default', name }, options);
            const body = { ...map, metadata: { ...map.metadata, ownerReferences: owners } };
            return core.replaceNamespacedConfigMap({ namespace: 'default', name, body }, options);
          });
        // Flink writes to it as well.
        await pollUntil('the change', replaced, POLL);
      };
      await own([owner]);
      assert.deepEqual((await examined(plane.kubeconfig)).about, [
        `owned-config-maps: ${name} is owned by ConfigMap somebody`,
      ]);
      await own([]);

      const denied = await examined(await plane.kubeconfigOf('nobody'));
      assert.match(denied.problems.join(), /^what its ConfigMaps say: listing ConfigMaps: it answered 403: .*"nobody"/);
      assert.equal(denied.facts, undefined);
    });

    it('is watched: after a SIGKILL nobody leads once the lease is over, and then the other one, which runs the job again', async () => {
      let requests = 0;
      const counted: Kubernetes = {
        ...kubernetes,
        call: (...args) => {
          requests++;
          return kubernetes.call(...args);
        },
        watchConfigMap: (...args) => {
          requests++;
          return kubernetes.watchConfigMap(...args);
        },
      };
      const leadership = openLeaseStore({ kubernetes: counted, clusterId: CLUSTER, clock: systemClock });
      const rest = Object.fromEntries(rests());
      const looks: EventOf<'observed.leader'>[] = [];
      const began = systemClock.mono();
      const observing = observeAll({
        rest,
        leadership,
        jobId: () => job,
        emit: (event) => event.type === 'observed.leader' && looks.push(event as EventOf<'observed.leader'>),
        clock: systemClock,
      });
      const seen = (what: string, holds: (look: EventOf<'observed.leader'>) => boolean) =>
        pollUntil(what, async () => looks.find(holds), POLL);
      const { leader: first } = await seen('a leader', ({ leader }) => leader !== null && leader !== undefined);
      assert.ok(first?.node, 'the leader is one of the nodes');
      assert.equal(nodeAt(rest, first.address), first.node);
      await pause(2_000);
      await flink.kill(first.node);
      const killed = systemClock.mono();
      const other = await seen(
        'the other one',
        ({ leader }) => leader?.node !== undefined && leader.node !== first.node,
      );
      const lost = looks.find((look) => look.start > killed && look.leader === null);
      await observing.stop();
      const seconds = (systemClock.mono() - began) / 1000;
      for (const api of Object.values(rest)) api.close();
      assert.notEqual(other.leader?.session, first.session);
      // The last renewal came up to a retry period before; somebody else tries every one to 2.2 of them.
      const took = other.end - killed;
      assert.ok(took >= LEASE - RETRY - 500, `taken over after ${took} ms`);
      assert.ok(!lost || (lost.start < other.end && lost.end - killed >= LEASE - RETRY - 500), JSON.stringify(lost));
      assert.ok(requests / seconds <= 3, `${requests} requests in ${seconds.toFixed(1)} s`);
      await running(other.leader?.node ?? '');
      assert.equal((await haMaps(kubernetes, CLUSTER)).cluster?.lease?.transitions, 1);
    });
  });
}
