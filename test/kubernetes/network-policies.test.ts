import assert from 'node:assert/strict';
import { CoreV1Api, KubeConfig, NetworkingV1Api, type V1NetworkPolicySpec } from '@kubernetes/client-node';
import { type KubernetesPods, openKubernetes } from '../../src/client/kubernetes/connection.js';
import { openNetworkPolicies } from '../../src/client/kubernetes/network-policies.js';
import { openPodMarks } from '../../src/client/kubernetes/pod-marks.js';
import { keepingAwayFrom, markKey } from '../../src/target/kubernetes/policy-rules.js';
import { hasCode } from '../support/has-code.js';
import { needsKubernetes } from '../support/kubernetes/binary.js';
import { type ControlPlane, startControlPlane } from '../support/kubernetes/control-plane.js';
import { waiting } from '../support/kubernetes/node/pods.js';

const NAMESPACE = 'default';
const KEY = markKey('cut-1');

describe('NetworkPolicies and marks of pods, on a real API server', () => {
  let plane: ControlPlane;
  let core: CoreV1Api;
  let networking: NetworkingV1Api;
  let kubernetes: KubernetesPods;

  before(async function () {
    await needsKubernetes(this);
    plane = await startControlPlane();
    const config = new KubeConfig();
    config.loadFromFile(plane.kubeconfig);
    [core, networking] = [config.makeApiClient(CoreV1Api), config.makeApiClient(NetworkingV1Api)];
    kubernetes = await openKubernetes({ kubeconfig: plane.kubeconfig, namespace: NAMESPACE });
  });
  after(() => plane?.end());

  it('are taken as they are written, made once, and taken away once', async () => {
    const policies = openNetworkPolicies(kubernetes);
    const spec = keepingAwayFrom('cut-1', 'between', ['10.0.0.4', 'fd00::4']);
    const policy = { name: 'flinch-cut-1-between', labels: { by: 'flinch' }, spec };
    assert.equal(await policies.exists(policy.name), false);
    for (const _ of [1, 2]) await policies.create(policy);
    assert.equal(await policies.exists(policy.name), true);
    const made = await networking.readNamespacedNetworkPolicy({ namespace: NAMESPACE, name: policy.name });
    const plain = (it: unknown) => JSON.parse(JSON.stringify(it)) as V1NetworkPolicySpec;
    assert.deepEqual(plain(made.spec), plain(spec));
    for (const _ of [1, 2]) await policies.remove(policy.name);
    assert.equal(await policies.exists(policy.name), false);
  });

  it('are on exactly these pods, and on none that has their name later', async () => {
    const body = { ...waiting('tm-a'), metadata: { name: 'tm-a', labels: { app: 'orders' } } };
    // Nobody makes the account that pods have unless they say so.
    if (body.spec) body.spec.automountServiceAccountToken = false;
    await core
      .createNamespacedServiceAccount({ namespace: NAMESPACE, body: { metadata: { name: 'default' } } })
      .catch(() => {});
    const { metadata } = await core.createNamespacedPod({ namespace: NAMESPACE, body });
    const [pod, other] = [metadata?.uid ?? '', 'the pod before'].map((uid) => ({ name: 'tm-a', uid }));
    assert.ok(pod && other);
    const marks = openPodMarks(kubernetes);
    await assert.rejects(marks.mark(other, KEY, 'and'), hasCode('FAULT_INJECT', /another one by now: .*422/));
    await assert.rejects(marks.mark({ ...pod, name: 'tm-b' }, KEY, 'and'), hasCode('FAULT_INJECT', /404/));
    assert.deepEqual(await marks.marked(KEY), []);
    for (const _ of [1, 2]) await marks.mark(pod, KEY, 'and');
    assert.deepEqual(await marks.marked(KEY), [pod]);
    await marks.unmark(other, KEY);
    assert.deepEqual(await marks.marked(KEY), [pod]);
    for (const _ of [1, 2]) await marks.unmark(pod, KEY);
    const after = await core.readNamespacedPod({ namespace: NAMESPACE, name: 'tm-a' });
    assert.deepEqual(after.metadata?.labels, { app: 'orders' });
  });
});
