import type { Pod } from '../../client/kubernetes/pod.js';
import type { Executed } from '../../client/kubernetes/shell.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { DiskFiller, Filling } from '../ports.js';
import { HAND_FOLDER, type Hands } from './hands.js';
import type { PodView } from './pods.js';
import { PROCESSES } from './processes.js';
import type { Seats } from './seats.js';

export interface DiskDeps {
  view: PodView;
  seats: Seats;
  hands: Hands;
  /** Of Flink, without defaults. */
  configured: Readonly<Record<string, string>>;
  clock: Clock;
}

/** Milliseconds for a container that ended of its full disk to be started again. */
const CONTAINER_WITHIN = 60_000;
const EVERY = 500;
const FILLING_ID = /^[a-z0-9]{1,40}$/;
const [GONE, PART, HIDDEN] = [3, 7, 8];

/**
 * Where a folder of a container is on its machine, by what is mounted there: as long as the pod is there, whatever becomes of its containers.
 * A volume that is a part of a larger file system shares its room with others, who are nobody's business.
 */
const FOLDER = `${PROCESSES}
pid=$(first "$1")
[ -n "$pid" ] || exit ${GONE}
dev= root= point=
while read -r _ _ d r p _; do
  printf -v p %b "$p"
  case $2/ in "\${p%/}"/*) if ((\${#p} >= \${#point})); then dev=$d root=$r point=$p; fi ;; esac
done <"/proc/$pid/mountinfo"
if [ "$root" != / ] || [ "$point" = / ]; then exit ${PART}; fi
host=
while read -r _ _ d r p _; do
  if [ "$d" = "$dev" ] && [ "$r" = / ]; then printf -v host %b "$p"; fi
done </proc/1/mountinfo
[ -n "$host" ] || exit ${HIDDEN}
folder=/proc/1/root$host\${2#"$point"}
file=$folder/flinch-filling-$3
undo=${HAND_FOLDER}/undo/fill-$3.sh
over=${HAND_FOLDER}/fill-$3.over
lock=${HAND_FOLDER}/fill-$3.lock
# Whoever fills goes on for a while after nobody waits for it any more.
alone() { exec 9>"$lock" && flock -w 10 9; }
free() { read -r blocks size < <(stat -f -c '%a %S' "$folder") && echo $((blocks * size)); }
tell() {
  [ -e "$file" ] || return 0
  has=$(stat -c %s "$file") && left=$(free) && echo "$has $left"
}`;

/** At once where the file system can, then to the last page; what is taken away meanwhile is not made again. How to undo it is written down first. */
const FILL = `${FOLDER}
alone || exit 4
[ ! -e "$over" ] || exit 0
printf 'rm -f %q\\n' "$file" >"$undo"
: >>"$file" || exit 4
has=$(stat -c %s "$file") && left=$(free) || exit 4
if ((left > 1048576)); then fallocate -l $((has + left)) "$file" 2>/dev/null; fi
exec 9>&-
for size in 1M 4k; do timeout 8 dd if=/dev/zero of="$file" bs=$size oflag=append conv=notrunc,nocreat 2>/dev/null; done
tell`;

const FILLING = `${FOLDER}
tell`;

const EMPTY = `${FOLDER}
alone && : >"$over" && rm -f "$file" && rm -f "$undo"`;

/** What was done, for which pod; or why nobody knows. */
interface Done {
  pod: Pod;
  executed: Executed | { error: unknown };
}

/** The disks of pods: volumes that are file systems of their own. */
export function podDisks({ view, seats, hands, configured, clock }: DiskDeps): DiskFiller {
  /** On the machine of one who has that disk, and runs: another container of the same pod, or the next pod, has the same volume or an empty one. */
  const done = (disk: string, script: string, ...args: string[]): Promise<Done> =>
    pollUntil(
      `a container that has the disk of ${disk}`,
      async () => {
        await view.fresh();
        const held = disk === 'storage' ? jobManagers(seats) : [seats.podOf(disk)];
        const pod = held.find((it) => it?.container?.running && it.node !== undefined);
        if (!pod?.container) return undefined;
        const executed = await hands
          .run(pod.node ?? '', script, pod.container.id, ...args)
          .catch((error) => ({ error }));
        // It has ended since it was seen.
        return 'code' in executed && executed.code === GONE ? undefined : { pod, executed };
      },
      { every: EVERY, within: CONTAINER_WITHIN, clock, signal: new AbortController().signal },
    );

  async function on(disk: string, id: string, script: string): Promise<Filling | undefined> {
    if (!FILLING_ID.test(id)) throw new FlinchError('INTERNAL', { what: 'this is no name for a filling', on: id });
    const path = disk === 'storage' ? storageIn(configured) : temporaryIn(configured);
    const { pod, executed } = await done(disk, script, path, id);
    if ('error' in executed) throw executed.error;
    const { code, stdout, stderr } = executed;
    const refused = (what: string, todo: string) => new FlinchError('CAPABILITY_MISSING', { what, on: disk, todo });
    if (code === PART) {
      throw refused(
        `${path} of ${pod.name} is no file system of its own: who fills it fills the disk of others as well`,
        'have a volume there that is one: a PersistentVolume of its own, or an emptyDir with medium: Memory',
      );
    }
    if (code === HIDDEN)
      throw refused(`the volume at ${path} of ${pod.name} is not seen on its machine`, 'use another volume');
    if (code !== 0) {
      const what = `its disk could not be written: ${stderr.trim().split('\n')[0] || `exit ${code}`}`;
      throw new FlinchError('FAULT_INJECT', { what, on: `${path} of ${pod.name}` });
    }
    const [, bytes, free] = /^(\d+) (\d+)$/m.exec(stdout) ?? [];
    return bytes === undefined ? undefined : { bytes: Number(bytes), free: Number(free) };
  }

  return {
    fill: async (disk, id) => (await on(disk, id, FILL)) ?? { bytes: 0, free: Number.POSITIVE_INFINITY },
    filling: (disk, id) => on(disk, id, FILLING),
    empty: async (disk, id) => void (await on(disk, id, EMPTY)),
  };
}

const jobManagers = (seats: Seats): (Pod | undefined)[] =>
  Object.keys(seats.taken())
    .filter((name) => name.startsWith('jobmanager'))
    .map((name) => seats.podOf(name));

/** Where TaskManagers keep the state that they work on, and what they spill. */
function temporaryIn(configured: Readonly<Record<string, string>>): string {
  const folders = configured['state.backend.rocksdb.localdir'] ?? configured['io.tmp.dirs'] ?? '/tmp';
  return pathOf(folders.split(/[,:|](?!\/\/)/)[0] ?? '/tmp');
}

/** @throws FlinchError CAPABILITY_MISSING */
function storageIn(configured: Readonly<Record<string, string>>): string {
  const keys = ['high-availability.storageDir', 'execution.checkpointing.dir', 'state.checkpoints.dir'];
  const url = keys.map((key) => configured[key]).find((it) => it !== undefined) ?? '';
  if (/^(file:)?\//.test(url)) return pathOf(url);
  const todo = 'it is no volume of its pods; break what keeps it by its own means';
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the storage of this cluster is no file system', on: url, todo });
}

const pathOf = (url: string): string => {
  const path = url
    .trim()
    .replace(/^file:\/{0,2}(?=\/)/, '')
    .replace(/\/+$/, '');
  return path === '' ? '/' : path;
};
