import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { PortForward } from '@kubernetes/client-node';
import { type Destination, type Door, openDoor, reaches } from '../../../src/client/kubernetes/door.js';
import { forward } from '../../../src/client/kubernetes/forward.js';
import { systemClock } from '../../../src/core/clock.js';
import { handClock } from '../../support/hand-clock.js';

/** Says a word through a door; what comes back until it is closed. */
async function say(door: Door, word: string): Promise<string> {
  const { hostname, port } = new URL(door.url);
  const socket = connect({ host: hostname, port: Number(port) });
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk;
    socket.end();
  });
  socket.on('error', () => {});
  socket.write(word);
  await once(socket, 'close');
  return heard;
}

describe('a door to a pod', () => {
  let door: Door;
  let behind: Server;
  let port = 0;
  before(async () => {
    behind = createServer((socket) => socket.on('data', (chunk) => socket.write(`direct ${chunk}`)));
    behind.listen(0, '127.0.0.1');
    await once(behind, 'listening');
    port = (behind.address() as { port: number }).port;
  });
  after(() => behind.close());
  afterEach(() => door.close());

  it('leads to whoever is behind it now, by his address or by way of the API server', async () => {
    let to: Destination | undefined = { pod: 'a', port, host: '127.0.0.1' };
    const forwarded = (socket: Socket, pod: string) => socket.on('data', (chunk) => socket.write(`${pod} ${chunk}`));
    door = await openDoor(() => to, forwarded, systemClock);
    assert.equal(await say(door, 'hello'), 'direct hello');
    to = { pod: 'b', port };
    assert.equal(await say(door, 'hello'), 'b hello');
    to = undefined;
    assert.equal(await say(door, 'hello'), '');
    to = { pod: 'c', port: 1, host: '127.0.0.1' };
    assert.equal(await say(door, 'hello'), '');
  });

  it('ends what goes through it when it is closed', async () => {
    door = await openDoor(
      () => ({ pod: 'a', port }),
      () => {},
      systemClock,
    );
    const waiting = say(door, 'hello');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await door.close();
    assert.equal(await waiting, '');
  });

  it('asks no API server again for a moment where nobody listens, and at once for another pod', async () => {
    const clock = handClock();
    const asked: string[] = [];
    let pod = 'a';
    door = await openDoor(
      () => ({ pod, port }),
      (socket, of, _port, onRefused) => {
        asked.push(of);
        socket.destroy();
        onRefused();
      },
      clock,
    );
    for (let i = 0; i < 3; i++) assert.equal(await say(door, 'hello'), '');
    assert.deepEqual(asked, ['a']);
    await clock.sleep(1_000);
    await say(door, 'hello');
    pod = 'b';
    await say(door, 'hello');
    assert.deepEqual(asked, ['a', 'a', 'b']);
  });

  it('knows what can be reached', async () => {
    door = await openDoor(
      () => undefined,
      () => {},
      systemClock,
    );
    assert.deepEqual(await Promise.all([reaches('127.0.0.1', port, 500), reaches('127.0.0.1', 1, 500)]), [true, false]);
  });
});

describe('a forwarded port', () => {
  /** The library, whose pod says what a test wants: on its stream of data, and on that of errors. */
  const library = (data: string, error: string, connected = true) =>
    ({
      portForward: async (_: string, pod: string, ports: number[], out: Writable, err: Writable, input: Readable) => {
        assert.deepEqual([pod, ports], ['a', [8081]]);
        if (!connected) throw new Error('403');
        // It begins with the number of the port, of which nothing is left.
        err.write(Buffer.alloc(0));
        if (error !== '') err.write(Buffer.from(error));
        input.on('data', () => out.write(data));
        return { close() {} };
      },
    }) as unknown as PortForward;

  for (const [what, made, heard] of [
    ['is joined with the pod, both ways', library('well', ''), 'well'],
    ['ends where the pod says that nobody listens', library('well', 'connection refused'), ''],
    ['ends where the API server refuses it', library('well', '', false), ''],
  ] as const) {
    it(what, async () => {
      const door = await openDoor(() => ({ pod: 'a', port: 8081 }), forward(made, 'flink'), systemClock);
      try {
        assert.equal(await say(door, 'hello'), heard);
      } finally {
        await door.close();
      }
    });
  }
});
