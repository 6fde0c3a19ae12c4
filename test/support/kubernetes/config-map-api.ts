import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { V1ConfigMap } from '@kubernetes/client-node';

/** What goes wrong with one request: an answer with a status, none, or one that is lost after the request was carried out. */
export type Trouble = number | 'hangs' | 'resets' | 'loses its answer';

/**
 * The ConfigMaps of one namespace behind HTTP, as an API server has them, with trouble when a test wants it. What it answers without any is held
 * against a real API server (`config-map-contract.ts`).
 */
export interface ConfigMapApi {
  /** Of its kubeconfig. */
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly maps: ReadonlyMap<string, V1ConfigMap>;
  /** "PUT orders-cluster-config-map", in order. */
  readonly requests: string[];
  /** Writes one as somebody else does; undefined takes it away. */
  write(name: string, map: (Omit<V1ConfigMap, 'metadata'> & { metadata?: V1ConfigMap['metadata'] }) | undefined): void;
  /** Asked for each request, and its number from now on. */
  trouble(when: (request: string, nth: number) => Trouble | undefined): void;
  /** Ends all watches. */
  dropWatches(): void;
  /** Watches stay open and say nothing. */
  muteWatches(muted: boolean): void;
  watches(): number;
  close(): Promise<void>;
}

type Meta = NonNullable<V1ConfigMap['metadata']>;
interface Watcher {
  response: ServerResponse;
  matches(map: V1ConfigMap): boolean;
}

const NAMESPACE = 'flink';
const PATH = new RegExp(`^/api/v1/namespaces/${NAMESPACE}/configmaps(?:/([^/]+))?$`);

const status = (code: number, reason: string, message: string) => ({
  ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
  ...{ message, reason, code },
});

