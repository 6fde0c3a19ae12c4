import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { execa } from 'execa';
import { TOOL_PATH } from '../../../../src/target/local/tool-path.js';
import { kubeBinary } from '../binary.js';
import { type ControlPlane, type Program, startControlPlane } from '../control-plane.js';
import { type Processes, processesIn } from '../processes.js';
import { makeCgroups } from './cgroups.js';
import { containerdIn, POD_NETWORK, socketIn } from './containerd.js';
import { firstProcess } from './first-process.js';
import { type Images, nodeImages, PAUSE_IMAGE } from './images.js';
import { processesInside } from './inside.js';
import { startKeeper } from './keeper.js';
import { kubeProxy, PROXY_HEALTH, PROXY_USER } from './kube-proxy.js';
import { KUBELET_HEALTH, kubeletIn, NODE_NAME, NODE_USER } from './kubelet.js';
import { missingForNode, pluginFolder } from './prerequisites.js';
import { coversOf } from './sysctls.js';

const NODE_PROGRAMS = ['containerd', 'kubelet', 'kube-proxy'] as const;
/** Of the node and of the control plane. */
export type NodeProgram = Program | (typeof NODE_PROGRAMS)[number];
type Own = (typeof NODE_PROGRAMS)[number];

/** A cluster of Kubernetes with one node that runs pods, in this network namespace. It ends with this process, however it ends. */
export interface KubernetesNode extends Omit<ControlPlane, 'kill' | 'signal' | 'start' | 'pid' | 'log'> {
  /** The node's own folder, which its pods may share: gone at the end. */
  readonly dir: string;
  /** The name that its control groups have. */
  readonly group: string;
  /** Mounts a small file system of its own at a folder, as only the node and its pods see it. @param size "64m" */
  mount(folder: string, size: string): Promise<void>;
  /** Makes an image of ours known to the node, by its name; or one that is nowhere but in this archive. */
  load(image: string, archive?: string): Promise<void>;
  /**
   * The process on this host that is the first one of a pod's container, which is its only one unless told.
   * @throws Error where it does not run
   */
  hostPid(pod: string, container?: string, namespace?: string): Promise<number>;
  /** SIGKILL, and seen gone. Containers stay as they are. */
  kill(name: NodeProgram): Promise<void>;
  signal(name: NodeProgram, signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Starts a program again and waits until it serves. */
  start(name: NodeProgram): Promise<void>;
  pid(name: NodeProgram): number;
  log(name: NodeProgram): string;
  /** Ends pods, node and control plane: no process, mount or control group is left of them. */
  end(): Promise<void>;
}

/** An address of its own for the API server and the node: pods have another loopback. */
const ADDRESS = '10.200.0.2';
const SERVICES = '10.96.0.0/16';
/** Milliseconds a program may take until it serves, and the node until it is ready. */
const START_MS = 120_000;
const IMPORT_MS = 5 * 60_000;
const CALL_MS = 20_000;

/** @throws Error with what this machine lacks, or with the end of the log of what does not serve */
export async function startNode(): Promise<KubernetesNode> {
  const missing = await missingForNode();
  const [binary, plugins] = [await kubeBinary(), pluginFolder()];
  if ('missing' in binary || !plugins || missing.length > 0) throw new Error(missing.join('; '));
  const images = await nodeImages();
  const dir = mkdtempSync(join(tmpdir(), 'flinch-node-'));
  for (const folder of ['lib', 'log', 'covers']) mkdirSync(join(dir, folder));
  const group = `flinch-${randomBytes(6).toString('hex')}`;
  const keeper = await startKeeper({ dir, group, holder: images.pause, binds: coversOf(join(dir, 'covers')) });
  let plane: ControlPlane | undefined;
  // What runs inside ends with the keeper's first process.
  const outside = processesIn(dir, { watch: () => {}, dismiss: () => {} });
  let ended: Promise<void> | undefined;
  const end = () => {
    ended ??= (async () => {
      await keeper.end();
      await outside.end();
      await plane?.end();
    })();
    return ended;
  };
  try {
    makeCgroups(group);
    await ip('address', 'replace', `${ADDRESS}/32`, 'dev', 'lo');
    // Processes beside the node reach Services as well: without a way there a packet is refused before kube-proxy sees it.
    await ip('route', 'replace', SERVICES, 'dev', 'lo', 'src', ADDRESS);
    const started = await startControlPlane({ controllers: true, address: ADDRESS });
    plane = started;
    const [kubelet, proxy] = await Promise.all([
      plane.kubeconfigOf(NODE_USER.user, NODE_USER.groups),
      plane.kubeconfigOf(PROXY_USER),
    ]);
    const own = processesInside(outside, keeper.pid);
    const commands: Record<Own, [string, string[]]> = {
      containerd: ['containerd', containerdIn(dir, plugins)],
      kubelet: [
        binary.path,
        kubeletIn({ dir, group, address: ADDRESS, kubeconfig: kubelet, authority: plane.authority }),
      ],
      'kube-proxy': [binary.path, kubeProxy(proxy, POD_NETWORK)],
    };
    const start = async (name: Own) => {
      own.start(name, ...commands[name]);
      await serving(name, dir, own);
    };
    await start('containerd');
    await load(dir, images, PAUSE_IMAGE);
    await Promise.all([start('kubelet'), start('kube-proxy')]);
    await ready(plane, own);
    return {
      ...plane,
      dir,
      group,
      async mount(folder, size) {
        mkdirSync(folder, { recursive: true });
        const inside = [`--target=${keeper.pid}`, '--mount', '--'];
        await execa('nsenter', [...inside, 'mount', '-t', 'tmpfs', '-o', `size=${size}`, 'flinch', folder], {
          env: { PATH: TOOL_PATH },
          stdin: 'ignore',
          timeout: CALL_MS,
        });
      },
      load: (image, archive) => load(dir, images, image, archive),
      hostPid: (pod, container, namespace) => firstProcess({ plane: started, group, pod, container, namespace }),
      kill: (name) => (isOwn(name) ? own.kill(name) : started.kill(name)),
      signal: (name, signal) => (isOwn(name) ? own.signal(name, signal) : started.signal(name, signal)),
      start: (name) => (isOwn(name) ? start(name) : started.start(name)),
      pid: (name) => (isOwn(name) ? own.pid(name) : started.pid(name)),
      log: (name) => (isOwn(name) ? own.log(name) : started.log(name)),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

const isOwn = (name: NodeProgram): name is Own => (NODE_PROGRAMS as readonly string[]).includes(name);

const ip = (...args: string[]) => execa('ip', args, { env: { PATH: TOOL_PATH }, stdin: 'ignore', timeout: CALL_MS });

const ctr = (dir: string, args: string[], timeout: number) =>
  execa('ctr', ['--address', socketIn(dir), '--namespace', 'k8s.io', ...args], { stdin: 'ignore', timeout });

async function load(dir: string, { archives }: Images, image: string, own?: string): Promise<void> {
  const archive = own ?? archives[image];
  if (archive === undefined) throw new Error(`there is no image ${image}`);
  await ctr(dir, ['images', 'import', archive], IMPORT_MS);
}

async function serving(name: Own, dir: string, own: Processes): Promise<void> {
  const look = async (limit: AbortSignal): Promise<true | undefined> => {
    if (name === 'containerd') {
      await ctr(dir, ['version'], CALL_MS);
      return true;
    }
    const port = name === 'kubelet' ? KUBELET_HEALTH : PROXY_HEALTH;
    return isWell(`http://127.0.0.1:${port}/healthz`, limit);
  };
  await own.until(`${name} that serves`, name, look, START_MS);
}

/** Waits until pods can be started on the node. */
async function ready(plane: ControlPlane, own: Processes): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(plane.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const look = async () => {
    const { spec, status } = await core.readNode({ name: NODE_NAME });
    const condition = status?.conditions?.find(({ type }) => type === 'Ready');
    if (condition?.status !== 'True') throw new Error(condition?.message ?? 'nothing is said of it');
    if (spec?.taints?.length) throw new Error(`it has the taint ${spec.taints[0]?.key}`);
    // Pods are refused until their namespace has it.
    await core.readNamespacedServiceAccount({ name: 'default', namespace: 'default' });
    return true;
  };
  await own.until('a node that is ready', 'kubelet', look, START_MS);
}

/** Whether a URL answers with 200. Rejects where it does not answer. */
function isWell(url: string, signal: AbortSignal): Promise<true | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { signal, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || undefined);
    });
    request.once('error', reject);
  });
}
