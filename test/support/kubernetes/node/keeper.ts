import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../../src/core/clock.js';
import { messageOf } from '../../../../src/core/error.js';
import { pollUntil } from '../../../../src/core/poll.js';
import { TOOL_PATH } from '../../../../src/target/local/tool-path.js';

/** As the first process of its namespaces: hides of the machine what a node would write to, tells its id outside, and waits. */
const INSIDE = `
set -e
dir=$1 holder=$2
shift 2
read -r pid rest </proc/self/stat
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount --bind "$dir/lib" /var/lib
mount --bind "$dir/log" /var/log
while [ $# -gt 0 ]; do
  mount --bind "$1" "$2"
  shift 2
done
echo "$pid"
exec "$holder"`;

/**
 * Makes the namespaces, and ends all that is in them when its own input ends: as it does when the runner wants it, or is
 * dead. With the first process of a PID namespace all others of it die, and with the last one its mounts; and with this
 * shell the first.
 */
const SCRIPT = `
trap '' INT TERM HUP QUIT
inside=$1 group=$2 dir=$3
shift 2
setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child sh -c "$inside" sh "$@" 2>"$dir/keeper.log" &
unshared=$!
while read -r _; do :; done
for holder in $(cat /proc/$unshared/task/$unshared/children); do kill -9 "$holder"; done
wait "$unshared"
{
  ip link delete cni0
  nft delete table ip kube-proxy
  nft delete table ip6 kube-proxy
  ip address flush dev lo scope global
} 2>/dev/null
# Groups are busy until the kernel is done with their processes.
for _ in $(seq 100); do
  groups=$(find /sys/fs/cgroup -maxdepth 2 -type d -name "$group")
  [ -n "$groups" ] || break
  find $groups -depth -type d -exec rmdir {} \\; 2>/dev/null
  sleep 0.1
done
rm -rf "$dir"`;

/** PID and mount namespaces for a node, which end with this process, however it ends. */
export interface Keeper {
  /** Their first process. */
  readonly pid: number;
  /** Ends all processes in them, and seen gone: their mounts, their control groups and the node's folder are gone as well. */
  end(): Promise<void>;
}

export interface KeeperOptions {
  /** The node's folder: removed at the end. Its `lib` and `log` are what is /var/lib and /var/log inside. */
  dir: string;
  /** Name of the node's control groups. */
  group: string;
  /** A program that does nothing but take in orphans. */
  holder: string;
  /** What to mount inside: a file or folder, and over which. */
  binds: readonly (readonly [string, string])[];
}

/** Milliseconds; the end takes as long as the kernel needs for a dozen JVMs. */
const START_MS = 30_000;
const END_MS = 120_000;
const POLL = { every: 50, clock: systemClock, signal: new AbortController().signal };

/** @throws Error with what was said when namespaces cannot be made */
export async function startKeeper({ dir, group, holder, binds }: KeeperOptions): Promise<Keeper> {
  const child: ChildProcess = spawn(
    '/bin/sh',
    ['-c', SCRIPT, 'flinch-keeper', INSIDE, group, dir, holder, ...binds.flat()],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, PATH: TOOL_PATH },
      // Its own session: what kills our process group must not kill it.
      detached: true,
      cwd: '/',
    },
  );
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const end = async () => {
    child.stdin?.end();
    const ended = async () => child.exitCode ?? child.signalCode ?? undefined;
    await pollUntil('the end of a node', ended, { ...POLL, within: END_MS });
  };
  try {
    const told = async () => (said.endsWith('\n') ? Number(said) : undefined);
    return { pid: await pollUntil('namespaces for a node', told, { ...POLL, within: START_MS }), end };
  } catch (cause) {
    const why = readFileSync(join(dir, 'keeper.log'), 'utf8');
    await end();
    throw new Error(`${messageOf(cause)}\n${why}`, { cause });
  }
}
