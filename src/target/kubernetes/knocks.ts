import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import type { Pod } from '../../client/kubernetes/pod.js';
import type { Shell } from '../../client/kubernetes/shell.js';
import { FlinchError } from '../../core/error.js';
import type { Answer, Door } from '../ports.js';

/** Tries of connections from inside the containers of Flink, which have bash. Calls throw a FlinchError KUBERNETES, DEADLINE or FAULT_INJECT. */
export interface Knocks {
  /** Ports that somebody listens at for more than its own pod. */
  listening(pod: Pod): Promise<number[]>;
  /** Where its processes find the API server; undefined where nobody tells them. */
  apiServer(pod: Pod): Promise<Door | undefined>;
  /** What comes of a connection to each, in the same order. */
  knock(pod: Pod, doors: readonly Door[]): Promise<Answer[]>;
  /** Ends the connections. */
  close(): void;
}

/** Seconds for the other end to answer; and milliseconds for a command beside that. */
const [ANSWER_WITHIN, CALL_WITHIN] = [2, 20_000];
/** Connections that are tried at once. */
const AT_ONCE = 16;

/** Sockets in the state 0A listen; an address is written from its last byte on, so that of loopback ends with 7F. */
const LISTENING = `
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ local _ state _; do
  [ "$state" = 0A ] || continue
  case \${local%:*} in *7F | 00000000000000000000000001000000) continue ;; esac
  echo $((16#\${local##*:}))
done`;

const WHERE_API = `
[ -n "$KUBERNETES_SERVICE_HOST" ] && echo "$KUBERNETES_SERVICE_HOST \${KUBERNETES_SERVICE_PORT:-443}"
exit 0`;

const KNOCK = `
n=0
for door in "$@"; do
  {
    said=$(LC_ALL=C timeout ${ANSWER_WITHIN} bash -c 'exec 3<>"/dev/tcp/\${1%:*}/\${1##*:}"' bash "$door" 2>&1)
    code=$?
    if [ $code -eq 0 ]; then echo "$n connects"
    elif [[ $said == *refused* ]]; then echo "$n refused"
    elif [ $code -eq 127 ]; then echo "$n missing"
    else echo "$n nothing"
    fi
  } &
  if ((++n % ${AT_ONCE} == 0)); then wait; fi
done
wait`;

const ANSWERS: readonly string[] = ['connects', 'refused', 'nothing'] satisfies Answer[];
const isAnswer = (said: string): said is Answer => ANSWERS.includes(said);

export function podKnocks(kubernetes: Pick<KubernetesPods, 'shell'>): Knocks {
  /** By container: one that starts again is another one. */
  const shells = new Map<string, Shell>();

  async function inside({ name, container }: Pod, script: string, args: readonly string[], within: number) {
    if (!container?.running) throw new FlinchError('FAULT_INJECT', { what: 'it has no container that runs', on: name });
    const shell = shells.get(container.id) ?? kubernetes.shell({ pod: name, container: container.name });
    shells.set(container.id, shell);
    const { code, stdout, stderr } = await shell.run(script, args, within);
    if (code === 0) return stdout.split('\n').filter((line) => line !== '');
    throw new FlinchError('FAULT_INJECT', {
      what: `no connection could be tried from inside: ${stderr.trim().split('\n')[0] || `exit ${code}`}`,
      on: name,
      todo: 'see that its image has bash, coreutils and timeout',
    });
  }

  return {
    async listening(pod) {
      const ports = new Set((await inside(pod, LISTENING, [], CALL_WITHIN)).map(Number));
      return [...ports].sort((a, b) => a - b);
    },
    async apiServer(pod) {
      const [said] = await inside(pod, WHERE_API, [], CALL_WITHIN);
      const [host = '', port] = said?.split(' ') ?? [];
      return host === '' ? undefined : { host, port: Number(port) };
    },
    async knock(pod, doors) {
      const rounds = Math.ceil(doors.length / AT_ONCE);
      const args = doors.map(({ host, port }) => `${host}:${port}`);
      const lines = await inside(pod, KNOCK, args, CALL_WITHIN + rounds * ANSWER_WITHIN * 1000);
      const said = new Map(lines.map((line) => line.split(' ') as [string, string]));
      return doors.map((_, i) => {
        const answer = said.get(String(i)) ?? 'no word of it';
        if (isAnswer(answer)) return answer;
        throw new FlinchError('FAULT_INJECT', {
          what: `no connection could be tried from inside: ${answer}`,
          on: pod.name,
          todo: 'see that its image has bash, coreutils and timeout',
        });
      });
    },
    close() {
      for (const shell of shells.values()) shell.close();
      shells.clear();
    },
  };
}
