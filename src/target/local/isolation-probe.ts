import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { FlinchError } from '../../core/error.js';
import type { Isolation } from '../ports.js';
import {
  type Attempt,
  type Decision,
  decide,
  noFilter,
  noQueue,
  PROBE_STEPS,
  type Probe,
  type ProbeStep,
  SETTINGS,
} from './isolation.js';
import { onPath } from './prerequisites.js';
import { TOOL_PATH } from './tool-path.js';

/** Namespaces of a world: network, mount, PID and host name; with `-Ur` a user namespace that makes us root in it. */
export const UNSHARE = {
  'user-namespace': ['-Urnmpu', '--fork', '--kill-child', '--mount-proc'],
  namespace: ['-nmpu', '--fork', '--kill-child', '--mount-proc'],
} as const;

/** Does for real what the world needs; prints each step before it is tried. All of it vanishes with the namespaces. */
const SCRIPT = `
set -e
echo mount
mount -t tmpfs -o size=1m flinch-probe /run
mkdir -p /run/netns
mount --bind /etc/hosts /etc/hosts
echo bridge
ip link set lo up
ip link add br0 type bridge
echo veth
ip netns add probe
ip link add v0 type veth peer name eth0 netns probe
ip -n probe link set lo up
echo done
PATH=$FLINCH_TOOL_PATH
nft 'add table bridge probe; add chain bridge probe c { type filter hook forward priority 0; }' &&
nft 'add rule bridge probe c ip saddr 10.77.0.1 ip daddr 10.77.0.2 counter drop' &&
nft -j list ruleset bridge >/dev/null && echo filter || true
said=$( {
  iptables -w 5 -t mangle -A INPUT -s 10.77.0.1 -j NFQUEUE --queue-num 0 --queue-bypass &&
  perl -e 'socket my $s, 16, 3, 12 or die "$!"'
} 2>&1 ) && echo queue || echo "no queue $said"`;

async function attempt(form: keyof typeof UNSHARE): Promise<Attempt> {
  const result = await execa('unshare', [...UNSHARE[form], 'sh', '-c', SCRIPT], {
    reject: false,
    stdin: 'ignore',
    timeout: 15_000,
    env: { LC_ALL: 'C', FLINCH_TOOL_PATH: TOOL_PATH },
  });
  const [steps = '', said = ''] = result.stdout.split(/^no queue /m);
  const printed = steps.trim().split('\n');
  if (!result.failed) {
    return {
      stderr: '',
      ...(printed.includes('filter') ? {} : { noFilter: result.stderr || 'no answer' }),
      ...(printed.includes('queue') ? {} : { noQueue: said || 'no answer' }),
    };
  }
  const last = printed.at(-1);
  const failed: ProbeStep = PROBE_STEPS.find((step) => step === last) ?? 'unshare';
  return { failed, stderr: result.stderr || (result.shortMessage ?? '') };
}

function settings(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of Object.values(SETTINGS)) {
    try {
      found[name] = readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
    } catch {}
  }
  return found;
}

/** Tries what is possible on this machine. */
async function probe(): Promise<Probe> {
  const base = { platform: process.platform, root: process.getuid?.() === 0, settings: {}, missing: [] };
  if (process.platform !== 'linux') return base;
  const needed = ['unshare', 'nsenter', 'mount', 'ip'];
  const found = await Promise.all(needed.map((name) => onPath(name)));
  const missing = needed.filter((_, i) => !found[i]);
  if (missing.length > 0) return { ...base, missing };
  const user = await attempt('user-namespace');
  const plain = user.failed && base.root ? { plain: await attempt('namespace') } : {};
  return { ...base, settings: settings(), user, ...plain };
}

const FORMS: readonly string[] = ['user-namespace', 'namespace', 'none'] satisfies Isolation[];

/** How nodes can be kept apart here. $FLINCH_ISOLATION forces a form, without a look at whether it works. */
export async function decideIsolation(env: NodeJS.ProcessEnv = process.env): Promise<Decision> {
  const forced = env.FLINCH_ISOLATION;
  if (!forced) return decide(await probe());
  if (!FORMS.includes(forced)) {
    throw new FlinchError('USAGE', {
      what: `FLINCH_ISOLATION is "${forced}"`,
      todo: `set it to one of ${FORMS.join(', ')}`,
    });
  }
  const isolation = forced as Isolation;
  return isolation === 'none'
    ? { isolation, reason: 'FLINCH_ISOLATION is set to none', allow: 'unset FLINCH_ISOLATION' }
    : { isolation, ...(await missingTools()) };
}

async function missingTools(): Promise<Pick<Decision, 'noFilter' | 'noQueue'>> {
  const has = (name: string) => onPath(name, { PATH: TOOL_PATH });
  return {
    ...((await has('nft')) ? {} : noFilter('nft: not found')),
    ...((await has('iptables')) && (await has('perl')) ? {} : noQueue('not found')),
  };
}
