import type { Pod } from '../../client/kubernetes/pod.js';
import { FlinchError } from '../../core/error.js';
import { addDropped, checkedCutId, FILTER_TABLE, linkComment, matching, verdict } from '../packet-rules.js';
import { API_SERVER, type Dropped, type NetworkControl, type NetworkCut } from '../ports.js';
import { HAND_FOLDER, type Hands } from './hands.js';
import type { PodView } from './pods.js';
import { PROCESSES } from './processes.js';
import type { Seats } from './seats.js';

export interface NetworkDeps {
  view: PodView;
  seats: Seats;
  hands: Hands;
  /** Port of a pod that anybody may knock at. */
  portOf(seat: string): number;
  /** Whether nodes without a hand are looked at as well: where an earlier run may have had one. */
  thorough: boolean;
}

const ADDRESS = /^[0-9a-fA-F.:]+$/;

/** Joins the network of a pod, which has one of its own: the rules of others are nobody's business. */
const IN_POD = `${PROCESSES}
pid=$(of_pod "$1")
[ -n "$pid" ] || exit 3
if [[ /proc/$pid/ns/net -ef /proc/1/ns/net ]]; then exit 6; fi
in_pod() { nsenter --target "$pid" --net "$@"; }`;

/** How to undo it is written down first. */
const CUT = `${IN_POD}
printf '%s\\n' "$4" >"${HAND_FOLDER}/undo/cut-$2-$1.sh"
in_pod nft -f - <<<"$3"`;
/** By the pod once more: the process that was found may be gone by then. */
const undoCut = (pod: Pod, restoring: string): string => `set -- '${checkedUid(pod)}'
${IN_POD}
in_pod nft -f - <<<'${restoring}'`;

const RESTORE = `${IN_POD}
in_pod nft -f - <<<"$3" || exit 4
rm -f "${HAND_FOLDER}/undo/cut-$2-$1.sh"`;

const LIST = `${IN_POD}
in_pod nft -j list ruleset inet`;

/** A refusal comes from the other pod too, so it takes no server to know that packets pass. */
const KNOCK = `${IN_POD}
began=$EPOCHREALTIME
said=$(LC_ALL=C in_pod timeout "$4" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$2" "$3" 2>&1)
code=$?
ended=$EPOCHREALTIME
if [ $code -eq 0 ] || [[ $said == *refused* ]]; then echo $(((\${ended/./} - \${began/./}))); fi
exit 0`;

/** Where the processes of a container find the API server, as Kubernetes tells them. */
const WHERE_API = `${PROCESSES}
pid=$(first "$1")
[ -n "$pid" ] || exit 3
while IFS='=' read -r -d '' key value; do
  case $key in KUBERNETES_SERVICE_HOST) host=$value ;; KUBERNETES_SERVICE_PORT) port=$value ;; esac
done <"/proc/$pid/environ"
[ -n "$host" ] && echo "$host $port"`;

const [GONE, SHARED] = [3, 6];

/** What packets go to, or come from. */
interface Peer {
  ip: string;
  /** Absent where all of its ports are meant. */
  port?: number;
}

