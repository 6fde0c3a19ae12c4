import { CoreV1Api, KubeConfig, type V1ConfigMap, Watch } from '@kubernetes/client-node';
import { systemClock } from '../../../src/core/clock.js';
import { pollUntil } from '../../../src/core/poll.js';

const POLL = { every: 20, within: 20_000, clock: systemClock, signal: new AbortController().signal };

/** What an API server says to whoever changes a ConfigMap, as a real one said it; its stand-in has to say the same. */
export const EXPECTED = [
  'create: x=1, a version, a uid',
  'create again: 409 AlreadyExists',
  'read: x=1, the same version',
  'read another: 404 NotFound',
  'replace: x=2, another version',
  'replace with the old version: 409 Conflict',
  'replace with the same: the same version',
  'replace without a version: x=3',
  'replace another: 404 NotFound',
  'list by label: one',
  'list by another label: ',
  'list by name: one',
  'delete of another uid: 409 Conflict',
  'delete of an old version: 409 Conflict',
  'delete: Success',
  'delete again: 404 NotFound',
  'watched: ADDED 1, MODIFIED 2, MODIFIED 3, DELETED 3',
];

interface Failure {
  code?: number;
  body?: string | { reason?: string };
}

/** Talks to an API server about ConfigMaps of a namespace where there is none called `one`; what it said, a line each. */
export async function exchanges(kubeconfig: string, namespace: string): Promise<string[]> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const said: string[] = [];
  const refusal = ({ code, body }: Failure): string => {
    const { reason } = (typeof body === 'string' ? JSON.parse(body) : body) as { reason?: string };
    return `${code} ${reason}`;
  };
  const say = async (what: string, work: () => Promise<string>): Promise<void> => {
    said.push(`${what}: ${await work().catch(refusal)}`);
  };
  const [labels, name] = [{ app: 'contract' }, 'one'];
  const version = ({ metadata }: V1ConfigMap) => metadata?.resourceVersion ?? '';
  const read = () => core.readNamespacedConfigMap({ namespace, name });
  const replace = (body: V1ConfigMap, of = name) => core.replaceNamespacedConfigMap({ namespace, name: of, body });
  const fresh = (x: string): V1ConfigMap => ({ metadata: { name, labels }, data: { x } });
  const told = (known: string, map: V1ConfigMap) => `${version(map) === known ? 'the same' : 'another'} version`;

  const seen: string[] = [];
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const watching = await new Watch(config).watch(
    path,
    { fieldSelector: `metadata.name=${name}` },
    (type: string, map: V1ConfigMap) => seen.push(`${type} ${map.data?.x}`),
    () => {},
  );
  let first: V1ConfigMap = {};
  await say('create', async () => {
    first = await core.createNamespacedConfigMap({ namespace, body: fresh('1') });
    return `x=${first.data?.x}, ${version(first) && 'a version'}, ${first.metadata?.uid && 'a uid'}`;
  });
  const create = () => core.createNamespacedConfigMap({ namespace, body: fresh('1') });
  await say('create again', async () => version(await create()));
  await say('read', async () => {
    const map = await read();
    return `x=${map.data?.x}, ${told(version(first), map)}`;
  });
  await say('read another', async () => version(await core.readNamespacedConfigMap({ namespace, name: 'two' })));
  let second: V1ConfigMap = {};
  await say('replace', async () => {
    second = await replace({ ...first, data: { x: '2' } });
    return `x=${second.data?.x}, ${told(version(first), second)}`;
  });
  await say('replace with the old version', async () => version(await replace({ ...first, data: { x: '9' } })));
  await say('replace with the same', async () => told(version(second), await replace(second)));
  await say('replace without a version', async () => `x=${(await replace(fresh('3'))).data?.x}`);
  await say('replace another', async () => version(await replace({ metadata: { name: 'two' } }, 'two')));
  const list = async (selector: object) => {
    const { items } = await core.listNamespacedConfigMap({ namespace, ...selector });
    return items.map(({ metadata }) => metadata?.name).join();
  };
  await say('list by label', () => list({ labelSelector: 'app=contract' }));
  await say('list by another label', () => list({ labelSelector: 'app=nothing' }));
  await say('list by name', () => list({ fieldSelector: `metadata.name=${name}` }));
  const remove = async (preconditions: object) =>
    (await core.deleteNamespacedConfigMap({ namespace, name, body: { preconditions } })).status ?? '';
  await say('delete of another uid', () => remove({ uid: '00000000-0000-4000-8000-000000000000' }));
  await say('delete of an old version', () => remove({ resourceVersion: version(first) }));
  const now = await read();
  await say('delete', () => remove({ uid: now.metadata?.uid, resourceVersion: version(now) }));
  await say('delete again', () => remove({}));
  await say('watched', async () => {
    await pollUntil('a deletion', async () => seen.some((line) => line.startsWith('DELETED')) || undefined, POLL);
    watching.abort();
    return seen.join(', ');
  });
  return said;
}
