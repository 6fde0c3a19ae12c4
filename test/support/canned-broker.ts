import { type AddressInfo, createServer, type Socket } from 'node:net';

/** One batch of a canned log, as bytes. */
export interface CannedBatch {
  baseOffset: number;
  lastOffset: number;
  bytes: Buffer;
}

export interface CannedPartition {
  batches: CannedBatch[];
  logStart?: number;
  lastStableOffset: number;
  highWatermark: number;
  /** Epoch of the leadership; 0 unless told. */
  leaderEpoch?: number;
  /** Where an older epoch ended; the high watermark unless told. */
  epochEnd?: number;
  /** In the order in which they ended. `end` is the offset of the ABORT marker. */
  aborted?: { producerId: number; firstOffset: number; end: number }[];
}

export interface Call {
  api: number;
  version: number;
}

/** What to do with a request instead of answering it. */
export type Trouble = 'hang' | 'close' | 'cut' | 'garbage' | { error: number } | undefined;

export interface CannedOptions {
  partitions: CannedPartition[];
  ranges?: Record<number, [min: number, max: number]>;
  /** Asked before each request is answered. */
  trouble?: (call: Call, count: number) => Trouble;
  /** Bytes of one partition's records in a fetch answer, at least one batch; asked for each fetch. */
  fetchBytes?: () => number;
  topic?: string;
  node?: number;
  /** What groups have committed of the topic, by group and partition. This broker coordinates them all. */
  groups?: Record<string, Record<number, number>>;
}

const DEFAULT_RANGES: Record<number, [number, number]> = {
  1: [4, 16],
  2: [1, 9],
  3: [0, 12],
  9: [1, 10],
  10: [0, 6],
  18: [0, 4],
  23: [2, 4],
};
const [LIST, METADATA, OFFSETS, COORDINATOR, VERSIONS, EPOCHS] = [2, 3, 9, 10, 18, 23];

