import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { PortForward } from '@kubernetes/client-node';
import { type Destination, type Door, openDoor, reaches } from '../../../src/client/kubernetes/door.js';
import { type Forward, forward } from '../../../src/client/kubernetes/forward.js';
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
  // One that is closed in the middle of a word is closed.
  socket.on('error', () => {});
  socket.write(word);
  await new Promise((closed) => socket.once('close', closed));
  return heard;
}

/** Until a check holds: what comes about by sockets takes a moment. */
async function eventually(check: () => void): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return check();
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
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
      (socket, of, _port, onOutcome) => {
        asked.push(of);
        socket.destroy();
        onOutcome('refused');
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

  it('lets one in at first, and the others with the luck of that one', async () => {
    let now = 0;
    let wakers: (() => void)[] = [];
    // Time passes when the test says so: sockets take theirs.
    const clock = { ...systemClock, mono: () => now, sleep: () => new Promise<void>((wake) => wakers.push(wake)) };
    const pass = (): void => {
      now += 1_000;
      for (const wake of wakers) wake();
      wakers = [];
    };
    const tries: ((outcome: 'refused' | 'answered') => void)[] = [];
    const answer = (socket: Socket) => socket.on('data', (chunk) => socket.write(`back ${chunk}`));
    door = await openDoor(
      () => ({ pod: 'a', port }),
      (socket, _pod, _port, onOutcome) =>
        void tries.push((outcome) => {
          onOutcome(outcome);
          if (outcome === 'answered') answer(socket);
          else socket.destroy();
        }),
      clock,
    );
    const tried = (count: number) => eventually(() => assert.equal(tries.length, count));
    const three = () => Promise.all(['x', 'y', 'z'].map((word) => say(door, word)));
    const unlucky = three();
    await tried(1);
    tries[0]?.('refused');
    assert.deepEqual(await unlucky, ['', '', '']);
    pass();
    const lucky = three();
    await tried(2);
    tries[1]?.('answered');
    await tried(4);
    for (const known of tries.slice(2)) known('answered');
    assert.deepEqual(await lucky, ['back x', 'back y', 'back z']);
    // Those have ended: whether anybody answers now is found out by one again, who is not waited for for long.
    const others = three();
    await tried(5);
    pass();
    await tried(6);
    pass();
    await tried(7);
    for (const slow of tries.slice(4)) slow('answered');
    assert.deepEqual(await others, ['back x', 'back y', 'back z']);
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

  for (const [what, made, heard, outcome] of [
    ['is joined with the pod, both ways', library('well', ''), 'well', 'answered'],
    ['ends where the pod says that nobody listens', library('well', 'connection refused'), '', 'refused'],
    ['ends where the API server refuses it', library('well', '', false), '', 'refused'],
  ] as const) {
    it(what, async () => {
      const outcomes: string[] = [];
      const told: Forward = (socket, pod, port, onOutcome) =>
        forward(made, 'flink')(socket, pod, port, (it) => {
          outcomes.push(it);
          onOutcome(it);
        });
      const door = await openDoor(() => ({ pod: 'a', port: 8081 }), told, systemClock);
      try {
        assert.equal(await say(door, 'hello'), heard);
        assert.deepEqual(outcomes, [outcome]);
      } finally {
        await door.close();
      }
    });
  }
});
