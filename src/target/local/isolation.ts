import type { Isolation, Lacking } from '../ports.js';
import { libfaketime, NO_FAKETIME } from './fake-clock.js';
import { limitsMemory, NO_PRLIMIT } from './memory-limit.js';

/** Steps of the probe, in their order: each needs the one before. */
export const PROBE_STEPS = ['unshare', 'mount', 'bridge', 'veth'] as const;
export type ProbeStep = (typeof PROBE_STEPS)[number];

/** How one form of `unshare` went: the step that failed and what it printed; no `failed` when all went well. */
export interface Attempt {
  failed?: ProbeStep;
  stderr: string;
  /** What nft said when the bridge could not be given a rule; absent when it could. */
  noFilter?: string;
  /** What iptables or perl said when packets could not be queued; absent when they could. */
  noQueue?: string;
}

/** Everything the decision rests on. */
export interface Probe {
  platform: string;
  root: boolean;
  /** Programs that were not found. */
  missing: readonly string[];
  /** Values of kernel settings; absent where the kernel has no such setting. */
  settings: Readonly<Record<string, string>>;
  /** With a user namespace. Undefined when not tried. */
  user?: Attempt;
  /** Without one; only root tries. */
  plain?: Attempt;
}

export interface Decision {
  isolation: Isolation;
  /** One sentence: why not more. Absent for the best form. */
  reason?: string;
  /** The line that would allow it. */
  allow?: string;
  /** One sentence: why nodes cannot be cut off from each other although each has a network of its own. */
  noFilter?: string;
  /** One sentence: why packets cannot be late. */
  noQueue?: string;
}

export const SETTINGS = {
  maximum: 'user.max_user_namespaces',
  debian: 'kernel.unprivileged_userns_clone',
  ubuntu: 'kernel.apparmor_restrict_unprivileged_userns',
} as const;

/** What is possible here, and if that is nothing: why, and what would change it. */
export function decide(probe: Probe): Decision {
  if (probe.platform !== 'linux') {
    return {
      isolation: 'none',
      reason: `${probe.platform === 'darwin' ? 'macOS' : probe.platform} has no namespaces`,
      allow: 'run Flinch on Linux, for example in a virtual machine',
    };
  }
  if (probe.missing.length > 0) {
    return {
      isolation: 'none',
      reason: `not found on the PATH: ${probe.missing.join(', ')}`,
      allow: 'apt install util-linux iproute2 | dnf install util-linux iproute',
    };
  }
  if (probe.user && !probe.user.failed) return { isolation: 'user-namespace', ...packetsOf(probe.user) };
  const why = explain(probe);
  if (probe.plain && !probe.plain.failed) return { isolation: 'namespace', ...why, ...packetsOf(probe.plain) };
  return { isolation: 'none', ...why };
}

const NFT_MISSING = 'nft, which drops packets between nodes, was not found';
const INSTALL_NFT = 'apt install nftables | dnf install nftables';

/** The sentence of a machine without nft. */
export const noFilter = (said: string): Pick<Decision, 'noFilter'> => ({
  noFilter: /not found/.test(said)
    ? `${NFT_MISSING}; to allow it: ${INSTALL_NFT}`
    : `nft cannot filter on a bridge here (${lastLine(said.trim()) || 'no answer'}); to allow it: sudo modprobe nf_tables`,
});

/** The sentence of a machine that cannot queue packets. */
export const noQueue = (said: string): Pick<Decision, 'noQueue'> => ({
  noQueue: /not found/.test(said)
    ? 'iptables and perl, which let packets be late, were not found; to allow it: apt install iptables perl | dnf install iptables perl'
    : `packets cannot be queued here (${lastLine(said.trim()) || 'no answer'}); to allow it: sudo modprobe xt_NFQUEUE`,
});

const packetsOf = (attempt: Attempt): Pick<Decision, 'noFilter' | 'noQueue'> => ({
  ...(attempt.noFilter === undefined ? {} : noFilter(attempt.noFilter)),
  ...(attempt.noQueue === undefined ? {} : noQueue(attempt.noQueue)),
});

function explain({ settings, user }: Probe): Omit<Decision, 'isolation'> {
  const stderr = user?.stderr.trim() ?? '';
  if (settings[SETTINGS.maximum] === '0' || /No space left on device/.test(stderr)) {
    return { reason: 'user namespaces are set to 0', allow: `sudo sysctl -w ${SETTINGS.maximum}=15000` };
  }
  if (settings[SETTINGS.debian] === '0') {
    return { reason: "Debian's kernel keeps user namespaces to root", allow: `sudo sysctl -w ${SETTINGS.debian}=1` };
  }
  if (settings[SETTINGS.ubuntu] === '1') {
    return {
      reason: "Ubuntu's AppArmor rule takes the rights out of user namespaces",
      allow: `sudo sysctl -w ${SETTINGS.ubuntu}=0`,
    };
  }
  if (user?.failed === 'unshare' && /Operation not permitted|Permission denied/.test(stderr)) {
    return {
      reason: 'user namespaces are forbidden here, as by the seccomp profile of a container',
      allow: 'start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined',
    };
  }
  if (user?.failed === 'mount') {
    return {
      reason: `a user namespace may not mount here (${lastLine(stderr)})`,
      allow: 'start the container with --security-opt systempaths=unconfined --security-opt apparmor=unconfined',
    };
  }
  if (user?.failed === 'bridge' || user?.failed === 'veth') {
    return {
      reason: `the kernel does not give a ${user.failed} device (${lastLine(stderr)})`,
      allow: `sudo modprobe ${user.failed}`,
    };
  }
  return { reason: `namespaces could not be made (${lastLine(stderr) || 'no answer'})`, allow: 'see unshare(1)' };
}

const lastLine = (text: string): string => text.split('\n').at(-1) ?? '';

const NO_PODS = 'its nodes are processes; those of the target kubernetes are pods';

/**
 * What a cluster cannot offer here, each with the reason and the way out.
 * @param faketime where libfaketime is
 * @param memory whether memory can be limited
 */
export function lackingOf(
  { isolation, reason, allow, noFilter: network, noQueue: latency }: Decision,
  faketime = libfaketime(),
  memory = limitsMemory(),
): Lacking {
  const own = {
    pods: NO_PODS,
    ...(faketime === undefined && { clock: NO_FAKETIME }),
    ...(!memory && { memory: NO_PRLIMIT }),
  };
  if (isolation !== 'none') {
    return { ...own, ...(network === undefined ? {} : { network }), ...(latency === undefined ? {} : { latency }) };
  }
  const because = `${reason}${allow ? `; to allow it: ${allow}` : ''}`;
  const noDisk = `the nodes have no disk of their own because ${because}`;
  return {
    ...own,
    network: `the nodes share this machine's network because ${because}`,
    latency: `the nodes share this machine's network because ${because}`,
    disk: noDisk,
    readOnlyDisk: noDisk,
    storedFiles: noDisk,
    names: `the nodes share this machine's names because ${because}`,
  };
}
