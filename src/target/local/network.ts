import { execa } from 'execa';
import { FlinchError, messageOf } from '../../core/error.js';
import type { ClusterSpec } from '../../core/scenario.js';
import { FILTER_TABLE } from '../packet-rules.js';
import type { ClusterNode } from '../ports.js';
import { WORLD_ADDRESS } from './layout.js';
import { hostsFile, writeHosts } from './names.js';
import { TOOL_PATH } from './tool-path.js';
import { PRIVATE_ROOT, type WorldPaths } from './world-paths.js';

const SHARED_DISK = 512 * 1024 ** 2;

/** Whether a node has a disk of its own size. */
export const hasOwnDisk = (node: ClusterNode): boolean => node.role === 'taskmanager' || node.role === 'broker';

/** Gives this namespace a /run of its own, where `ip netns` and the world keep their things. Does nothing the second time. */
const PRIVATE_RUN = `[ -d ${PRIVATE_ROOT} ] || {
  mount -t tmpfs -o size=1g,mode=755 flinch-run /run
  mkdir -p /run/netns ${PRIVATE_ROOT}
  ip link set lo up
}`;

/** The namespace, address and link of one node. Also the name under which `ip netns` finds it. */
const nodeNetwork = ({ name, host }: ClusterNode, index: number): string => `
ip netns add ${name}
ip link add v${index} type veth peer name eth0 netns ${name}
ip link set v${index} master br0 up
ip -n ${name} addr add ${host}/24 dev eth0
ip -n ${name} link set eth0 up
ip -n ${name} link set lo up`;

const disk = (path: string, bytes: number): string =>
  `mkdir -p ${path}\nmount -t tmpfs -o size=${bytes} flinch-disk ${path}`;

/**
 * Builds bridge, node namespaces and disks inside the namespaces that this process already lives in.
 * @throws FlinchError CLUSTER_START
 */
export async function buildWorld(
  spec: ClusterSpec,
  nodes: readonly ClusterNode[],
  paths: WorldPaths,
  signal: AbortSignal,
): Promise<void> {
  await shell(PRIVATE_RUN, signal);
  // One table for all nodes: without it a reverse look-up of a node's address waits for an unreachable resolver.
  await writeHosts(paths.root, nodes);
  const script = [
    `mount --bind ${hostsFile(paths.root)} /etc/hosts`,
    'ip link add br0 type bridge',
    `ip addr add ${WORLD_ADDRESS}/24 dev br0`,
    'ip link set br0 up',
    // The host's packet filter must not judge frames between our nodes; the file is absent where it does not.
    'echo 0 2>/dev/null > /proc/sys/net/bridge/bridge-nf-call-iptables || true',
    ...nodes.map(nodeNetwork),
    disk(paths.shared, SHARED_DISK),
    ...nodes.filter(hasOwnDisk).map(({ name }) => disk(paths.data(name), spec.disk)),
  ];
  await shell(script.join('\n'), signal);
}

/** Takes the world down again, so that the same namespaces can hold another one. Tolerates what is gone already. */
export async function removeWorld(nodes: readonly ClusterNode[], paths: WorldPaths): Promise<void> {
  const script = [
    ...nodes.map(({ name }, index) => `ip link del v${index}; ip netns del ${name}`),
    'ip link del br0',
    // The next world has the same addresses: a cut that was left would fall on it.
    `PATH="${TOOL_PATH}" nft delete table bridge ${FILTER_TABLE} 2>/dev/null`,
    'umount -l /etc/hosts',
    // One that is read-only has a second mount on top of it.
    ...[...nodes.filter(hasOwnDisk).map(({ name }) => paths.data(name)), paths.shared].map(
      (path) => `while umount -l ${path}; do :; done`,
    ),
    `rm -rf ${paths.root}/*`,
    'true',
  ];
  await execa('sh', ['-c', script.join('\n')], { timeout: 20_000, stdin: 'ignore', reject: false });
}

async function shell(script: string, signal: AbortSignal): Promise<void> {
  try {
    await execa('sh', ['-ec', script], { timeout: 20_000, stdin: 'ignore', cancelSignal: signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlinchError('CLUSTER_START', {
      what: 'the network of the local cluster could not be built',
      on: (cause as { stderr?: string }).stderr?.trim() || messageOf(cause),
      todo: 'set FLINCH_ISOLATION=none to run the nodes as plain processes on loopback',
      cause,
    });
  }
}

/** Prefix of a command line that runs it as this node: in its network, under its name. Ends with `exec`, so the PID stays. */
export const inNode = (name: string): string[] => [
  'nsenter',
  `--net=/run/netns/${name}`,
  '--',
  'unshare',
  '-u',
  'sh',
  '-c',
  `hostname ${name} 2>/dev/null; exec "$@"`,
  'sh',
];
