import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { CoreV1Api, KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { type Flinch, flinch, SCENARIOS } from '../support/flinch.js';
import { needsKubernetes } from '../support/kubernetes/binary.js';
import { type ControlPlane, startControlPlane } from '../support/kubernetes/control-plane.js';

const NAMESPACE = 'flink';

describe('what Kubernetes has to allow, asked of a real API server', () => {
  let plane: ControlPlane;
  let it_: Flinch;
  let where: string[];

  before(async function () {
    await needsKubernetes(this);
    plane = await startControlPlane();
    const config = new KubeConfig();
    config.loadFromFile(plane.kubeconfig);
    await config.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: NAMESPACE } } });
    it_ = flinch();
    const kubeconfig = await plane.kubeconfigOf(`system:serviceaccount:${NAMESPACE}:flinch`);
    where = ['--target', 'kubernetes', '--kubeconfig', kubeconfig, '--namespace', NAMESPACE];
  });
  after(async () => {
    await plane?.end();
    if (it_) rmSync(it_.cwd, { recursive: true, force: true });
  });

  it('is told line by line, and all of it is missing at first', async () => {
    const { code, stdout } = await it_.run('doctor', ...where);
    assert.equal(code, 1);
    assert.match(stdout, /^permissions in namespace flink of https:/);
    assert.match(stdout, /^ {2}NO {3}list, watch pods +finds the cluster/m);
    assert.doesNotMatch(stdout, /^ {2}yes/m);
    assert.match(stdout, /--manifest, for what is cluster-wide with --cluster-wide\n$/);
  });

  it('refuses a run before it looks at anything, with all that it needs and does not have', async () => {
    const asked = ['--cluster', 'orders', '--brokers', '127.0.0.1:1', '--gateway', 'http://127.0.0.1:1'];
    const { code, stderr } = await it_.run('run', `${SCENARIOS}kubernetes/delete-leader-pod.yaml`, ...where, ...asked);
    assert.equal(code, 4);
    assert.match(stderr, /^ {2}list, watch pods \(finds the cluster/m);
    assert.match(stderr, /^ {2}delete pods \(the fault deletePod\)/m);
    assert.doesNotMatch(stderr, /hands/);
  });

  it('is all there with the Role of the manifest', async () => {
    const config = new KubeConfig();
    config.loadFromFile(plane.kubeconfig);
    const objects = KubernetesObjectApi.makeApiClient(config);
    const documentsOf = async (...more: string[]) =>
      parseAllDocuments((await it_.run('doctor', ...where, '--manifest', ...more)).stdout);
    const documents = await documentsOf();
    assert.equal(documents.length, 3);
    for (const document of documents) await objects.create(document.toJS() as KubernetesObject);
    const { code, stdout } = await it_.run('doctor', ...where);
    assert.equal(code, 0, stdout);
    assert.doesNotMatch(stdout, /NO/);
    assert.match(stdout, /^ {2}- {4}get, update nodes \(cluster-wide\)/m);

    const all = await documentsOf('--cluster-wide');
    assert.equal(all.length, 5);
    for (const document of all.slice(3)) await objects.create(document.toJS() as KubernetesObject);
    assert.match((await it_.run('doctor', ...where)).stdout, /^ {2}yes {2}get, update nodes/m);
  });

  it('finds no cluster then, and says by which labels it has looked', async () => {
    const asked = ['--cluster', 'orders', '--brokers', '127.0.0.1:1', '--gateway', 'http://127.0.0.1:1'];
    const { code, stderr } = await it_.run('run', `${SCENARIOS}kubernetes/delete-leader-pod.yaml`, ...where, ...asked);
    assert.equal(code, 3);
    assert.match(stderr, /NO_CLUSTER: no pod has the labels app=orders - orders in namespace flink/);
  });
});
