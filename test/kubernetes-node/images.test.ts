import assert from 'node:assert/strict';
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  type V1DeploymentStrategy,
  type V1Pod,
  type V1PodTemplateSpec,
  type V1StatefulSetSpec,
} from '@kubernetes/client-node';
import { openKubernetes } from '../../src/client/kubernetes/connection.js';
import { openLeftoverTemplates } from '../../src/client/kubernetes/leftover-templates.js';
import { openPodTemplates } from '../../src/client/kubernetes/pod-templates.js';
import type { Controller } from '../../src/client/kubernetes/scales.js';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { hasCode } from '../support/has-code.js';
import { belongingsOf } from '../support/kubernetes/node/belongings.js';
import { type KubernetesNode, startNode } from '../support/kubernetes/node/node.js';
import { waiting } from '../support/kubernetes/node/pods.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';

const NAMESPACE = 'default';
const POLL = { every: 200, within: 90_000, clock: systemClock, signal: new AbortController().signal };
const BAD = 'flinch.invalid/none:bad-test';

/** Of their images, unless told: nobody asks for what is not on the node. */
type Made = { policy?: 'IfNotPresent' } & (
  | { strategy: V1DeploymentStrategy }
  | Pick<V1StatefulSetSpec, 'podManagementPolicy' | 'updateStrategy'>
);

/** What makes two pods, how it replaces them, and how many of them stay. */
const CASES: readonly [name: string, made: Made, stays: number][] = [
  ['surges', { strategy: { type: 'RollingUpdate' } }, 2],
  ['makes-room', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '50%' } } }, 1],
  ['allows-nothing', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } } }, 1],
  ['recreates', { strategy: { type: 'Recreate' } }, 0],
  ['pulls', { policy: 'IfNotPresent', strategy: { type: 'RollingUpdate' } }, 2],
  ['ordered', { podManagementPolicy: 'OrderedReady' }, 1],
  ['parallel', { podManagementPolicy: 'Parallel' }, 1],
  ['partitioned', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }, 1],
];

describe('images that there are not, of real controllers', () => {
  let node: KubernetesNode;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  before(async function () {
    await needsNode(this);
    node = await startNode();
    const config = new KubeConfig();
    config.loadFromFile(node.kubeconfig);
    [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
  });
  after(() => node?.end());

  async function make(name: string, made: Made): Promise<Controller> {
    const { spec: pod } = waiting(name);
    const labels = { app: name };
    const { policy = 'Never', ...how } = made;
    for (const container of pod?.containers ?? []) container.imagePullPolicy = policy;
    const template = { metadata: { labels }, spec: pod } as V1PodTemplateSpec;
    const metadata = { name };
    const selector = { matchLabels: labels };
    const spec = { replicas: 2, selector, template };
    if ('strategy' in made) {
      await apps.createNamespacedDeployment({ namespace: NAMESPACE, body: { metadata, spec: { ...spec, ...how } } });
      return { kind: 'Deployment', name };
    }
    const body = { metadata, spec: { ...spec, serviceName: name, ...how } };
    await apps.createNamespacedStatefulSet({ namespace: NAMESPACE, body });
    return { kind: 'StatefulSet', name };
  }
  const podsOf = async (name: string): Promise<V1Pod[]> =>
    (await core.listNamespacedPod({ namespace: NAMESPACE, labelSelector: `app=${name}` })).items;
  const run = ({ metadata, status }: V1Pod): boolean =>
    !metadata?.deletionTimestamp && status?.containerStatuses?.[0]?.state?.running !== undefined;
  const reasonOf = ({ status }: V1Pod): string => status?.containerStatuses?.[0]?.state?.waiting?.reason ?? '';
  const waits = (pod: V1Pod): boolean =>
    pod.spec?.containers[0]?.image === BAD && /^(ErrImageNeverPull|ErrImagePull|ImagePullBackOff)$/.test(reasonOf(pod));

  for (const [name, made, stays] of CASES) {
    it(`${name}: ${stays} of two pods stay, one waits, and afterwards all is as it was`, async () => {
      const controller = await make(name, made);
      const kubernetes = await openKubernetes({ kubeconfig: node.kubeconfig, namespace: NAMESPACE });
      const templates = openPodTemplates(kubernetes, 'none');
      const { forget } = openLeftoverTemplates(kubernetes);
      const there = async () => ((await templates.rolledOut(controller)) ? true : undefined);
      await pollUntil('two pods', there, POLL);
      const before = await belongingsOf(node, NAMESPACE);
      const of = await templates.template(controller);
      assert.deepEqual([of.container, of.replicas, of.stays], ['waits', 2, stays]);

      await templates.setImage(controller, of, { from: of.image, to: BAD });
      const broken = async () => {
        const pods = await podsOf(name);
        return pods.some(waits) && pods.filter(run).length === stays ? true : undefined;
      };
      await pollUntil('a pod that waits', broken, POLL);
      assert.equal(await templates.image(controller, of), BAD);
      await assert.rejects(templates.template(controller), hasCode('FAULT_INJECT', /it is replacing pods already/));
      // While it is used nobody takes it away.
      assert.equal((await forget(controller, of, BAD)).length, 1);
      assert.equal(await broken(), true);

      await templates.setImage(controller, of, { from: BAD, to: of.image });
      const back = async () => {
        const bad = (await podsOf(name)).filter(({ spec }) => spec?.containers[0]?.image === BAD);
        if (controller.kind === 'StatefulSet') {
          for (const { metadata } of bad) {
            const pod = { namespace: NAMESPACE, name: metadata?.name ?? '', gracePeriodSeconds: 0 };
            await core.deleteNamespacedPod(pod).catch(() => {});
          }
        }
        return bad.length === 0 ? there() : undefined;
      };
      await pollUntil('two pods again', back, POLL);
      const forgotten = async () => ((await forget(controller, of, BAD)).length === 0 ? true : undefined);
      await pollUntil('nothing that is kept', forgotten, POLL);
      const same = async () => {
        assert.deepEqual(await belongingsOf(node, NAMESPACE), before);
        return true;
      };
      await pollUntil('the namespace as it was', same, POLL);
    });
  }

  it('are nothing to controllers that replace no pods', async () => {
    const kubernetes = await openKubernetes({ kubeconfig: node.kubeconfig, namespace: NAMESPACE });
    const templates = openPodTemplates(kubernetes, 'none');
    const refused = async (name: string, made: Made, why: RegExp) =>
      assert.rejects(templates.template(await make(name, made)), hasCode('FAULT_INJECT', why));
    await refused(
      'on-delete',
      { updateStrategy: { type: 'OnDelete' } },
      /only pods that somebody deletes \(OnDelete\)/,
    );
    const rollingUpdate = { partition: 2 };
    await refused(
      'none-left',
      { updateStrategy: { type: 'RollingUpdate', rollingUpdate } },
      /only pods from number 2 on/,
    );
  });
});
