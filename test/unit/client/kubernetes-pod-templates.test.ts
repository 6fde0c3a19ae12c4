import assert from 'node:assert/strict';
import type { AppsV1Api, V1ReplicaSet } from '@kubernetes/client-node';
import type { CallOptions, KubernetesPods } from '../../../src/client/kubernetes/connection.js';
import { openLeftoverTemplates } from '../../../src/client/kubernetes/leftover-templates.js';
import { openPodTemplates } from '../../../src/client/kubernetes/pod-templates.js';
import { FlinchError } from '../../../src/core/error.js';
import { hasCode } from '../../support/has-code.js';

const DEPLOYMENT = { kind: 'Deployment', name: 'tm' } as const;
const STATEFUL = { kind: 'StatefulSet', name: 'tm' } as const;

/** A controller of five pods with a sidecar, all there. */
const made = (spec: object = {}, status: object = {}) => ({
  metadata: { name: 'tm', uid: 'u1', generation: 3, resourceVersion: '1' },
  spec: {
    replicas: 5,
    template: {
      spec: {
        containers: [
          { name: 'proxy', image: 'proxy:1' },
          { name: 'main', image: 'flink:1' },
        ],
      },
    },
    ...spec,
  },
  status: { observedGeneration: 3, replicas: 5, updatedReplicas: 5, availableReplicas: 5, ...status },
});

function server(controller: ReturnType<typeof made>, replicaSets: V1ReplicaSet[] = []) {
  const world = { controller, replicaSets };
  const api = {
    readNamespacedDeployment: async () => structuredClone(world.controller),
    readNamespacedStatefulSet: async () => structuredClone(world.controller),
    async replaceNamespacedDeployment({ body }: { body: ReturnType<typeof made> }) {
      const { resourceVersion } = world.controller.metadata;
      if (body.metadata.resourceVersion !== resourceVersion) {
        throw new FlinchError('KUBERNETES', { what: 'it answered 409', cause: { code: 409 } });
      }
      world.controller = { ...body, metadata: { ...body.metadata, resourceVersion: `${Number(resourceVersion) + 1}` } };
    },
    listNamespacedReplicaSet: async () => ({ items: world.replicaSets }),
    async deleteNamespacedReplicaSet({ name }: { name: string }) {
      world.replicaSets = world.replicaSets.filter(({ metadata }) => metadata?.name !== name);
    },
  } as unknown as AppsV1Api;
  const kubernetes = {
    namespace: 'flink',
    apps: async (_: string, work: (apps: AppsV1Api, options: CallOptions) => unknown) => work(api, {} as CallOptions),
  } as unknown as KubernetesPods;
  return { world, templates: openPodTemplates(kubernetes, 'main'), leftovers: openLeftoverTemplates(kubernetes) };
}

const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});
const update = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });

describe('what controllers make their pods of', () => {
  for (const [of, spec, stays] of [
    [DEPLOYMENT, {}, 4],
    [DEPLOYMENT, { strategy: { type: 'Recreate' } }, 0],
    [DEPLOYMENT, rolling(1, 0), 5],
    [DEPLOYMENT, rolling(0, '50%'), 3],
    [DEPLOYMENT, rolling(0, '10%'), 4],
    [DEPLOYMENT, rolling(0, 9), 0],
    [STATEFUL, {}, 4],
    [STATEFUL, update({ partition: 4, maxUnavailable: 3 }), 4],
    [STATEFUL, update({ maxUnavailable: '30%' }), 3],
  ] as const) {
    it(`tells that ${stays} of five stay of a ${of.kind} with ${JSON.stringify(spec)}`, async () => {
      const { container, image, ...template } = await server(made(spec)).templates.template(of);
      assert.deepEqual([container, image, template], ['main', 'flink:1', { uid: 'u1', replicas: 5, stays }]);
    });
  }

  it('is nothing to change where no pod would be replaced, or some are by now', async () => {
    for (const [of, controller, why] of [
      [DEPLOYMENT, made({ paused: true }), /it is paused/],
      [STATEFUL, made({ updateStrategy: { type: 'OnDelete' } }), /OnDelete/],
      [STATEFUL, made(update({ partition: 5 })), /only pods from number 5 on/],
      [DEPLOYMENT, made({}, { observedGeneration: 2 }), /is replacing pods already/],
      [DEPLOYMENT, made({}, { updatedReplicas: 4 }), /is replacing pods already/],
      [DEPLOYMENT, made({}, { availableReplicas: 4 }), /not all are there/],
    ] as const) {
      await assert.rejects(server(controller).templates.template(of), hasCode('FAULT_INJECT', why));
    }
  });

  it('has another image for one container, and all else as it is by then', async () => {
    const { world, templates } = server(made());
    const of = await templates.template(DEPLOYMENT);
    world.controller = { ...made({ replicas: 6 }), metadata: { ...made().metadata, resourceVersion: '7' } };
    await templates.setImage(DEPLOYMENT, of, { from: 'flink:1', to: 'bad' });
    assert.equal(await templates.image(DEPLOYMENT, of), 'bad');
    assert.deepEqual(
      [world.controller.spec.replicas, world.controller.spec.template.spec.containers[0]?.image],
      [6, 'proxy:1'],
    );
    await templates.setImage(DEPLOYMENT, of, { from: 'flink:1', to: 'worse' });
    assert.equal(await templates.image(DEPLOYMENT, of), 'bad');
    world.controller.metadata.uid = 'u2';
    await templates.setImage(DEPLOYMENT, of, { from: 'bad', to: 'flink:1' });
    assert.equal(await templates.image(DEPLOYMENT, of), undefined);
    assert.equal(world.controller.spec.template.spec.containers[1]?.image, 'bad');
  });

  it('is forgotten of an image once no pod is made of it, and of no other image or controller', async () => {
    const replicaSet = (name: string, image: string, uid: string, replicas: number): V1ReplicaSet => ({
      metadata: { name, uid: name, ownerReferences: [{ apiVersion: '', kind: '', name: '', uid, controller: true }] },
      spec: { selector: {}, replicas, template: { spec: { containers: [{ name: 'main', image }] } } },
    });
    const { world, templates, leftovers } = server(made(), [
      replicaSet('ours', 'bad', 'u1', 1),
      replicaSet('good', 'flink:1', 'u1', 0),
      replicaSet('theirs', 'bad', 'u9', 0),
    ]);
    const of = await templates.template(DEPLOYMENT);
    const names = () => world.replicaSets.map(({ metadata }) => metadata?.name);
    assert.deepEqual([await leftovers.forget(DEPLOYMENT, of, 'bad'), names()], [['ours'], ['ours', 'good', 'theirs']]);
    world.replicaSets[0] = replicaSet('ours', 'bad', 'u1', 0);
    assert.deepEqual([await leftovers.forget(DEPLOYMENT, of, 'bad'), names()], [['ours'], ['good', 'theirs']]);
    assert.deepEqual(await leftovers.forget(DEPLOYMENT, of, 'bad'), []);
  });
});
