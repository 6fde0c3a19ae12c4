import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What a partition's leader remembers of a producer. */
export interface CannedProducer {
  id: number;
  epoch?: number;
  lastTimestamp?: number;
  /** First offset of the open transaction; none unless told. */
  start?: number;
}

/** What a coordinator knows of a transactional id. */
export interface CannedTransaction {
  id: string;
  producer: number;
  epoch?: number;
  state?: string;
  timeout?: number;
  startedAt?: number;
  topics?: Record<string, number[]>;
}

export interface CannedNode {
  partitions?: Record<number, CannedProducer[]>;
  transactions?: CannedTransaction[];
  /** Not in the metadata, though it listens. */
  hidden?: boolean;
}

export interface CannedCall {
  node: number;
  api: number;
  version: number;
  /** 1 for the first call of this API to this broker. */
  count: number;
}

/** `error` goes where the API has its error code. */
export type CannedTrouble = 'hang' | 'close' | 'garbage' | { error: number } | undefined;

export interface CannedClusterOptions {
  nodes: Record<number, CannedNode>;
  trouble?: (call: CannedCall) => CannedTrouble;
  /** Called before each request is answered; may change the nodes. */
  before?: (call: CannedCall) => void;
  ranges?: Record<number, [min: number, max: number]>;
  /** Access-control entries for transactional ids; there is no authorizer unless told. */
  acls?: { name: string; prefixed?: boolean; deny?: boolean }[];
  /** Answers with tagged fields that no client knows. */
  tagged?: boolean;
  /** Leaders of the transaction log's partitions; 1 of 2 for each unless told. `undefined`: the topic does not exist. */
  logLeaders?: number[] | undefined;
}

export const API = {
  metadata: 3,
  findCoordinator: 10,
  versions: 18,
  acls: 29,
  producers: 61,
  describe: 65,
  list: 66,
} as const;
const RANGES: Record<number, [number, number]> = {
  3: [0, 12],
  10: [0, 6],
  18: [0, 4],
  29: [1, 3],
  61: [0, 0],
  65: [0, 0],
  66: [0, 1],
};
const TRANSACTION_LOG = '__transaction_state';

