import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Kubernetes, openKubernetes } from '../../../src/client/kubernetes/connection.js';
import { systemClock } from '../../../src/core/clock.js';
import { pollUntil } from '../../../src/core/poll.js';
import {
  type Behaviour,
  hang,
  json,
  type LyingHttpServer,
  reset,
  startLyingHttp,
} from '../../support/lying-http-server.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const PATH = '/api/v1/namespaces/flink/configmaps';
const EVENT = `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name: 'demo' } } })}\n`;
const POLL = { every: 5, within: 2_000, clock: systemClock, signal: new AbortController().signal };
const until = (what: string, holds: () => boolean) => pollUntil(what, async () => holds() || undefined, POLL);

/** Sends events, and ends the answer or keeps it open. */
const events =
  (count: number, ends = false): Behaviour =>
  (_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.write(EVENT.repeat(count));
    if (ends) setTimeout(() => response.end(), 20);
  };

describe('a watch of a ConfigMap', function () {
  // Importing the library takes half a second on a busy machine.
  this.timeout(10_000);
  const folder = temporaryFolder();
  let server: LyingHttpServer;
  let kubernetes: Kubernetes;
  before(async () => {
    await import('@kubernetes/client-node');
    server = await startLyingHttp();
  });
  beforeEach(async () => {
    const kubeconfig = join(folder(), 'config');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'flink' } }],
      'current-context': 'here',
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    kubernetes = await openKubernetes({ kubeconfig, timeoutMs: 300 });
  });
  after(() => server.close());

  function watch(behaviour: Behaviour) {
    server.on(PATH, behaviour);
    const seen = { events: 0, ends: 0 };
    const close = kubernetes.watchConfigMap(
      'demo',
      () => seen.events++,
      () => seen.ends++,
    );
    return { seen, close };
  }
  const gone = () => pollUntil('no connection', async () => (await server.connections()) === 0 || undefined, POLL);

  it('tells of each change until it is closed, and leaves nothing behind', async () => {
    const { seen, close } = watch(events(2));
    await until('two events', () => seen.events === 2);
    assert.match(server.requests.at(-1) ?? '', /configmaps\?watch=true&fieldSelector=metadata\.name%3Ddemo/);
    await systemClock.sleep(400);
    assert.equal(seen.ends, 0, 'one that has begun may be silent');
    close();
    await gone();
    assert.deepEqual(seen, { events: 2, ends: 0 });
  });

  for (const [what, behaviour] of [
    ['the server ends it', events(1, true)],
    ['the server does not answer', hang],
    ['the connection is reset', reset],
    ['it is not allowed', json({ message: 'forbidden' }, 403)],
  ] as const) {
    it(`says once that it has ended where ${what}`, async () => {
      const { seen } = watch(behaviour);
      await until('the end', () => seen.ends === 1);
      await gone();
      await systemClock.sleep(50);
      assert.equal(seen.ends, 1);
    });
  }

  it('that has not begun is closed all the same', async () => {
    const { seen, close } = watch(hang);
    await systemClock.sleep(50);
    close();
    await gone();
    await systemClock.sleep(350);
    assert.deepEqual(seen, { events: 0, ends: 0 });
  });
});
