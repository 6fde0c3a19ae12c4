import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ERROR_CODES, type ErrorCode, FlinchError, messageOf } from '../../../core/error.js';
import type {
  Cluster,
  DiskControl,
  Dropped,
  Filling,
  Memory,
  MemoryControl,
  NameControl,
  NetworkControl,
  NodeExit,
  ProcessControl,
  ProcessIdentity,
  StoredFile,
} from '../../ports.js';
import { limitsMemory } from '../memory-limit.js';
import { identifyProcess } from '../process-identity.js';
import type { KeptState } from './state.js';

/** Milliseconds for one operation; all but a start take a few. */
const OPERATION_TIME = 30_000;

/** One operation of a kept cluster's supervisor. @param longer milliseconds that it may take beyond the usual @throws FlinchError NO_CLUSTER when it does not answer; its own error. */
export function callControl(socketPath: string, operation: string, args: unknown = {}, longer = 0): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const lost = (cause: unknown) =>
      reject(
        new FlinchError('NO_CLUSTER', {
          what: `the kept cluster does not answer to ${operation}`,
          on: messageOf(cause),
          todo: 'end it with: flinch down',
          cause,
        }),
      );
    const call = request(
      {
        socketPath,
        path: `/${operation}`,
        method: 'POST',
        signal: AbortSignal.timeout(OPERATION_TIME + longer),
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', lost);
        response.on('end', () => {
          try {
            const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
              value?: unknown;
              code?: string;
              message?: string;
            };
            if (response.statusCode === 200) resolve(body.value);
            else reject(remoteError(operation, body));
          } catch (error) {
            lost(error);
          }
        });
      },
    );
    call.on('error', lost);
    call.end(JSON.stringify(args));
  });
}

function remoteError(operation: string, { code, message }: { code?: string; message?: string }): FlinchError {
  const known = code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL';
  return new FlinchError(known, { what: message ?? `${operation} failed` });
}

/** A kept cluster, driven through its supervisor's socket. */
export function connectKept(state: KeptState): Cluster & { close(): void } {
  const listeners = new Set<(exit: NodeExit) => void>();
  let stream: ClientRequest | undefined;
  const call = (operation: keyof ProcessControl, args: unknown) => callControl(state.socket, operation, args);
  const processes: ProcessControl = {
    identify: async (node) => (await call('identify', { node })) as ProcessIdentity | undefined,
    alive: async (identity) => (await call('alive', { identity })) === true,
    stopped: async (identity) => (await call('stopped', { identity })) === true,
    signal: async (identity, signal) => void (await call('signal', { identity, signal })),
    start: async (node, how) => (await call('start', { node, ...how })) as ProcessIdentity,
    clockOf: async (node) => (await call('clockOf', { node })) as number | undefined,
  };
  const onMemory = (operation: keyof MemoryControl, args: unknown) =>
    callControl(state.socket, `memory/${operation}`, args);
  const memory: MemoryControl = {
    of: async (identity) => (await onMemory('of', { identity })) as Memory | undefined,
    limit: async (identity, bytes) => void (await onMemory('limit', { identity, bytes })),
  };
  const onNetwork = (operation: keyof NetworkControl, args: unknown = {}) =>
    callControl(state.socket, `network/${operation}`, args);
  const network: NetworkControl = {
    cut: async (cut) => void (await onNetwork('cut', { cut })),
    cuts: async () => (await onNetwork('cuts')) as Record<string, Dropped[]>,
    restore: async (id) => void (await onNetwork('restore', { id })),
    roundTrip: async (from, to, within) =>
      (await callControl(state.socket, 'network/roundTrip', { from, to, within }, within)) as number | undefined,
    connections: async (node, peers) => (await onNetwork('connections', { node, peers })) as string[],
    reset: async (node, peers) => void (await onNetwork('reset', { node, peers })),
  };
  const onDisks = (operation: keyof DiskControl, disk: string, args: object = {}) =>
    callControl(state.socket, `disks/${operation}`, { disk, ...args });
  const disks: DiskControl = {
    fill: async (disk, id) => (await onDisks('fill', disk, { id })) as Filling,
    filling: async (disk, id) => (await onDisks('filling', disk, { id })) as Filling | undefined,
    empty: async (disk, id) => void (await onDisks('empty', disk, { id })),
    makeReadOnly: async (disk) => void (await onDisks('makeReadOnly', disk)),
    makeWritable: async (disk) => void (await onDisks('makeWritable', disk)),
    refusal: async (disk) => (await onDisks('refusal', disk)) as string | undefined,
    find: async (disk, names) => (await onDisks('find', disk, { names })) as StoredFile[],
    setAside: async (disk, path, id, empty) => void (await onDisks('setAside', disk, { path, id, empty })),
    putBack: async (disk, path, id) =>
      (await onDisks('putBack', disk, { path, id })) as Awaited<ReturnType<DiskControl['putBack']>>,
    size: async (disk, path) => (await onDisks('size', disk, { path })) as number | undefined,
  };
  const names: NameControl = {
    forget: async () => void (await callControl(state.socket, 'names/forget', {})),
    recall: async () => void (await callControl(state.socket, 'names/recall', {})),
    known: async (node, of) => (await callControl(state.socket, 'names/known', { node, names: of })) as string[],
  };
  const listen = () => {
    stream = request({ socketPath: state.socket, path: '/exits', method: 'GET', agent: false }, (response) => {
      response.on('error', () => {});
      const lines = createInterface({ input: response });
      lines.on('line', (line) => {
        for (const listener of listeners) listener(JSON.parse(line) as NodeExit);
      });
      // readline passes its input's error on: closing the stream is one.
      lines.on('error', () => {});
    });
    stream.on('error', () => {});
    stream.end();
  };
  return {
    target: 'local',
    flinkVersion: state.prepared.flinkVersion,
    isolation: state.prepared.isolation,
    nodes: state.nodes,
    endpoints: state.endpoints,
    processes,
    ...(limitsMemory() ? { memory } : {}),
    ...(state.prepared.isolation === 'none' ? {} : { network, disks }),
    ...(state.spec.names ? { names } : {}),
    deadManArmed: async () =>
      (await callControl(state.socket, 'armed', { identity: identifyProcess(process.pid) })) === true,
    logFile: (node) => join(state.runDir, 'logs', `${node}.log`),
    onExit(listener) {
      listeners.add(listener);
      if (!stream) listen();
      return () => void listeners.delete(listener);
    },
    close: () => void stream?.destroy(),
  };
}
