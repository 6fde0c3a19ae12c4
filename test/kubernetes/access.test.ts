import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import {
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  RbacAuthorizationV1Api,
  type RbacV1Subject,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { type KubernetesPods, openKubernetes } from '../../src/client/kubernetes/connection.js';
import { review } from '../../src/client/kubernetes/reviews.js';
import { openRoleBindings, userOf } from '../../src/client/kubernetes/role-bindings.js';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { type Flinch, flinch } from '../support/flinch.js';
import { hasCode } from '../support/has-code.js';
import { needsKubernetes } from '../support/kubernetes/binary.js';
import { type ControlPlane, startControlPlane } from '../support/kubernetes/control-plane.js';

const NAMESPACE = 'flink';
const GROUP = 'rbac.authorization.k8s.io';
const POLL = { every: 50, within: 20_000, clock: systemClock, signal: new AbortController().signal };
const GROUPS = [`system:serviceaccounts:${NAMESPACE}`];
const UPDATE = { verb: 'update', group: '', resource: 'configmaps' };

describe('an account that loses its RoleBinding, on a real API server', () => {
  let plane: ControlPlane;
  let it_: Flinch;
  let rbac: RbacAuthorizationV1Api;
  let objects: KubernetesObjectApi;
  let us: KubernetesPods;

  const account: RbacV1Subject = { kind: 'ServiceAccount', name: 'orders', namespace: NAMESPACE };
  const ann: RbacV1Subject = { kind: 'User', name: 'ann', apiGroup: GROUP };
  const says = () => review(us, { user: userOf(NAMESPACE, 'orders'), groups: GROUPS }, UPDATE);
  const saysThatItMay = (allowed: boolean) =>
    pollUntil('an answer', async () => ((await says()).allowed === allowed ? true : undefined), POLL);
  const subjects = async () =>
    (await rbac.readNamespacedRoleBinding({ namespace: NAMESPACE, name: 'leaders' })).subjects?.map(({ name }) => name);
  /** What the manifest grants, and nothing else. */
  const grant = async (...more: string[]) => {
    const where = ['--target', 'kubernetes', '--kubeconfig', plane.kubeconfig, '--namespace', NAMESPACE];
    const { code, stdout, stderr } = await it_.run('doctor', ...where, '--manifest', ...more);
    assert.equal(code, 0, stderr);
    for (const document of parseAllDocuments(stdout)) {
      const object = document.toJS() as KubernetesObject;
      if (object.kind !== 'Role') await objects.create(object).catch(() => {});
      else await objects.delete(object).catch(() => {});
      if (object.kind === 'Role') await objects.create(object);
    }
  };

  before(async function () {
    await needsKubernetes(this);
    plane = await startControlPlane();
    const config = new KubeConfig();
    config.loadFromFile(plane.kubeconfig);
    rbac = config.makeApiClient(RbacAuthorizationV1Api);
    objects = KubernetesObjectApi.makeApiClient(config);
    await config.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: NAMESPACE } } });
    const metadata = { name: 'leaders', namespace: NAMESPACE };
    // More than Flinch itself may do.
    const rules = [{ apiGroups: [''], resources: ['configmaps', 'pods'], verbs: ['*'] }];
    await rbac.createNamespacedRole({ namespace: NAMESPACE, body: { metadata, rules } });
    const roleRef = { apiGroup: GROUP, kind: 'Role', name: 'leaders' };
    await rbac.createNamespacedRoleBinding({
      namespace: NAMESPACE,
      body: { metadata, roleRef, subjects: [account, ann] },
    });
    it_ = flinch();
    us = await openKubernetes({
      kubeconfig: await plane.kubeconfigOf(`system:serviceaccount:${NAMESPACE}:flinch`),
      namespace: NAMESPACE,
    });
  });
  after(async () => {
    await plane?.end();
    if (it_) rmSync(it_.cwd, { recursive: true, force: true });
  });

  it('may not be touched with the Role of the manifest alone: the server says so before', async () => {
    await grant();
    const bindings = openRoleBindings(us);
    const found = async () => bindings.naming('orders').then((all) => all[0]);
    const binding = (await pollUntil('the Role', () => found().catch(() => undefined), POLL)) ?? assert.fail();
    await assert.rejects(bindings.tryOut(binding), hasCode('KUBERNETES', /403.*cannot update resource "rolebindings"/));
  });

  it('needs bind of its Role, also to be taken out', async () => {
    const rules = [
      { apiGroups: [GROUP], resources: ['rolebindings'], verbs: ['get', 'list', 'update'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'], verbs: ['create'] },
    ];
    const body = { metadata: { name: 'flinch', namespace: NAMESPACE }, rules };
    await rbac.replaceNamespacedRole({ namespace: NAMESPACE, name: 'flinch', body });
    const bindings = openRoleBindings(us);
    const [binding = assert.fail()] = await bindings.naming('orders');
    const refused = () =>
      bindings.tryOut(binding).then(
        () => assert.fail('it was allowed'),
        (error: Error) => (error.message.includes('not currently held') ? true : undefined),
      );
    await pollUntil('a refusal to grant what one does not have', refused, POLL);
  });

  it('is out, and in again where it was, with what the manifest grants for this RoleBinding', async () => {
    await grant('--role-bindings', 'leaders');
    const bindings = openRoleBindings(us);
    const [binding = assert.fail()] = await bindings.naming('orders');
    const tried = () =>
      bindings.tryOut(binding).then(
        () => true as const,
        () => undefined,
      );
    await pollUntil('the Role', tried, POLL);
    assert.deepEqual(await subjects(), ['orders', 'ann']);
    assert.match((await says()).reason, /^RBAC: allowed by RoleBinding "leaders\/flink"/);
    assert.equal((await review(us, { groups: GROUPS }, UPDATE)).allowed, false);
    await bindings.takeOut(binding, 'test');
    assert.deepEqual([await subjects(), await bindings.outBy(binding)], [['ann'], 'test']);
    await saysThatItMay(false);
    await bindings.putBack(binding, 'test');
    assert.deepEqual([await subjects(), await bindings.outBy(binding)], [['orders', 'ann'], undefined]);
    await saysThatItMay(true);
  });

  it('is told from one that something in no namespace allows the same', async () => {
    const metadata = { name: 'all' };
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }];
    await rbac.createClusterRole({ body: { metadata, rules } });
    const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name: 'all' };
    await rbac.createClusterRoleBinding({ body: { metadata, roleRef, subjects: [account] } });
    const named = async () => ((await says()).reason.includes('ClusterRoleBinding "all"') ? true : undefined);
    await pollUntil('the ClusterRoleBinding, although the RoleBinding is there as well', named, POLL);
  });
});
