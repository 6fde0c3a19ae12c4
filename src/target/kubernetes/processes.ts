import type { Container, Pod } from '../../client/kubernetes/pod.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { NodeExit, ProcessControl, ProcessIdentity } from '../ports.js';
import { HAND_FOLDER, type Hands } from './hands.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

export interface ProcessDeps {
  view: PodView;
  seats: Seats;
  hands: Hands;
  clock: Clock;
  /** Whether nodes without a hand are looked at as well: where an earlier run may have had one. */
  thorough: boolean;
}

/** Milliseconds for a pod that comes back, the pause that kubelet makes after several starts included. */
const START_WITHIN = 180_000;
const EVERY = 200;

/**
 * In bash, on a node: the processes of a container, and its first one. A container is the name of its control groups, and
 * that of no other process. Any process of a pod has the pod's network; one has it as long as the pod is there, whatever
 * becomes of its containers. Where groups are made by systemd, the pod's uid is written with underscores.
 */
export const PROCESSES = `
pids() {
  [ -n "$1" ] || return
  for it in /proc/[0-9]*; do
    groups=
    { IFS= read -r -d '' groups <"$it/cgroup"; } 2>/dev/null
    [[ $groups == *"$1"* ]] && echo "\${it#/proc/}"
  done
}
first() {
  for pid in $(pids "$1"); do
    while read -r key ids; do
      [ "$key" = NSpid: ] && [ "\${ids##*[!0-9]}" = 1 ] && echo "$pid"
    done <"/proc/$pid/status"
  done 2>/dev/null
}
of_pod() {
  for pid in $(pids "$1") $(pids "\${1//-/_}"); do
    echo "$pid"
    return
  done
}`;

/** Ends a container by its first process, with which all others of it go; and sees it gone. */
const END = `${PROCESSES}
pid=$(first "$1")
[ -n "$pid" ] || exit 3
kill -s "$2" "$pid" || exit 4
[ "$2" = KILL ] || exit 0
for ((i = 0; i < 100; i++)); do
  [ -e "/proc/$pid" ] || exit 0
  sleep 0.05
done
exit 5`;

/** How to wake it is written down before it is stopped. */
const STOP = `${PROCESSES}
all=$(pids "$1")
[ -n "$all" ] || exit 3
printf '%s\\n' "$2" >"${HAND_FOLDER}/undo/stop-$1.sh"
kill -s STOP $all || exit 4`;
/** By the container once more: a number may be another process by then. */
const undoStop = (container: string): string => `${PROCESSES}\nkill -s CONT $(pids ${container})`;

const WAKE = `${PROCESSES}
all=$(pids "$1")
[ -n "$all" ] || exit 3
kill -s CONT $all || exit 4
rm -f "${HAND_FOLDER}/undo/stop-$1.sh"`;

const STATE = `${PROCESSES}
pid=$(first "$1")
[ -n "$pid" ] || exit 3
while read -r key state _; do
  if [ "$key" = State: ]; then echo "$state"; fi
done <"/proc/$pid/status"`;

/** What ends a process also where nobody is told of it. */
const GONE = 3;

export interface PodProcesses extends ProcessControl {
  onExit(listener: (exit: NodeExit) => void): () => void;
}

/** The processes of Flink in pods: each is the first one of a container. What ends, kubelet starts again. */
export function podProcesses({ view, seats, hands, clock, thorough }: ProcessDeps): PodProcesses {
  /** Containers that were seen to end on their node, before the API server heard of it. */
  const ended = new Set<string>();

  const running = (pod: Pod | undefined): Container | undefined =>
    pod?.container?.running && !ended.has(pod.container.id) ? pod.container : undefined;
  const identityOf = (pod: Pod, container: Container): ProcessIdentity => ({
    pid: numberOf(container.id),
    startTime: container.startedAt,
    bootId: pod.uid,
    container: container.id,
    pod: pod.name,
  });
  const holder = (identity: ProcessIdentity): Pod | undefined =>
    view.now().find((pod) => running(pod)?.id === identity.container);
  const onNode = async (identity: ProcessIdentity, script: string, ...args: string[]) => {
    const { node, name } = holder(identity) ?? {};
    if (node === undefined) return { code: GONE, stdout: '', stderr: '' };
    const done = await hands.run(node, script, identity.container ?? '', ...args);
    if (done.code === 0 || done.code === GONE) return done;
    const what = `a signal could not be sent: ${done.stderr.trim() || `exit ${done.code}`}`;
    throw new FlinchError('FAULT_INJECT', { what, on: `${name} on ${node}` });
  };

  return {
    async identify(seat) {
      await view.fresh();
      const pod = seats.podOf(seat);
      const container = running(pod);
      return pod && container && identityOf(pod, container);
    },
    async alive(identity) {
      await view.fresh();
      return holder(identity) !== undefined;
    },
    async stopped(identity) {
      await view.fresh();
      const node = holder(identity)?.node;
      // Where no hand is nobody has stopped anything; what one did that died with its run, it has undone.
      const isLooked = hands.nodes().includes(node ?? '') || (thorough && hands.able);
      if (node === undefined || !isLooked) return false;
      return (await onNode(identity, STATE)).stdout.trim() === 'T';
    },
    async signal(identity, signal) {
      await view.fresh();
      const name = signal.replace(/^SIG/, '');
      if (signal === 'SIGSTOP') await onNode(identity, STOP, undoStop(checkedContainer(identity)));
      else if (signal === 'SIGCONT') await onNode(identity, WAKE);
      else await onNode(identity, END, name);
      if (signal === 'SIGKILL' && identity.container !== undefined) ended.add(identity.container);
    },
    async start(seat) {
      const come = async () => {
        await view.fresh();
        const pod = seats.podOf(seat);
        const container = running(pod);
        return pod && container && identityOf(pod, container);
      };
      const signal = new AbortController().signal;
      return pollUntil(`a pod for ${seat}`, come, { every: EVERY, within: START_WITHIN, clock, signal });
    },
    // Pods have the clock of their node.
    clockOf: async () => undefined,
    onExit(listener) {
      const seen = new Map<string, { pod: Pod; container: Container }>();
      const look = (pods: readonly Pod[]) => {
        for (const pod of pods)
          if (pod.container?.running) seen.set(pod.container.id, { pod, container: pod.container });
        for (const [id, { pod, container }] of seen) {
          const now = pods.find(({ uid }) => uid === pod.uid);
          if (now?.container?.id === id && now.container.running) continue;
          seen.delete(id);
          const last = [now?.container, now?.before].find((it) => it?.id === id);
          const node = seats.seatOf(pod.uid);
          if (node !== undefined) listener({ node, pid: numberOf(container.id), pod: pod.name, ...endOf(last) });
        }
      };
      look(view.now());
      return view.onChange(look);
    },
  };
}

/** It goes into a script. @throws FlinchError INTERNAL */
function checkedContainer({ container = '' }: ProcessIdentity): string {
  if (/^[0-9A-Za-z_.-]+$/.test(container)) return container;
  throw new FlinchError('INTERNAL', { what: 'this is no id of a container', on: container });
}

/** A container has no number of its own: the first digits of its id are as good as unique in a cluster. */
const numberOf = (id: string): number => Number.parseInt(id.slice(0, 8), 16);

const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = { 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };

function endOf(container: Container | undefined): Pick<NodeExit, 'code' | 'signal'> {
  const code = container?.ended?.code;
  if (code === undefined) return { code: null, signal: null };
  const signal = SIGNALS[container?.ended?.signal ?? code - 128];
  return signal ? { code: null, signal } : { code, signal: null };
}