/** Cutting pods off from each other by drop rules in their own networks: it needs nothing of the cluster's network, and asks nobody. */
export function podNetwork({ view, seats, hands, portOf, thorough }: NetworkDeps): NetworkControl {
  const seated = (seat: string): Pod & { ip: string; node: string } => {
    const pod = seats.podOf(seat);
    if (!pod?.ip || !pod.node || !pod.container?.running) {
      throw new FlinchError('FAULT_INJECT', { what: 'there is no pod that runs', on: seat });
    }
    return { ...pod, ip: pod.ip, node: pod.node };
  };
  /** Undefined where it is gone, and its network with it. */
  const inPod = async (pod: Pod, script: string, ...args: string[]): Promise<string | undefined> => {
    const { code, stdout, stderr } = await hands.run(pod.node ?? '', script, ...args);
    // Nothing of ours is ever in the network of a machine.
    if (code === GONE || (code === SHARED && script !== CUT)) return undefined;
    if (code === 0) return stdout;
    if (code === SHARED) {
      const what = 'it has the network of its machine (hostNetwork), which others use as well';
      throw new FlinchError('FAULT_INJECT', { what, on: pod.name });
    }
    throw new FlinchError('FAULT_INJECT', {
      what: `the packet filter of a pod could not be used: ${stderr.trim().split('\n')[0] || `exit ${code}`}`,
      on: pod.name,
      todo: 'see that the image of --hand-image has nft, nsenter and timeout',
    });
  };
  /** Also those whose container does not run now: their network stays, and with it what is cut. */
  const placed = (): Pod[] => view.now().filter(({ node }) => node !== undefined);
  /** Where no hand is nobody has cut anything. */
  const touched = (): Pod[] => placed().filter(({ node = '' }) => thorough || hands.nodes().includes(node));

  const peerOf = async (seat: string, other: string): Promise<Peer> => {
    if (other !== API_SERVER) return { ip: seated(other).ip };
    const pod = seated(seat);
    const [ip = '', port] = (await inPod(pod, WHERE_API, pod.container?.id ?? ''))?.trim().split(' ') ?? [];
    if (ip === '') throw new FlinchError('FAULT_INJECT', { what: 'it does not say where its API server is', on: seat });
    return { ip, port: Number(port) };
  };

  async function cuts(): Promise<Record<string, Dropped[]>> {
    await view.fresh();
    const found: Record<string, Dropped[]> = {};
    for (const pod of touched()) {
      const listing = await inPod(pod, LIST, pod.uid);
      if (listing !== undefined) addDropped(found, listing, cutOf);
    }
    return found;
  }

  return {
    cuts,
    async cut(cut) {
      await view.fresh();
      const id = checkedCutId(cut.id);
      if (Object.hasOwn(await cuts(), id)) return;
      // The rules of one side stop both ways.
      for (const seat of cut.between) {
        const pod = seated(seat);
        const peers = new Map<string, Peer>();
        for (const other of cut.and) peers.set(other, await peerOf(seat, other));
        await inPod(pod, CUT, pod.uid, id, cutScript(cut, seat, peers), undoCut(pod, restoreScript(id)));
      }
    },
    async restore(id) {
      await view.fresh();
      for (const pod of placed()) await inPod(pod, RESTORE, pod.uid, checkedCutId(id), restoreScript(id));
    },
    async roundTrip(from, to, within = 1_000) {
      await view.fresh();
      const { ip, port = portOf(to) } = await peerOf(from, to);
      const said = await inPod(seated(from), KNOCK, seated(from).uid, ip, String(port), String(within / 1000));
      return said === undefined || said.trim() === '' ? undefined : Number(said) / 1000;
    },
    connections: async () => notYet(),
    reset: async () => notYet(),
  };
}

/** It goes into a script. @throws FlinchError INTERNAL */
function checkedUid({ uid }: Pod): string {
  if (/^[0-9A-Za-z-]+$/.test(uid)) return uid;
  throw new FlinchError('INTERNAL', { what: 'this is no uid', on: uid });
}

function notYet(): never {
  throw new FlinchError('CAPABILITY_MISSING', { what: 'connections of pods cannot be reset yet' });
}

/** One transaction: all of it comes about, or nothing. */
function cutScript({ id, direction, only }: NetworkCut, seat: string, peers: ReadonlyMap<string, Peer>): string {
  const rules = [...peers].flatMap(([other, { ip, port }]) => {
    if (!ADDRESS.test(ip)) throw new FlinchError('INTERNAL', { what: 'this is no address', on: ip });
    const family = ip.includes(':') ? 'ip6' : 'ip';
    const at = (way: 'd' | 's') =>
      `${family} ${way}addr ${ip} ${port === undefined ? '' : `tcp ${way}port ${Number(port)} `}${matching(only)}`;
    const out = `add rule inet ${FILTER_TABLE} ${id}-out ${at('d')}${verdict(only)} ${linkComment(seat, other)}`;
    const back = `add rule inet ${FILTER_TABLE} ${id}-in ${at('s')}${verdict(only)} ${linkComment(other, seat)}`;
    return direction === undefined ? [out, back] : [direction === 'forth' ? out : back];
  });
  return [
    `add table inet ${FILTER_TABLE}`,
    `add chain inet ${FILTER_TABLE} ${id}-out { type filter hook output priority 0; policy accept; }`,
    `add chain inet ${FILTER_TABLE} ${id}-in { type filter hook input priority 0; policy accept; }`,
    ...rules,
  ].join('\n');
}

/** Adding what is there changes nothing, and makes the rest right also where there was nothing. */
const restoreScript = (id: string): string =>
  [
    `add table inet ${FILTER_TABLE}`,
    ...['out', 'in'].flatMap((way) => [
      `add chain inet ${FILTER_TABLE} ${id}-${way}`,
      `flush chain inet ${FILTER_TABLE} ${id}-${way}`,
      `delete chain inet ${FILTER_TABLE} ${id}-${way}`,
    ]),
  ].join('\n');

/** Each cut has a chain for either way. */
const cutOf = (chain: string): string => chain.replace(/-(out|in)$/, '');
