import { type ChildProcess, spawn } from 'node:child_process';
import type { ProcessIdentity } from '../ports.js';

/**
 * Reads "pid start-time" lines; when its input ends without a line "done" the runner is dead, and every one of those
 * processes that is still the same is killed. A shell, because it must outlive us at the cost of nothing.
 */
const SCRIPT = `
trap '' INT TERM HUP QUIT
started() {
  if [ -r /proc/self/stat ]; then
    stat=$(cat /proc/$1/stat 2>/dev/null) || return 1
    set -- \${stat##*) }
    shift 19
    echo "$1"
  else
    ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' | sed 's/^ //; s/ $//'
  fi
}
known=
while IFS= read -r line; do
  [ "$line" = done ] && exit 0
  known="$known$line
"
done
printf '%s' "$known" | while read -r pid start; do
  [ "$(started "$pid")" = "$start" ] && kill -9 "$pid" 2>/dev/null
done
rm -rf "$1"`;

/** Ends plain processes when this process dies in any way. Needed only where no PID namespace does it. */
export interface Reaper {
  watch(identity: ProcessIdentity): void;
  /** Ends the watch: nothing is killed any more. */
  dismiss(): void;
}

/** @param scratch directory to remove after a death */
export function startReaper(scratch: string): Reaper {
  const child: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'flinch-reaper', scratch], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Its own session: what kills our process group must not kill it.
    detached: true,
    cwd: '/',
  });
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return {
    watch: ({ pid, startTime }) => void child.stdin?.write(`${pid} ${startTime}\n`),
    dismiss: () => void child.stdin?.end('done\n'),
  };
}
