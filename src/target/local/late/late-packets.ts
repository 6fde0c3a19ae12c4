import { execa } from 'execa';
import { FlinchError, messageOf } from '../../../core/error.js';
import type { ClusterNode, Dropped } from '../../ports.js';
import { TOOL_PATH } from '../tool-path.js';
import { type Holder, startHolder } from './holder.js';

/** Milliseconds for one call of iptables, which takes a few. */
const CALL_TIME = 10_000;
/** The longest name that iptables takes for a chain. */
const LONGEST_NAME = 28;

/** Packets from one node to another. */
export type Link = readonly [from: ClusterNode, to: ClusterNode];

/** Lets packets come late. */
export interface LatePackets {
  /** Every packet of these links comes so many milliseconds late, give or take the jitter; none overtakes another. */
  hold(id: string, links: readonly Link[], how: { late: number; jitter: number }): Promise<void>;
  /** By id, the packets that came late on each link. One whose packets are not held any more is missing. */
  held(): Promise<Record<string, Dropped[]>>;
  /** Takes exactly this away; what is not there is left alone. */
  release(id: string): Promise<void>;
}

interface Held {
  links: readonly Link[];
  /** By the node whose incoming packets each of them holds. */
  holders: Map<string, Holder>;
}

/**
 * Where packets arrive, in the network of their receiver, a rule of iptables hands them to a queue that a process of
 * ours keeps them in: this needs no netem, which many kernels lack, and without that process packets pass. (A sender
 * whose packets are held before they leave sends no more than two of them at a time: TCP small queues.)
 */
export function latePackets(): LatePackets {
  const all = new Map<string, Held>();
  let queues = 0;
  const release = async (id: string) => {
    const found = all.get(id);
    if (!found) return;
    // Rules first: those that are held already pass, and no other one is.
    for (const node of found.holders.keys()) {
      if ((await rulesOf(node)).includes(`-N ${id}`)) await iptables(node, 'iptables-restore', REMOVED(id));
    }
    await Promise.all([...found.holders.values()].map((holder) => holder.end()));
    all.delete(id);
  };
  return {
    release,
    async hold(id, links, how) {
      if (all.has(id)) return;
      if (id.length > LONGEST_NAME) throw new FlinchError('INTERNAL', { what: 'this is too long for a chain', on: id });
      const holders = new Map<string, Holder>();
      all.set(id, { links, holders });
      // Nobody else is in these networks.
      const queue = queues++;
      try {
        for (const [to, incoming] of byReceiver(links)) {
          holders.set(to, await startHolder(to, queue, how));
          await iptables(to, 'iptables-restore', added(id, incoming, queue));
        }
      } catch (error) {
        await release(id);
        throw error;
      }
    },
    async held() {
      const found: Record<string, Dropped[]> = {};
      for (const [id, { links, holders }] of all) {
        if ([...holders.values()].some((holder) => !holder.lives())) continue;
        const told: Dropped[] = [];
        for (const node of holders.keys()) told.push(...countersIn(await iptables(node, 'iptables', '', LIST(id))));
        const counted = ([from, to]: Link) => told.find((it) => it.from === from.name && it.to === to.name);
        if (links.every(counted)) found[id] = links.flatMap((link) => counted(link) ?? []);
      }
      return found;
    },
  };
}

function byReceiver(links: readonly Link[]): Map<string, Link[]> {
  const found = new Map<string, Link[]>();
  for (const link of links) found.set(link[1].name, [...(found.get(link[1].name) ?? []), link]);
  return found;
}

const added = (id: string, links: readonly Link[], queue: number): string =>
  [
    '*mangle',
    `:${id} - [0:0]`,
    `-A INPUT -j ${id}`,
    ...links.map(
      ([from, to]) =>
        `-A ${id} -s ${from.host} -m comment --comment "${from.name} > ${to.name}" -j NFQUEUE --queue-num ${queue} --queue-bypass`,
    ),
    'COMMIT\n',
  ].join('\n');

const REMOVED = (id: string): string => `*mangle\n-D INPUT -j ${id}\n-F ${id}\n-X ${id}\nCOMMIT\n`;
const LIST = (id: string): string[] => ['-t', 'mangle', '-vnxL', id];

const rulesOf = async (node: string): Promise<string[]> =>
  (await iptables(node, 'iptables', '', ['-t', 'mangle', '-S'])).split('\n');

/** Packets, bytes, and behind the comment's sign who sent them to whom. */
function countersIn(listing: string): Dropped[] {
  return [...listing.matchAll(/^\s*(\d+)\s+(\d+) NFQUEUE .*\/\* (\S+) > (\S+) \*\//gm)].map(
    ([, packets, bytes, from = '', to = '']) => ({ from, to, packets: Number(packets), bytes: Number(bytes) }),
  );
}

async function iptables(
  node: string,
  tool: 'iptables' | 'iptables-restore',
  input: string,
  args: readonly string[] = ['--noflush'],
): Promise<string> {
  const line = [`--net=/run/netns/${node}`, '--', tool, '-w', '5', ...args];
  try {
    return (await execa('nsenter', line, { input, timeout: CALL_TIME, env: { PATH: TOOL_PATH, LC_ALL: 'C' } })).stdout;
  } catch (cause) {
    throw new FlinchError('FAULT_INJECT', {
      what: 'the packet queue of a node could not be used',
      on: `${node}: ${(cause as { stderr?: string }).stderr?.trim().split('\n')[0] || messageOf(cause)}`,
      todo: 'see that iptables is there: apt install iptables | dnf install iptables',
      cause,
    });
  }
}
