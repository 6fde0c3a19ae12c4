import assert from 'node:assert/strict';
import type { CoreV1Api, NetworkingV1Api, V1NetworkPolicy } from '@kubernetes/client-node';
import type { CallOptions, KubernetesPods } from '../../../../src/client/kubernetes/connection.js';
import type { Pod } from '../../../../src/client/kubernetes/pod.js';
import { FlinchError } from '../../../../src/core/error.js';
import type { PodView } from '../../../../src/target/kubernetes/pods.js';
import { podPolicies } from '../../../../src/target/kubernetes/policies.js';
import { seats as seatsOf } from '../../../../src/target/kubernetes/seats.js';
import { hasCode } from '../../../support/has-code.js';
import { aPod } from '../../../support/kubernetes/a-pod.js';

const CUT = { id: 'cut-1', between: ['taskmanager-1'], and: ['jobmanager-1'] };

/** An API server that has pods with labels, and policies; and shells that answer what they are told to. */
function server(...pods: Pod[]) {
  const refuse = (code: number): never => {
    throw new FlinchError('KUBERNETES', { what: `it answered ${code}`, cause: { code } });
  };
  const labels = new Map(pods.map(({ name }) => [name, {} as Record<string, string>]));
  const policies = new Map<string, V1NetworkPolicy>();
  const world = { labels, policies, log: [] as string[], listening: '8081\n6123\n8081\n', answers: '0 connects\n' };
  const core = {
    async patchNamespacedPod({ name, body }: { name: string; body: { op: string; path: string; value?: string }[] }) {
      const own = labels.get(name) ?? refuse(404);
      const [test, change] = body;
      if (test?.value !== pods.find((pod) => pod.name === name)?.uid) refuse(422);
      const key = change?.path.replace('/metadata/labels/', '').replace('~1', '/') ?? '';
      world.log.push(`${change?.op} ${key} ${name}`);
      if (change?.op === 'remove' && !(key in own)) refuse(422);
      if (change?.op === 'remove') delete own[key];
      else own[key] = change?.value ?? '';
    },
    listNamespacedPod: async ({ labelSelector }: { labelSelector: string }) => ({
      items: pods
        .filter(({ name }) => labelSelector in (labels.get(name) ?? {}))
        .map(({ name, uid }) => ({ metadata: { name, uid } })),
    }),
  } as unknown as CoreV1Api;
  const networking = {
    async createNamespacedNetworkPolicy({ body }: { body: V1NetworkPolicy }) {
      const name = body.metadata?.name ?? '';
      if (policies.has(name)) refuse(409);
      world.log.push(`make ${name}`);
      policies.set(name, body);
    },
    async deleteNamespacedNetworkPolicy({ name }: { name: string }) {
      world.log.push(`delete ${name}`);
      if (!policies.delete(name)) refuse(404);
    },
    readNamespacedNetworkPolicy: async ({ name }: { name: string }) => policies.get(name) ?? refuse(404),
  } as unknown as NetworkingV1Api;
  const kubernetes = {
    namespace: 'flink',
    call: async (_: string, work: (api: CoreV1Api, options: CallOptions) => unknown) => work(core, {} as CallOptions),
    networking: async (_: string, work: (api: NetworkingV1Api, options: CallOptions) => unknown) =>
      work(networking, {} as CallOptions),
    shell: ({ pod, container }: { pod: string; container: string }) => ({
      async run(script: string, args: readonly string[]) {
        world.log.push(`in ${container} of ${pod}: ${args.join(' ')}`);
        const stdout = /proc\/net/.test(script) ? world.listening : world.answers;
        return { code: 0, stdout, stderr: '' };
      },
      close: () => void world.log.push(`leave ${pod}`),
    }),
  } as unknown as KubernetesPods;
  const nodes = [
    { name: 'jobmanager-1', role: 'jobmanager' },
    { name: 'taskmanager-1', role: 'taskmanager' },
  ] as const;
  const seats = seatsOf(nodes, (pod) => pod.labels.component);
  seats.settle(pods);
  const view: PodView = { now: () => pods, fresh: async () => pods, onChange: () => () => {}, close: () => {} };
  return { world, policies: podPolicies({ kubernetes, view, seats, labels: { by: 'flinch' } }) };
}

const both = () => server(aPod('jm-a', 1), aPod('tm-a', 2, { ips: ['10.0.0.2', 'fd00::2'] }));