/** @param folder where its kubeconfig goes */
export async function startConfigMapApi(folder: string): Promise<ConfigMapApi> {
  const maps = new Map<string, V1ConfigMap>();
  const requests: string[] = [];
  const watchers = new Set<Watcher>();
  let version = 100;
  let muted = false;
  let count = 0;
  let troubleOf: (request: string, nth: number) => Trouble | undefined = () => undefined;

  const tell = (type: string, map: V1ConfigMap): void => {
    if (muted) return;
    for (const { response, matches } of watchers)
      if (matches(map))
        response.write(`${JSON.stringify({ type, object: { kind: 'ConfigMap', apiVersion: 'v1', ...map } })}\n`);
  };
  const put = (name: string, { metadata, ...rest }: V1ConfigMap): V1ConfigMap => {
    const before = maps.get(name);
    const meta: Meta = {
      ...metadata,
      ...{ name, namespace: NAMESPACE, uid: before?.metadata?.uid ?? randomUUID() },
      resourceVersion: before?.metadata?.resourceVersion ?? '',
    };
    const next = { ...rest, metadata: meta };
    // Nothing has changed: it keeps its version, and nobody is told.
    if (before && JSON.stringify(sorted(before)) === JSON.stringify(sorted(next))) return before;
    meta.resourceVersion = String(++version);
    maps.set(name, next);
    tell(before ? 'MODIFIED' : 'ADDED', next);
    return next;
  };
  const remove = (name: string): void => {
    const map = maps.get(name);
    if (!map) return;
    maps.delete(name);
    tell('DELETED', { ...map, metadata: { ...map.metadata, resourceVersion: String(++version) } });
  };

  /** Status of the answer, and its body. */
  function carryOut(
    method: string,
    name: string | undefined,
    query: URLSearchParams,
    body: unknown,
  ): [number, unknown] {
    const there = name === undefined ? undefined : maps.get(name);
    const notFound = status(404, 'NotFound', `configmaps "${name}" not found`);
    const conflict = (why: string) =>
      status(409, 'Conflict', `Operation cannot be fulfilled on configmaps "${name}": ${why}`);
    if (method === 'GET' && name === undefined) {
      const items = [...maps.values()].filter(selected(query)).sort(byName);
      return [200, { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: String(version) }, items }];
    }
    if (method === 'POST') {
      const map = body as V1ConfigMap;
      const of = map.metadata?.name ?? '';
      if (maps.has(of)) return [409, status(409, 'AlreadyExists', `configmaps "${of}" already exists`)];
      return [201, put(of, map)];
    }
    if (!there || name === undefined) return [404, notFound];
    if (method === 'GET') return [200, there];
    if (method === 'PUT') {
      const map = body as V1ConfigMap;
      const wanted = map.metadata?.resourceVersion;
      if (wanted && wanted !== there.metadata?.resourceVersion)
        return [
          409,
          conflict('the object has been modified; please apply your changes to the latest version and try again'),
        ];
      return [200, put(name, map)];
    }
    const { uid, resourceVersion } = (body as { preconditions?: Meta } | undefined)?.preconditions ?? {};
    if (uid && uid !== there.metadata?.uid) return [409, conflict('Precondition failed: UID in precondition')];
    if (resourceVersion && resourceVersion !== there.metadata?.resourceVersion)
      return [409, conflict('Precondition failed: ResourceVersion in precondition')];
    remove(name);
    return [200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }];
  }

  function watch(query: URLSearchParams, response: ServerResponse): void {
    const matches = selected(query);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    const watcher = { response, matches };
    watchers.add(watcher);
    response.on('close', () => watchers.delete(watcher));
    response.flushHeaders();
    // It begins with what there is.
    if (!muted)
      for (const map of [...maps.values()].filter(matches).sort(byName))
        response.write(
          `${JSON.stringify({ type: 'ADDED', object: { kind: 'ConfigMap', apiVersion: 'v1', ...map } })}\n`,
        );
  }

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? '/', 'http://here');
    const [, name] = PATH.exec(url.pathname) ?? [];
    const watching = url.searchParams.get('watch') === 'true';
    const told = `${watching ? 'WATCH' : request.method} ${name ?? ''}`.trim();
    requests.push(told);
    const trouble = troubleOf(told, ++count);
    if (trouble === 'hangs') return;
    if (trouble === 'resets') return void request.socket.resetAndDestroy();
    const say = (code: number, what: unknown) => {
      response.writeHead(code, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(what));
    };
    if (typeof trouble === 'number') return void say(trouble, status(trouble, 'InternalError', 'as the test wants it'));
    if (watching) return void watch(url.searchParams, response);
    const [code, what] = carryOut(
      request.method ?? 'GET',
      name,
      url.searchParams,
      body === '' ? undefined : JSON.parse(body),
    );
    if (trouble === 'loses its answer') return void request.socket.resetAndDestroy();
    say(code, what);
  }

  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = join(folder, `kubeconfig-${randomUUID()}`);
  writeFileSync(kubeconfig, kubeconfigFor(url));
  return {
    kubeconfig,
    namespace: NAMESPACE,
    maps,
    requests,
    write: (name, map) => (map === undefined ? remove(name) : void put(name, map as V1ConfigMap)),
    trouble(when) {
      troubleOf = when;
      count = 0;
    },
    dropWatches() {
      for (const { response } of watchers) response.end();
      watchers.clear();
    },
    muteWatches(how) {
      muted = how;
    },
    watches: () => watchers.size,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const byName = (a: V1ConfigMap, b: V1ConfigMap): number =>
  (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? '');

function selected(query: URLSearchParams): (map: V1ConfigMap) => boolean {
  const pairs = (text: string | null) => (text ? text.split(',').map((pair) => pair.split('=')) : []);
  const [labels, fields] = [pairs(query.get('labelSelector')), pairs(query.get('fieldSelector'))];
  return ({ metadata }) =>
    labels.every(([key = '', value]) => metadata?.labels?.[key] === value) &&
    fields.every(([key, value]) => key === 'metadata.name' && metadata?.name === value);
}

/** The same whatever the order of its keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, it]) => it !== undefined)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, it]) => [key, sorted(it)]),
  );
}

const kubeconfigFor = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'here', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'somebody', user: {} }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'somebody', namespace: NAMESPACE } }],
  });
