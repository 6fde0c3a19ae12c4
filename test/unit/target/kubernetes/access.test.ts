import assert from 'node:assert/strict';
import type { CoreV1Api, V1Pod } from '@kubernetes/client-node';
import type { KubernetesPods } from '../../../../src/client/kubernetes/connection.js';
import type { Pod } from '../../../../src/client/kubernetes/pod.js';
import { podAccess } from '../../../../src/target/kubernetes/access.js';
import type { PodView } from '../../../../src/target/kubernetes/pods.js';
import type { Seats } from '../../../../src/target/kubernetes/seats.js';
import { hasCode } from '../../../support/has-code.js';
import { aPod } from '../../../support/kubernetes/a-pod.js';

/** Two JobManagers and a TaskManager. @param others pods of the namespace that have an account, and are none of the cluster */
function accessOf(pods: Pod[], others: V1Pod[] = []) {
  const nodes = pods.map(({ name }) => ({
    name,
    role: name.startsWith('jm') ? ('jobmanager' as const) : ('taskmanager' as const),
  }));
  const core = {
    listNamespacedPod: async ({ fieldSelector }: { fieldSelector: string }) => {
      const account = fieldSelector.replace('spec.serviceAccountName=', '');
      const ours = pods.filter((pod) => pod.account === account).map(({ uid }): V1Pod => ({ metadata: { uid } }));
      return { items: [...ours, ...others] };
    },
  } as unknown as CoreV1Api;
  const kubernetes = {
    namespace: 'flink',
    call: async (_: string, work: (api: CoreV1Api, options: object) => unknown) => work(core, {}),
  } as unknown as KubernetesPods;
  const view = { fresh: async () => pods } as unknown as PodView;
  const seats = { podOf: (seat: string) => pods.find(({ name }) => name === seat) } as Seats;
  return podAccess({ kubernetes, view, seats, nodes });
}

const pods = (over: Partial<Pod> = {}) => [aPod('jm-1', 1), aPod('jm-2', 2, over), aPod('tm-1', 3)];
const other = (phase: string): V1Pod => ({ metadata: { name: 'report', uid: 'uid-9' }, status: { phase } });

describe('the account of JobManagers', () => {
  it('is that of their pods', async () => {
    assert.equal(await accessOf(pods()).account(), 'orders');
    assert.equal(await accessOf(pods(), [other('Succeeded'), other('Failed')]).account(), 'orders');
  });

  it('is not touched where others have it as well', async () => {
    await assert.rejects(
      accessOf(pods(), [other('Running')]).account(),
      hasCode('GUARD', /pods that are none of this cluster have it as well: report - service account orders/),
    );
    const everybodys = [aPod('jm-1', 1, { account: 'default' })];
    await assert.rejects(accessOf(everybodys).account(), hasCode('GUARD', /that of every pod that names none/));
  });

  it('has to be one', async () => {
    await assert.rejects(
      accessOf(pods({ account: 'second' })).account(),
      hasCode('FAULT_INJECT', /several accounts - orders, second/),
    );
    await assert.rejects(accessOf([]).account(), hasCode('FAULT_INJECT', /no pod of a JobManager/));
  });
});
