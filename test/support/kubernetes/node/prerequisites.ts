import { existsSync, mkdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../../src/core/error.js';
import { onPath } from '../../../../src/target/local/tool-path.js';
import { kubeBinary } from '../binary.js';
import { cgroupRoots } from './cgroups.js';

/** Programs and the packages of Debian that have them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  ip: 'iproute2',
  nft: 'nftables',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  tar: 'tar',
  ldd: 'libc-bin',
  java: 'openjdk-17-jre-headless',
};
const PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap'] as const;
/** Where distributions keep the plugins of CNI. */
const PLUGIN_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** The folder that has all plugins of CNI that a node needs. */
export const pluginFolder = (): string | undefined =>
  PLUGIN_FOLDERS.find((folder) => PLUGINS.every((name) => existsSync(join(folder, name))));

/** What this machine lacks for images and a node, a reason each; the network namespace aside. */
export async function missingForImages(): Promise<string[]> {
  const reasons: string[] = [];
  if (process.platform !== 'linux') return ['pods need Linux'];
  if (process.getuid?.() !== 0) reasons.push('pods need root');
  for (const [name, apt] of Object.entries(PROGRAMS)) {
    if (!onPath(name)) reasons.push(`there is no ${name}: apt install ${apt}`);
  }
  // The pause program is compiled by it, too.
  if (!onPath('go')) reasons.push('there is no go on the PATH');
  if (!pluginFolder()) {
    reasons.push(`there are no ${PLUGINS.join(', ')} of CNI: apt install containernetworking-plugins`);
  }
  const cgroups = unwritableCgroups();
  if (cgroups) reasons.push(cgroups);
  if (reasons.length > 0) return reasons;
  // The last one: it may have to be compiled.
  const binary = await kubeBinary();
  return 'missing' in binary ? [binary.missing] : [];
}

/** What keeps a node from starting here, a reason each. */
export async function missingForNode(): Promise<string[]> {
  const reasons = await missingForImages();
  if (reasons.length === 0 && !inOwnNetwork()) {
    reasons.push('this is not a network namespace of its own: run it by scripts/in-own-network.sh');
  }
  return reasons;
}

/** Skips the tests of a suite, and says why, where a node cannot be. */
export async function needsNode(context: Mocha.Context): Promise<void> {
  const reasons = await missingForNode();
  if (reasons.length === 0) return;
  process.stdout.write(`    skipped: ${reasons.join('; ')}\n`);
  context.skip();
}

/** Whether this process does not share the network of the machine, whose namespace the script names. */
function inOwnNetwork(): boolean {
  const { FLINCH_HOST_NETWORK: host } = process.env;
  return host !== undefined && readlinkSync('/proc/self/ns/net') !== host;
}

/** Why control groups cannot be made; undefined when they can. */
function unwritableCgroups(): string | undefined {
  const roots = cgroupRoots();
  const [first] = roots;
  if (first === undefined) return 'there are no control groups in /sys/fs/cgroup';
  try {
    const controllers = join(first, 'cgroup.subtree_control');
    // Of the second version, where a group passes on what its parent gives.
    if (roots.length === 1 && !/memory/.test(readFileSync(controllers, 'utf8'))) {
      return `${controllers} does not have memory`;
    }
    const probe = join(first, `flinch-probe-${process.pid}`);
    mkdirSync(probe);
    rmdirSync(probe);
    return undefined;
  } catch (error) {
    return `control groups cannot be made: ${messageOf(error)}`;
  }
}
