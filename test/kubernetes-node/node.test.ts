import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Writable } from 'node:stream';
import { CoreV1Api, Exec, KubeConfig, type V1Status } from '@kubernetes/client-node';
import { createFlinkRest } from '../../src/client/flink/rest.js';
import { openKubernetes } from '../../src/client/kubernetes/connection.js';
import { type LeaseHolder, openLeaseStore } from '../../src/client/kubernetes/lease-store.js';
import { systemClock } from '../../src/core/clock.js';
import { withDeadline } from '../../src/core/deadline.js';
import { pollUntil } from '../../src/core/poll.js';
import { identifyProcess, isAlive, isStopped } from '../../src/target/local/process-identity.js';
import { KUBERNETES_LINES, type KubernetesLine } from '../support/kubernetes/flink.js';
import { type FlinkInPods, startFlinkPods } from '../support/kubernetes/node/flink-pods.js';
import { leftoversOf } from '../support/kubernetes/node/leftovers.js';
import { type KubernetesNode, startNode } from '../support/kubernetes/node/node.js';
import { waiting } from '../support/kubernetes/node/pods.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';
import { sysctls } from '../support/kubernetes/node/sysctls.js';

const { signal } = new AbortController();
/** Long enough for a lease to end, somebody to take it and a job to be deployed, twice. */
const POLL = { every: 200, within: 120_000, clock: systemClock, signal };
const EXEC_MS = 30_000;