/** A broker on loopback that serves a fixed log; `partitions` may be changed while it runs. */
export async function startCannedBroker(options: CannedOptions) {
  const { topic = 't', node = 1 } = options;
  const calls: Call[] = [];
  const sockets = new Set<Socket>();
  let port = 0;
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
        answer(socket, frame);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;

  function answer(socket: Socket, frame: Buffer): void {
    const call = { api: frame.readInt16BE(0), version: frame.readInt16BE(2) };
    calls.push(call);
    const count = calls.filter(({ api }) => api === call.api).length;
    const trouble = options.trouble?.(call, count);
    if (trouble === 'hang') return;
    if (trouble === 'close') {
      socket.destroy();
      return;
    }
    const error = typeof trouble === 'object' ? trouble.error : 0;
    const at = 10 + Math.max(0, frame.readInt16BE(8));
    const body = trouble === 'garbage' ? Buffer.alloc(40, 0x7f) : respond(call, frame, at, error);
    const whole = Buffer.concat([i32(body.length + 4), frame.subarray(4, 8), body]);
    if (trouble === 'cut') socket.end(whole.subarray(0, whole.length >> 1));
    else socket.write(whole);
  }

  function respond({ api, version }: Call, frame: Buffer, at: number, error: number): Buffer {
    if (api === VERSIONS) {
      const ranges = Object.entries({ ...DEFAULT_RANGES, ...options.ranges });
      const rows = ranges.map(([key, [min, max]]) => Buffer.concat([i16(Number(key)), i16(min), i16(max)]));
      return Buffer.concat([i16(error), array(rows)]);
    }
    if (api === METADATA) {
      const rows = options.partitions.map((log, index) =>
        Buffer.concat([
          i16(error),
          i32(index),
          i32(error ? -1 : node),
          i32(log.leaderEpoch ?? 0),
          i32(0),
          i32(0),
          i32(0),
        ]),
      );
      const broker = Buffer.concat([i32(node), text('127.0.0.1'), i32(port), i16(-1)]);
      const entry = Buffer.concat([i16(0), text(topic), Buffer.from([0]), array(rows)]);
      return Buffer.concat([i32(0), array([broker]), i16(-1), i32(node), array([entry])]);
    }
    if (api === LIST) return listOffsets(frame, at, error);
    if (api === EPOCHS) return epochs(version, frame, at, error);
    if (api === COORDINATOR)
      return Buffer.concat([i32(0), i16(error), i16(-1), i32(node), text('127.0.0.1'), i32(port)]);
    if (api === OFFSETS) return groupOffsets(version, frame, at, error);
    return fetch(version, frame, at, error);
  }

  function epochs(version: number, frame: Buffer, at: number, error: number): Buffer {
    let cursor = at + (version >= 3 ? 4 : 0) + 4;
    cursor += 2 + frame.readInt16BE(cursor);
    const rows = Array.from({ length: frame.readInt32BE(cursor) }, (_, i) => {
      const row = cursor + 4 + i * 12;
      const partition = frame.readInt32BE(row);
      const log = options.partitions[partition]!;
      const end = log.epochEnd ?? log.highWatermark;
      return Buffer.concat([i16(error), i32(partition), i32(frame.readInt32BE(row + 8)), i64(end)]);
    });
    return Buffer.concat([i32(0), array([Buffer.concat([text(topic), array(rows)])])]);
  }

  function groupOffsets(version: number, frame: Buffer, at: number, error: number): Buffer {
    const groupEnd = at + 2 + frame.readInt16BE(at);
    const committed = options.groups?.[frame.toString('utf8', at + 2, groupEnd)] ?? {};
    let cursor = groupEnd + 4; // one topic
    cursor += 2 + frame.readInt16BE(cursor);
    const rows = Array.from({ length: frame.readInt32BE(cursor) }, (_, i) => {
      const partition = frame.readInt32BE(cursor + 4 + i * 4);
      const epoch = version >= 5 ? i32(-1) : none;
      return Buffer.concat([i32(partition), i64(committed[partition] ?? -1), epoch, text(''), i16(0)]);
    });
    const topics = array([Buffer.concat([text(topic), array(rows)])]);
    return Buffer.concat([version >= 3 ? i32(0) : none, topics, i16(error)]);
  }

  function listOffsets(frame: Buffer, at: number, error: number): Buffer {
    const committed = frame[at + 4] === 1;
    let cursor = at + 5 + 4; // replica, isolation, one topic
    cursor += 2 + frame.readInt16BE(cursor);
    const rows = Array.from({ length: frame.readInt32BE(cursor) }, (_, i) => {
      const size = 16;
      const row = cursor + 4 + i * size;
      const partition = frame.readInt32BE(row);
      const earliest = frame.readBigInt64BE(row + size - 8) === -2n;
      const log = options.partitions[partition]!;
      const end = committed ? log.lastStableOffset : log.highWatermark;
      return Buffer.concat([i32(partition), i16(error), i64(-1), i64(earliest ? (log.logStart ?? 0) : end), i32(0)]);
    });
    return Buffer.concat([i32(0), array([Buffer.concat([text(topic), array(rows)])])]);
  }

  function fetch(version: number, frame: Buffer, at: number, error: number): Buffer {
    const committed = frame[at + 16] === 1;
    let cursor = at + 17 + 8 + 4;
    cursor += 2 + frame.readInt16BE(cursor);
    const size = 4 + 4 + 8 + 8 + 4;
    const rows = Array.from({ length: frame.readInt32BE(cursor) }, (_, i) => {
      const row = cursor + 4 + i * size;
      const partition = frame.readInt32BE(row);
      const offset = Number(frame.readBigInt64BE(row + 8));
      const log = options.partitions[partition]!;
      const outside = offset < (log.logStart ?? 0) || offset > log.highWatermark;
      const limit = committed ? log.lastStableOffset : log.highWatermark;
      const budget = options.fetchBytes?.() ?? frame.readInt32BE(row + size - 4);
      const picked: CannedBatch[] = [];
      let bytes = 0;
      for (const batch of log.batches) {
        if (batch.lastOffset < offset || batch.baseOffset >= limit || outside || error) continue;
        if (picked.length > 0 && bytes + batch.bytes.length > budget) {
          picked.push({ ...batch, bytes: batch.bytes.subarray(0, Math.max(0, budget - bytes)) });
          break;
        }
        picked.push(batch);
        bytes += batch.bytes.length;
      }
      const upTo = picked.at(-1)?.lastOffset ?? offset;
      const aborted = committed
        ? (log.aborted ?? []).filter(({ firstOffset, end }) => end >= offset && firstOffset <= upTo)
        : [];
      const records = Buffer.concat(picked.map((batch) => batch.bytes));
      return Buffer.concat([
        i32(partition),
        i16(error || (outside ? 1 : 0)),
        i64(log.highWatermark),
        i64(log.lastStableOffset),
        i64(log.logStart ?? 0),
        array(aborted.map(({ producerId, firstOffset }) => Buffer.concat([i64(producerId), i64(firstOffset)]))),
        version >= 11 ? i32(-1) : none,
        i32(records.length),
        records,
      ]);
    });
    const session = Buffer.concat([i16(0), i32(0)]);
    return Buffer.concat([i32(0), session, array([Buffer.concat([text(topic), array(rows)])])]);
  }

  return {
    address: `127.0.0.1:${port}`,
    calls,
    options,
    /** Ends every connection but goes on listening. */
    drop: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export type CannedBroker = Awaited<ReturnType<typeof startCannedBroker>>;

const none = Buffer.alloc(0);
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
const text = (value: string) => Buffer.concat([i16(Buffer.byteLength(value)), Buffer.from(value)]);
const array = (rows: Buffer[]) => Buffer.concat([i32(rows.length), ...rows]);
