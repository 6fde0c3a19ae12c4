import assert from 'node:assert/strict';
import { CoreV1Api, KubeConfig, RbacAuthorizationV1Api, type V1ConfigMap, Watch } from '@kubernetes/client-node';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { needsKubernetes } from '../support/kubernetes/binary.js';
import { EXPECTED, exchanges } from '../support/kubernetes/config-map-contract.js';
import { type ControlPlane, startControlPlane } from '../support/kubernetes/control-plane.js';

const POLL = { every: 100, within: 30_000, clock: systemClock, signal: new AbortController().signal };
const namespace = 'default';

const configOf = (path: string): KubeConfig => {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
};

const withCode = (code: number) => (error: unknown) => (error as { code?: unknown }).code === code;

describe('a control plane of Kubernetes', () => {
  let plane: ControlPlane;
  let config: KubeConfig;
  let core: CoreV1Api;
  const names = async () => (await core.listNamespacedConfigMap({ namespace })).items.map((it) => it.metadata?.name);

  before(async function () {
    await needsKubernetes(this);
    plane = await startControlPlane();
    config = configOf(plane.kubeconfig);
    core = config.makeApiClient(CoreV1Api);
  });
  after(() => plane?.end());

  it('takes what the client creates and replaces, and refuses what is stale', async () => {
    assert.ok(!(await names()).includes('a'));
    const made = await core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name: 'a' }, data: { x: '1' } },
    });
    assert.ok((await names()).includes('a'));
    const body = { ...made, data: { x: '2' } };
    const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'a', body });
    assert.notEqual(replaced.metadata?.resourceVersion, made.metadata?.resourceVersion);
    await assert.rejects(core.replaceNamespacedConfigMap({ namespace, name: 'a', body }), withCode(409));
    assert.deepEqual((await core.readNamespacedConfigMap({ namespace, name: 'a' })).data, { x: '2' });
  });

  it('says of ConfigMaps what its stand-in says', async () => {
    assert.deepEqual(await exchanges(plane.kubeconfig, namespace), EXPECTED);
  });

  it('tells watchers of a change', async () => {
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'watched' }, data: { x: '1' } } });
    const seen: string[] = [];
    const watching = await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { fieldSelector: 'metadata.name=watched' },
      (type: string, object: V1ConfigMap) => seen.push(`${type} ${object.data?.x}`),
      () => {},
    );
    try {
      const until = (wanted: string) => pollUntil(wanted, async () => (seen.includes(wanted) ? true : undefined), POLL);
      await until('ADDED 1');
      const patched = await core.readNamespacedConfigMap({ namespace, name: 'watched' });
      await core.replaceNamespacedConfigMap({ namespace, name: 'watched', body: { ...patched, data: { x: '2' } } });
      await until('MODIFIED 2');
    } finally {
      watching.abort();
    }
  });

  it('grants a user what his groups are granted, and no more', async () => {
    const path = await plane.kubeconfigOf('somebody', ['readers']);
    const somebody = configOf(path).makeApiClient(CoreV1Api);
    await assert.rejects(somebody.listNamespacedConfigMap({ namespace }), withCode(403));
    const rbac = config.makeApiClient(RbacAuthorizationV1Api);
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    await rbac.createNamespacedRole({ namespace, body: { metadata: { name: 'reads' }, rules } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reads' };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' }];
    await rbac.createNamespacedRoleBinding({ namespace, body: { metadata: { name: 'reads' }, roleRef, subjects } });
    // The server's own view of the rules follows by a watch.
    await pollUntil('the grant', () => somebody.listNamespacedConfigMap({ namespace }), POLL);
    await assert.rejects(somebody.deleteNamespacedConfigMap({ namespace, name: 'a' }), withCode(403));
  });

  it('keeps what it was told over the death of each of its programs', async () => {
    const before = await names();
    await plane.kill('apiserver');
    await assert.rejects(names());
    await plane.start('apiserver');
    assert.deepEqual(await names(), before);
    await plane.kill('etcd');
    await plane.start('etcd');
    assert.deepEqual(await pollUntil('the names', names, POLL), before);
  });

  it('does not answer while it is paused', async () => {
    plane.signal('apiserver', 'SIGSTOP');
    let answered = false;
    const asked = names().then(() => {
      answered = true;
    });
    await systemClock.sleep(2_000);
    const meanwhile = answered;
    plane.signal('apiserver', 'SIGCONT');
    await asked;
    assert.equal(meanwhile, false);
  });
});

describe('a control plane of Kubernetes with controllers', () => {
  let plane: ControlPlane;
  before(async function () {
    await needsKubernetes(this);
    plane = await startControlPlane({ controllers: true });
  });
  after(() => plane?.end());

  it('gives a namespace what belongs into it', async () => {
    const core = configOf(plane.kubeconfig).makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: 'fresh' } } });
    const look = async () => (await core.listNamespacedServiceAccount({ namespace: 'fresh' })).items[0]?.metadata?.name;
    assert.equal(await pollUntil('a service account', look, POLL), 'default');
  });

  it('looks for a node for a pod, and finds none', async () => {
    const core = configOf(plane.kubeconfig).makeApiClient(CoreV1Api);
    const body = { metadata: { name: 'pod' }, spec: { containers: [{ name: 'c', image: 'none' }] } };
    // Refused until the namespace has its service account.
    await pollUntil('a pod', () => core.createNamespacedPod({ namespace, body }), POLL);
    const look = async () => {
      const { status } = await core.readNamespacedPod({ namespace, name: 'pod' });
      return status?.conditions?.find(({ type }) => type === 'PodScheduled')?.reason;
    };
    assert.equal(await pollUntil('a verdict of the scheduler', look, POLL), 'Unschedulable');
  });
});
