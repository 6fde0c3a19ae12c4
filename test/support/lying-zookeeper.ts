import { type AddressInfo, createServer, type Socket } from 'node:net';

/**
 * `honest` answers; `mute` accepts and never answers the handshake; `frozen` answers the handshake and nothing after
 * it; `closing` closes every connection at once; `closing-later` closes at the first request; `garbage` answers the
 * handshake and then nonsense.
 */
export type Temper = 'honest' | 'mute' | 'frozen' | 'closing' | 'closing-later' | 'garbage';

interface Node {
  data: Buffer;
  owner: bigint;
}

export interface LyingZooKeeper {
  /** host:port */
  server: string;
  temper: Temper;
  /** Connections taken since the start. */
  taken(): number;
  /** Connections open now. */
  open(): number;
  set(path: string, data?: Buffer, owner?: bigint): void;
  remove(path: string): void;
  /** Closes every connection, as a server that dies. */
  drop(): void;
  close(): Promise<void>;
}

const CREATED = 1;
const DELETED = 2;
const CHANGED = 3;
const CHILDREN = 4;
const NO_NODE = -101;

const int = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeInt32BE(value, index * 4);
  });
  return bytes;
};
const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const sized = (bytes: Buffer): Buffer => Buffer.concat([int(bytes.length), bytes]);
const stat = ({ data, owner }: Node): Buffer =>
  Buffer.concat([Buffer.alloc(32), int(0, 0, 0), long(owner), int(data.length, 0), long(0n)]);
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** Speaks the server's half of the protocol for reads and watches, as far as its temper lets it. */
export async function startLyingZooKeeper(temper: Temper = 'honest', sessionMs = 6000): Promise<LyingZooKeeper> {
  const nodes = new Map<string, Node>([['/', { data: Buffer.alloc(0), owner: 0n }]]);
  const sockets = new Set<Socket>();
  const watches = new Map<string, Set<Socket>>();
  let taken = 0;

  const watch = (key: string, socket: Socket) => watches.set(key, (watches.get(key) ?? new Set()).add(socket));
  const fire = (key: string, type: number, path: string) => {
    for (const socket of watches.get(key) ?? []) {
      const event = Buffer.concat([int(-1), long(-1n), int(0, type, 3), sized(Buffer.from(path))]);
      if (self.temper === 'honest') socket.write(sized(event));
    }
    watches.delete(key);
  };
  const childrenOf = (path: string) =>
    [...nodes.keys()]
      .filter((other) => other !== '/' && parentOf(other) === path)
      .map((other) => other.split('/').at(-1));

  function answer(socket: Socket, packet: Buffer): void {
    const xid = packet.readInt32BE(0);
    const type = packet.readInt32BE(4);
    const reply = (error: number, body: Buffer = Buffer.alloc(0)) =>
      socket.write(sized(Buffer.concat([int(xid), long(1n), int(error), body])));
    if (type === 11) return void reply(0);
    if (type === -11) {
      reply(0);
      return void socket.end();
    }
    const length = packet.readInt32BE(8);
    const path = packet.toString('utf8', 12, 12 + length);
    const watched = packet[12 + length] === 1;
    const node = nodes.get(path);
    if (watched && (node || type === 3)) watch(`${type === 12 ? 'children' : 'node'}:${path}`, socket);
    if (!node) return void reply(NO_NODE);
    if (type === 3) return void reply(0, stat(node));
    if (type === 4) return void reply(0, Buffer.concat([sized(node.data), stat(node)]));
    const names = childrenOf(path).map((name) => sized(Buffer.from(name ?? '')));
    reply(0, Buffer.concat([int(names.length), ...names, stat(node)]));
  }

  function serve(socket: Socket): void {
    taken += 1;
    sockets.add(socket);
    // As ZooKeeper does; otherwise two answers in a row are 40 ms apart.
    socket.setNoDelay();
    let greeted = false;
    let pending: Buffer = Buffer.alloc(0);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (self.temper === 'closing') return void socket.destroy();
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const size = pending.readInt32BE(0);
        const packet = pending.subarray(4, 4 + size);
        pending = pending.subarray(4 + size);
        if (self.temper === 'mute') continue;
        if (!greeted) {
          greeted = true;
          socket.write(sized(Buffer.concat([int(0, sessionMs), long(BigInt(taken)), sized(Buffer.alloc(16))])));
        } else if (self.temper === 'closing-later') socket.destroy();
        else if (self.temper === 'garbage') socket.write(Buffer.alloc(64, 0xee));
        else if (self.temper === 'honest') answer(socket, packet);
      }
    });
  }

  const server = createServer(serve);
  const self: LyingZooKeeper = {
    server: '',
    temper,
    taken: () => taken,
    open: () => sockets.size,
    set(path, data = Buffer.alloc(0), owner = 0n) {
      const isNew = !nodes.has(path);
      nodes.set(path, { data, owner });
      fire(`node:${path}`, isNew ? CREATED : CHANGED, path);
      if (isNew) fire(`children:${parentOf(path)}`, CHILDREN, parentOf(path));
    },
    remove(path) {
      nodes.delete(path);
      fire(`node:${path}`, DELETED, path);
      fire(`children:${path}`, DELETED, path);
      fire(`children:${parentOf(path)}`, CHILDREN, parentOf(path));
    },
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        self.drop();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  self.server = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return self;
}

/** The bytes of a `connection_info` znode, as Java writes them. */
export function connectionInfo(address: string, session: string): Buffer {
  const text = sized16(Buffer.from(address));
  const block =
    text.length < 256 ? Buffer.from([0x77, text.length]) : Buffer.concat([Buffer.from([0x7a]), int(text.length)]);
  const uuid = Buffer.from(session.replaceAll('-', ''), 'hex');
  return Buffer.concat([
    Buffer.from('aced0005', 'hex'),
    block,
    text,
    Buffer.from('7372000e6a6176612e7574696c2e55554944bc9903f7986d852f0200024a000c', 'hex'),
    Buffer.from('leastSigBits'),
    Buffer.from('4a000b', 'hex'),
    Buffer.from('mostSigBits'),
    Buffer.from('7870', 'hex'),
    uuid.subarray(8),
    uuid.subarray(0, 8),
  ]);
}

function sized16(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
