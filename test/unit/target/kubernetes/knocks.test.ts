import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { execa } from 'execa';
import type { KubernetesPods } from '../../../../src/client/kubernetes/connection.js';
import { podKnocks } from '../../../../src/target/kubernetes/knocks.js';
import { aPod } from '../../../support/kubernetes/a-pod.js';

/** Shells of a pod that is this machine. */
const here = {
  shell: () => ({
    async run(script: string, args: readonly string[], timeout: number) {
      const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
      const { exitCode, stdout, stderr } = await execa('bash', ['-c', script, 'sh', ...args], {
        timeout,
        env,
        reject: false,
      });
      return { code: exitCode ?? 1, stdout, stderr };
    },
    close() {},
  }),
} as unknown as KubernetesPods;

describe('knocking from inside a container', () => {
  const servers: Server[] = [];
  const listen = async (host: string): Promise<number> => {
    const server = createServer((socket) => socket.destroy());
    servers.push(server);
    server.listen(0, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  after(() => {
    for (const server of servers) server.close();
  });

  const pod = aPod('tm-a', 1);
  const knocks = podKnocks(here);

  it('finds the ports that others may connect to, of either family, and not those of loopback', async () => {
    const [all, any, own] = [await listen('0.0.0.0'), await listen('::'), await listen('127.0.0.1')];
    const found = await knocks.listening(pod);
    assert.deepEqual(
      [all, any, own].map((port) => found.includes(port)),
      [true, true, false],
    );
  });

  it('tells a connection from a refusal, however many are tried', async () => {
    const port = await listen('127.0.0.1');
    const open = { host: '127.0.0.1', port };
    const closed = { host: '127.0.0.1', port: 1 };
    const doors = Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? closed : open));
    assert.deepEqual(
      await knocks.knock(pod, doors),
      doors.map((door) => (door === open ? 'connects' : 'refused')),
    );
    assert.deepEqual(await knocks.knock(pod, []), []);
  });

  it('finds the API server where a container is told', async () => {
    assert.deepEqual(await knocks.apiServer(pod), { host: '10.96.0.1', port: 443 });
  });
});
