import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FlinchError, toFlinchError } from '../../../core/error.js';
import type {
  DiskControl,
  MemoryControl,
  NameControl,
  NetworkControl,
  NetworkCut,
  ProcessControl,
  ProcessIdentity,
} from '../../ports.js';
import type { RunningCluster } from '../start-cluster.js';

type Arguments = {
  node?: string;
  identity?: ProcessIdentity;
  signal?: NodeJS.Signals;
  cut?: NetworkCut;
  id?: string;
  from?: string;
  to?: string;
  within?: number;
  peers?: string[];
  disk?: string;
  names?: string[];
  path?: string;
  empty?: boolean;
  ahead?: number;
  bytes?: number;
};

const identityOf = ({ identity }: Arguments): ProcessIdentity => identity ?? { pid: -1, startTime: '', bootId: '' };

/** The operations of `ProcessControl`, by name, on plain data. */
const PROCESSES: Record<keyof ProcessControl, (control: ProcessControl, args: Arguments) => Promise<unknown>> = {
  identify: (control, { node = '' }) => control.identify(node),
  alive: (control, args) => control.alive(identityOf(args)),
  stopped: (control, args) => control.stopped(identityOf(args)),
  signal: (control, args) => control.signal(identityOf(args), args.signal ?? 'SIGTERM'),
  start: (control, { node = '', ahead = 0 }) => control.start(node, { ahead }),
  clockOf: (control, { node = '' }) => control.clockOf(node),
};

/** The same for `MemoryControl`. */
const MEMORY: Record<keyof MemoryControl, (control: MemoryControl, args: Arguments) => Promise<unknown>> = {
  of: (control, args) => control.of(identityOf(args)),
  limit: (control, args) => control.limit(identityOf(args), args.bytes),
};

/** The same for `NetworkControl`. */
const NETWORK: Record<keyof NetworkControl, (control: NetworkControl, args: Arguments) => Promise<unknown>> = {
  cut: (control, { cut = { id: '', between: [], and: [] } }) => control.cut(cut),
  cuts: (control) => control.cuts(),
  restore: (control, { id = '' }) => control.restore(id),
  roundTrip: (control, { from = '', to = '', within }) => control.roundTrip(from, to, within),
  connections: (control, { node = '', peers = [] }) => control.connections(node, peers),
  reset: (control, { node = '', peers = [] }) => control.reset(node, peers),
};

/** The same for `DiskControl`. */
const DISKS: Record<keyof DiskControl, (control: DiskControl, args: Arguments) => Promise<unknown>> = {
  fill: (control, { disk = '', id = '' }) => control.fill(disk, id),
  filling: (control, { disk = '', id = '' }) => control.filling(disk, id),
  empty: (control, { disk = '', id = '' }) => control.empty(disk, id),
  makeReadOnly: (control, { disk = '' }) => control.makeReadOnly(disk),
  makeWritable: (control, { disk = '' }) => control.makeWritable(disk),
  refusal: (control, { disk = '' }) => control.refusal(disk),
  find: (control, { disk = '', names = [] }) => control.find(disk, names),
  setAside: (control, { disk = '', path = '', id = '', empty = false }) => control.setAside(disk, path, id, empty),
  putBack: (control, { disk = '', path = '', id = '' }) => control.putBack(disk, path, id),
  size: (control, { disk = '', path = '' }) => control.size(disk, path),
};

/** The same for `NameControl`. */
const NAMES: Record<keyof NameControl, (control: NameControl, args: Arguments) => Promise<unknown>> = {
  forget: (control) => control.forget(),
  recall: (control) => control.recall(),
  known: (control, { node = '', names = [] }) => control.known(node, names),
};

type Operation = (cluster: RunningCluster, args: Arguments) => Promise<unknown>;

const OPERATIONS = new Map<string, Operation>([
  ...Object.entries(PROCESSES).map(([name, run]): [string, Operation] => [
    name,
    (cluster, args) => run(cluster.processes, args),
  ]),
  ...Object.entries(MEMORY).map(([name, run]): [string, Operation] => [
    `memory/${name}`,
    (cluster, args) => run(memoryOf(cluster), args),
  ]),
  ...Object.entries(NETWORK).map(([name, run]): [string, Operation] => [
    `network/${name}`,
    (cluster, args) => run(networkOf(cluster), args),
  ]),
  ...Object.entries(DISKS).map(([name, run]): [string, Operation] => [
    `disks/${name}`,
    (cluster, args) => run(disksOf(cluster), args),
  ]),
  ...Object.entries(NAMES).map(([name, run]): [string, Operation] => [
    `names/${name}`,
    (cluster, args) => run(namesOf(cluster), args),
  ]),
]);

function memoryOf({ memory }: RunningCluster): MemoryControl {
  if (memory) return memory;
  throw new FlinchError('CAPABILITY_MISSING', { what: "the memory of the kept cluster's nodes cannot be limited" });
}

function networkOf({ network }: RunningCluster): NetworkControl {
  if (network) return network;
  throw new FlinchError('CAPABILITY_MISSING', { what: "the kept cluster's nodes have no network of their own" });
}

function disksOf({ disks }: RunningCluster): DiskControl {
  if (disks) return disks;
  throw new FlinchError('CAPABILITY_MISSING', { what: "the kept cluster's nodes have no disk of their own" });
}

function namesOf({ names }: RunningCluster): NameControl {
  if (names) return names;
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the nodes of the kept cluster do not know each other by name' });
}

/** What the daemon does beside owning the cluster. */
export interface ControlHooks {
  onStop(): void;
  /** Whether the dead-man timer hears this runner. */
  armed(runner: ProcessIdentity): boolean;
}

/** Serves a cluster's processes and network on a Unix socket: POST /<operation>, POST /armed, POST /stop, and GET /exits as a stream of lines. */
export function serveControl(cluster: RunningCluster, socket: string, hooks: ControlHooks): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(cluster, request, response, hooks).catch((error: unknown) => {
      const { code, message } = toFlinchError(error);
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ code, message }));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => resolve(server));
  });
}

async function answer(
  cluster: RunningCluster,
  request: IncomingMessage,
  response: ServerResponse,
  { onStop, armed }: ControlHooks,
) {
  const operation = (request.url ?? '').slice(1);
  if (operation === 'exits') {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
    const end = cluster.onExit((exit) => response.write(`${JSON.stringify(exit)}\n`));
    response.on('close', end);
    return;
  }
  const args = await readJson(request);
  if (operation === 'stop') {
    response.end('{}');
    return onStop();
  }
  const run = operation === 'armed' ? async () => armed(identityOf(args)) : OPERATIONS.get(operation);
  if (!run) {
    response.writeHead(404).end('{}');
    return;
  }
  const value = await run(cluster, args);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
}

async function readJson(request: IncomingMessage): Promise<Arguments> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text ? (JSON.parse(text) as Arguments) : {};
}