/** Brokers on loopback that know producers and transactions of topic `t`; `options` may be changed while they run. */
export async function startCannedTransactions(options: CannedClusterOptions) {
  const calls: (CannedCall & { frame: Buffer })[] = [];
  const ports = new Map<number, number>();
  const sockets = new Set<Socket>();
  const servers = Object.keys(options.nodes).map((key) => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
      let pending = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        pending = Buffer.concat([pending, chunk]);
        while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
          const frame = pending.subarray(4, 4 + pending.readInt32BE(0));
          pending = pending.subarray(4 + frame.length);
          answer(Number(key), socket, frame);
        }
      });
    });
    return { node: Number(key), server };
  });
  for (const { node, server } of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.set(node, (server.address() as AddressInfo).port);
  }

  function answer(node: number, socket: Socket, frame: Buffer): void {
    const [api, version] = [frame.readInt16BE(0), frame.readInt16BE(2)];
    const count = calls.filter((call) => call.node === node && call.api === api).length + 1;
    const call = { node, api, version, count };
    calls.push({ ...call, frame });
    options.before?.(call);
    const trouble = options.trouble?.(call);
    if (trouble === 'hang') return;
    if (trouble === 'close') {
      socket.destroy();
      return;
    }
    const flexible = api >= API.producers;
    const request = new Fields(frame, 10 + Math.max(0, frame.readInt16BE(8)) + (flexible ? 1 : 0));
    const header = flexible ? [frame.subarray(4, 8), tags()] : [frame.subarray(4, 8)];
    const error = typeof trouble === 'object' ? trouble.error : 0;
    const body = trouble === 'garbage' ? Buffer.alloc(30, 0xff) : respond(call, request, error);
    const whole = Buffer.concat([...header, body]);
    socket.write(Buffer.concat([i32(whole.length), whole]));
  }

  const tags = () => (options.tagged ? Buffer.from([2, 0, 1, 9, 7, 2, 8, 8]) : Buffer.from([0]));
  const logLeaders = () => ('logLeaders' in options ? options.logLeaders : [1, 1]);

  function respond({ node, api, version }: CannedCall, request: Fields, error: number): Buffer {
    const { partitions = {}, transactions = [] } = options.nodes[node] ?? {};
    if (api === API.versions) {
      const ranges = Object.entries({ ...RANGES, ...options.ranges }).filter(([, [, max]]) => max >= 0);
      return Buffer.concat([
        i16(0),
        array(ranges.map(([key, [min, max]]) => Buffer.concat([i16(Number(key)), i16(min), i16(max)]))),
      ]);
    }
    if (api === API.metadata) return metadata(request, error);
    if (api === API.findCoordinator) {
      const id = request.string();
      const found = Object.entries(options.nodes).find(([, it]) => it.transactions?.some((one) => one.id === id));
      const at = Number(found?.[0] ?? -1);
      const code = error || (at < 0 ? 15 : 0);
      return Buffer.concat([i32(0), i16(code), i16(-1), i32(at), text('127.0.0.1'), i32(ports.get(at) ?? -1)]);
    }
    if (api === API.acls) {
      const rows = (options.acls ?? []).map(({ name, prefixed, deny }) => {
        const acl = Buffer.concat([text('User:a'), text('*'), Buffer.from([8, deny ? 2 : 3])]);
        return Buffer.concat([Buffer.from([5]), text(name), Buffer.from([prefixed ? 4 : 3]), array([acl])]);
      });
      return Buffer.concat([i32(0), i16(error || (options.acls ? 0 : 54)), i16(-1), array(rows)]);
    }
    if (api === API.producers) {
      request.uvarint();
      const topic = request.compact();
      const rows = request
        .array(() => request.int32())
        .map((partition) => {
          const producers = partitions[partition];
          const states = (producers ?? []).map(({ id, epoch = 0, lastTimestamp = 5, start = -1 }) =>
            Buffer.concat([i64(id), i32(epoch), i32(3), i64(lastTimestamp), i32(0), i64(start), tags()]),
          );
          return Buffer.concat([i32(partition), i16(error || (producers ? 0 : 6)), uv(0), carray(states), tags()]);
        });
      return Buffer.concat([i32(0), carray([Buffer.concat([compact(topic), carray(rows), tags()])]), tags()]);
    }
    if (api === API.list) {
      const states = request.array(() => request.compact());
      const producers = request.array(() => request.int64());
      const longer = version >= 1 ? request.int64() : -1;
      const rows = error
        ? []
        : transactions
            .filter(({ producer }) => producers.length === 0 || producers.includes(producer))
            .filter(({ state = 'Ongoing' }) => states.length === 0 || states.includes(state))
            .filter(({ startedAt = 0 }) => longer < 0 || Date.now() - startedAt > longer)
            .map(({ id, producer, state = 'Ongoing' }) =>
              Buffer.concat([compact(id), i64(producer), compact(state), tags()]),
            );
      return Buffer.concat([i32(0), i16(error), carray([compact('Odd')]), carray(rows), tags()]);
    }
    const rows = request.array(() => request.compact()).map((id) => describe(transactions, node, id, error));
    return Buffer.concat([i32(0), carray(rows), tags()]);
  }

  function describe(transactions: CannedTransaction[], node: number, id: string, error: number): Buffer {
    const found = error ? undefined : transactions.find((it) => it.id === id);
    const elsewhere = Object.values(options.nodes).some((it) => it.transactions?.some((one) => one.id === id));
    const mine = logLeaders()?.includes(node) && !elsewhere;
    const { producer = -1, epoch = -1, state = found ? 'Ongoing' : '', timeout = found ? 60_000 : 0 } = found ?? {};
    const topics = Object.entries(found?.topics ?? {}).map(([name, list]) =>
      Buffer.concat([compact(name), carray(list.map(i32)), tags()]),
    );
    return Buffer.concat([
      ...[i16(error || (found ? 0 : mine ? 105 : 16)), compact(id), compact(state), i32(timeout)],
      ...[i64(found?.startedAt ?? -1), i64(producer), i16(epoch), carray(topics), tags()],
    ]);
  }

  function metadata(request: Fields, error: number): Buffer {
    request.int32();
    const topic = request.string();
    const shown = Object.entries(options.nodes).filter(([, { hidden }]) => !hidden);
    const brokers = shown.map(([node]) =>
      Buffer.concat([i32(Number(node)), text('127.0.0.1'), i32(ports.get(Number(node)) ?? 0), i16(-1)]),
    );
    const leaders =
      topic === TRANSACTION_LOG
        ? (logLeaders() ?? []).map((leader, partition) => [partition, leader] as const)
        : shown.flatMap(([node, { partitions = {} }]) =>
            Object.keys(partitions).map((partition) => [Number(partition), Number(node)] as const),
          );
    const rows = leaders.map(([partition, leader]) =>
      Buffer.concat([i16(leader < 0 ? 5 : 0), i32(partition), i32(leader), i32(7), i32(0), i32(0), i32(0)]),
    );
    const entry = Buffer.concat([
      i16(error || (rows.length === 0 ? 3 : 0)),
      text(topic),
      Buffer.from([0]),
      array(rows),
    ]);
    return Buffer.concat([i32(0), array(brokers), i16(-1), i32(-1), array([entry])]);
  }

  return {
    options,
    calls,
    bootstrap: [...ports.values()].map((port) => `127.0.0.1:${port}`),
    /** Which brokers were asked an API, in order. */
    asked: (api: number) => calls.filter((call) => call.api === api).map(({ node }) => node),
    /** Takes a broker away for good: nothing listens at its port any more. */
    away: async (node: number) => {
      const server = servers.find((it) => it.node === node)?.server;
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()));
      for (const socket of sockets) if (socket.localPort === ports.get(node)) socket.destroy();
      await closed;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        servers.map(({ server }) => new Promise<void>((resolve) => void server.close(() => resolve()))),
      );
    },
  };
}