describe('pods that are kept apart by policies', () => {
  it('are marked first, with a policy for either side then', async () => {
    const { world, policies } = both();
    await policies.keepApart(CUT);
    const mark = (name: string) => `add flinch/cut-1 ${name}`;
    assert.deepEqual(world.log, [mark('tm-a'), mark('jm-a'), 'make flinch-cut-1-between', 'make flinch-cut-1-and']);
    assert.deepEqual([...world.labels.values()], [{ 'flinch/cut-1': 'and' }, { 'flinch/cut-1': 'between' }]);
    const blocks = (name: string) =>
      (world.policies.get(name)?.spec?.egress?.[0]?.to ?? []).flatMap(({ ipBlock }) => ipBlock?.except ?? []);
    assert.deepEqual(blocks('flinch-cut-1-between'), ['10.0.0.1/32']);
    assert.deepEqual(blocks('flinch-cut-1-and'), ['10.0.0.2/32', 'fd00::2/128']);
    assert.deepEqual(world.policies.get('flinch-cut-1-and')?.metadata?.labels, { by: 'flinch' });
    assert.deepEqual(await policies.left('cut-1'), [
      'NetworkPolicy flinch-cut-1-between',
      'NetworkPolicy flinch-cut-1-and',
      'label flinch/cut-1 of pod jm-a',
      'label flinch/cut-1 of pod tm-a',
    ]);
    // And once more, of what is there.
    await policies.keepApart(CUT);
  });

  it('are as they were afterwards, whoever made it and however often it is taken back', async () => {
    const { world, policies } = both();
    await policies.keepApart(CUT);
    assert.equal((await policies.leftOfAll()).length, 4);
    for (const _ of [1, 2]) await policies.restore('cut-1');
    assert.deepEqual([world.policies.size, ...world.labels.values()], [0, {}, {}]);
    assert.deepEqual([await policies.left('cut-1'), await policies.leftOfAll()], [[], []]);
  });

  it('are healed of their policies before they lose their marks', async () => {
    const { world, policies } = both();
    await policies.keepApart(CUT);
    world.log.length = 0;
    await policies.restore('cut-1');
    assert.deepEqual(world.log.slice(0, 2), ['delete flinch-cut-1-between', 'delete flinch-cut-1-and']);
    assert.deepEqual(world.log.slice(2), ['remove flinch/cut-1 jm-a', 'remove flinch/cut-1 tm-a']);
  });

  it('are none that have the network of their machine, that do not run, or that are others by now', async () => {
    const refused = (pod: Partial<Pod>, why: RegExp) => {
      const { policies } = server(aPod('jm-a', 1), aPod('tm-a', 2, pod));
      return assert.rejects(policies.keepApart(CUT), hasCode('FAULT_INJECT', why));
    };
    await refused({ hostNetwork: true }, /hostNetwork/);
    const { container = assert.fail() } = aPod('tm-a', 2);
    await refused({ container: { ...container, running: false } }, /no pod that runs/);
    const { world, policies } = both();
    world.labels.delete('tm-a');
    await assert.rejects(policies.keepApart(CUT), hasCode('FAULT_INJECT', /another one by now: .*404 - tm-a/));
    assert.deepEqual([...world.policies], []);
  });

  it('are asked from inside, each by one connection that lasts', async () => {
    const { world, policies } = both();
    const doors = await policies.doors('jobmanager-1');
    assert.deepEqual(
      doors?.map(({ host, port }) => `${host}:${port}`),
      ['10.0.0.1:6123', '10.0.0.1:8081', '10.0.0.1:1'],
    );
    world.answers = '2 refused\n0 connects\n1 nothing\n';
    assert.deepEqual(await policies.knock('taskmanager-1', doors ?? []), ['connects', 'nothing', 'refused']);
    world.answers = '0 missing\n';
    await assert.rejects(
      policies.knock('taskmanager-1', doors ?? []),
      hasCode('FAULT_INJECT', /missing - tm-a.*timeout/),
    );
    policies.close();
    assert.deepEqual(world.log.at(1), 'in flink of tm-a: 10.0.0.1:6123 10.0.0.1:8081 10.0.0.1:1');
    assert.deepEqual(world.log.slice(-2), ['leave jm-a', 'leave tm-a']);
  });
});