describe('a node of Kubernetes with pods', () => {
  const machine = { sysctls: {} as Record<string, string> };
  let node: KubernetesNode;
  let config: KubeConfig;
  let core: CoreV1Api;

  before(async function () {
    await needsNode(this);
    machine.sysctls = sysctls();
    const began = systemClock.mono();
    node = await startNode();
    took('a node', began);
    config = new KubeConfig();
    config.loadFromFile(node.kubeconfig);
    core = config.makeApiClient(CoreV1Api);
  });
  after(() => node?.end());

  /** Runs a command in a pod. */
  async function exec(namespace: string, pod: string, command: string[]): Promise<V1Status> {
    const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
    return withDeadline(`${command.join(' ')} in ${pod}`, EXEC_MS, (limit) => {
      return new Promise((resolve, reject) => {
        limit.addEventListener('abort', () => reject(limit.reason));
        new Exec(config)
          .exec(namespace, pod, 'flink', command, nowhere(), nowhere(), null, false, resolve)
          .catch(reject);
      });
    });
  }

  it('is ready, and so is what runs on it', async () => {
    const { items } = await core.listNode();
    assert.equal(items.length, 1);
    const ready = items[0]?.status?.conditions?.find(({ type }) => type === 'Ready');
    assert.equal(ready?.status, 'True', ready?.message);
    for (const name of ['containerd', 'kubelet', 'kube-proxy', 'apiserver'] as const) {
      assert.ok(existsSync(`/proc/${node.pid(name)}`), name);
    }
  });

  it('leaves the settings of the kernel alone', () => assert.deepEqual(sysctls(), machine.sysctls));

  for (const line of Object.keys(KUBERNETES_LINES) as KubernetesLine[]) {
    describe(`Flink ${line} in pods`, () => {
      let flink: FlinkInPods;
      let job: string;
      let leading: (signal: AbortSignal) => Promise<LeaseHolder | undefined>;

      before(async () => {
        const began = systemClock.mono();
        flink = await startFlinkPods({ node, line, clusterId: `flink-${line.replace('.', '-')}` });
        took(`Flink ${line}`, began);
        const { clusterId, namespace } = flink;
        const kubernetes = await openKubernetes({ kubeconfig: node.kubeconfig, namespace });
        leading = openLeaseStore({ kubernetes, clusterId, clock: systemClock }).leader;
        job = await flink.submit();
        took(`a job of Flink ${line}`, began);
      });
      after(() => flink?.end());

      const restarts = async (name: string) => {
        const { status } = await core.readNamespacedPod({ name, namespace: flink.namespace });
        return status?.containerStatuses?.[0]?.restartCount;
      };

      /** The one that leads, and its pod. */
      const leader = () =>
        pollUntil(
          'a leader that is a pod',
          async () => {
            const holder = await leading(signal);
            const [pod] = Object.entries(await flink.rest()).find(([, url]) => url === holder?.address) ?? [];
            return holder && pod ? { ...holder, pod } : undefined;
          },
          POLL,
        );

      /** Waits until another one leads, and the job runs under it. */
      async function takenOver(from: LeaseHolder, how: string) {
        const began = systemClock.mono();
        const look = async () => {
          const now = await leader();
          // The lease has a new holder a moment before the address and the session are the holder's.
          return now.owner !== from.owner && now.session !== from.session ? now : undefined;
        };
        const now = await pollUntil('another leader', look, POLL);
        took(`${line}, ${how}: another leader`, began);
        await running();
        took(`${line}, ${how}: the job`, began);
        return now;
      }

      async function running(): Promise<void> {
        const look = async () => {
          const rest = createFlinkRest((await leader()).address);
          const jobs = await rest.jobsOverview().finally(() => rest.close());
          const found = jobs.find(({ id }) => id === job);
          return (found?.state === 'RUNNING' && found.running === found.total) || undefined;
        };
        await pollUntil(`job ${job}, running`, look, POLL);
      }

      it('is whole, runs a job, and the address of its leader is that of a pod', async () => {
        await running();
        const { pod, address } = await leader();
        const { status } = await core.readNamespacedPod({ name: pod, namespace: flink.namespace });
        assert.equal(new URL(address).hostname, status?.podIP);
        assert.match(await flink.logs(pod), /KubernetesLeaderElector/);
      });

      it('is not killed from inside: that succeeds, and nothing happens', async () => {
        const first = await leader();
        const count = await restarts(first.pod);
        const status = await exec(flink.namespace, first.pod, ['bash', '-c', 'kill -9 1']);
        assert.equal(status.status, 'Success', JSON.stringify(status));
        await systemClock.sleep(3_000);
        assert.equal(await restarts(first.pod), count);
        assert.deepEqual(await leader(), first);
      });

      it('is killed from outside: its container starts again, and another one leads', async () => {
        const first = await leader();
        const count = (await restarts(first.pod)) ?? 0;
        process.kill(await node.hostPid(first.pod, 'flink', flink.namespace), 'SIGKILL');
        // By which of the pods is not said: it may be back before the lease is over, and asks for it as the other one does.
        await takenOver(first, 'SIGKILL');
        const again = async () => (await restarts(first.pod)) === count + 1 || undefined;
        await pollUntil('a container that started again', again, POLL);
        await flink.whole();
      });

      it('loses its leader with a pod that is deleted', async () => {
        const first = await leader();
        await core.deleteNamespacedPod({ name: first.pod, namespace: flink.namespace, gracePeriodSeconds: 0 });
        assert.notEqual((await takenOver(first, 'deleted')).pod, first.pod);
        await flink.whole();
      });

      it('loses its leader with a pod that is evicted', async () => {
        const first = await leader();
        const { namespace } = flink;
        const body = { metadata: { name: first.pod, namespace } };
        await core.createNamespacedPodEviction({ name: first.pod, namespace, body });
        assert.notEqual((await takenOver(first, 'evicted')).pod, first.pod);
        await pollUntil(
          'the end of the pod',
          async () => {
            const { items } = await core.listNamespacedPod({ namespace });
            return items.every(({ metadata }) => metadata?.name !== first.pod) || undefined;
          },
          POLL,
        );
        await flink.whole();
      });
    });
  }

  it('pauses what manages its pods, and wakes it', async () => {
    const kubelet = identifyProcess(node.pid('kubelet'));
    assert.ok(kubelet);
    const until = (stopped: boolean) =>
      pollUntil(stopped ? 'a pause' : 'its end', async () => isStopped(kubelet) === stopped || undefined, POLL);
    node.signal('kubelet', 'SIGSTOP');
    await until(true);
    node.signal('kubelet', 'SIGCONT');
    await until(false);
    assert.ok(isAlive(kubelet));
  });

  it('keeps its pods over the death of what manages them', async () => {
    await core.createNamespacedPod({ namespace: 'default', body: waiting('waits') });
    const first = await pollUntil('a process', () => node.hostPid('waits'), POLL);
    for (const name of ['kubelet', 'containerd', 'kube-proxy', 'apiserver'] as const) {
      await node.kill(name);
      await node.start(name);
    }
    assert.equal(await pollUntil('a process', () => node.hostPid('waits'), POLL), first);
  });

  // A suite of its own comes after those above.
  describe('at its end', () => {
    it('leaves nothing behind', async () => {
      assert.notDeepEqual(await leftoversOf(node), []);
      const began = systemClock.mono();
      await node.end();
      took('the end of a node', began);
      assert.deepEqual(await leftoversOf(node), []);
      assert.deepEqual([node.dir, node.kubeconfig].filter(existsSync), []);
      assert.deepEqual(sysctls(), machine.sysctls);
    });
  });
});

/** Says how long something took, for whoever reads the output: nothing is asserted of it. */
const took = (what: string, began: number): void =>
  void process.stdout.write(`    ${what}: ${((systemClock.mono() - began) / 1000).toFixed(1)} s\n`);