export type CannedTransactions = Awaited<ReturnType<typeof startCannedTransactions>>;

/** Reads a request, written independently of the client. */
class Fields {
  readonly #frame: Buffer;
  #at: number;
  constructor(frame: Buffer, at: number) {
    this.#frame = frame;
    this.#at = at;
  }
  int32 = () => this.#frame.readInt32BE(this.#skip(4));
  int64 = () => Number(this.#frame.readBigInt64BE(this.#skip(8)));
  string = () => this.#text(this.#frame.readInt16BE(this.#skip(2)));
  compact = () => this.#text(this.uvarint() - 1);
  uvarint(): number {
    const byte = this.#frame.readUInt8(this.#skip(1));
    return byte < 0x80 ? byte : (byte & 0x7f) + 128 * this.uvarint();
  }
  array<T>(read: () => T): T[] {
    return Array.from({ length: this.uvarint() - 1 }, read);
  }
  #text(length: number): string {
    const at = this.#skip(length);
    return this.#frame.toString('utf8', at, at + length);
  }
  #skip(bytes: number): number {
    this.#at += bytes;
    return this.#at - bytes;
  }
}

function i16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}
function i32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
function i64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return buffer;
}
const uv = (value: number): Buffer =>
  value < 0x80
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value % 128) | 0x80]), uv(Math.floor(value / 128))]);
const text = (value: string) => Buffer.concat([i16(Buffer.byteLength(value)), Buffer.from(value)]);
const array = (rows: Buffer[]) => Buffer.concat([i32(rows.length), ...rows]);
const compact = (value: string) => Buffer.concat([uv(Buffer.byteLength(value) + 1), Buffer.from(value)]);
const carray = (rows: Buffer[]) => Buffer.concat([uv(rows.length + 1), ...rows]);
