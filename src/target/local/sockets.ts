import { execa } from 'execa';
import { FlinchError, messageOf } from '../../core/error.js';
import type { ClusterNode } from '../ports.js';
import { TOOL_PATH } from './tool-path.js';

/** Milliseconds for one call of ss, which takes a few. */
const CALL_TIME = 10_000;

/** TCP connections that a node has with these others, as "host:port host:port", its own end first. @throws FlinchError FAULT_INJECT */
export const connectionsOf = (node: ClusterNode, peers: readonly ClusterNode[]): Promise<string[]> =>
  sockets(node, peers, []);

/**
 * Resets them (SOCK_DESTROY): either end is told that its connection was reset. A kernel that cannot leaves them as they
 * are, and says nothing. @throws FlinchError FAULT_INJECT
 */
export async function resetConnections(node: ClusterNode, peers: readonly ClusterNode[]): Promise<void> {
  await sockets(node, peers, ['-K']);
}

async function sockets(node: ClusterNode, peers: readonly ClusterNode[], how: readonly string[]): Promise<string[]> {
  const filter = [
    'state',
    'established',
    '(',
    ...peers.flatMap(({ host }, i) => [...(i > 0 ? ['or'] : []), 'dst', host]),
    ')',
  ];
  const args = [`--net=/run/netns/${node.name}`, '--', 'ss', '-t', '-n', '-H', ...how, ...filter];
  try {
    const env = { PATH: TOOL_PATH, LC_ALL: 'C' };
    const { stdout } = await execa('nsenter', args, { stdin: 'ignore', timeout: CALL_TIME, env });
    // Recv-Q, Send-Q, its own end, the other end. A JVM's sockets are of IPv6, whatever their addresses.
    const lines = stdout.replaceAll(/\[::ffff:([\d.]+)\]/g, '$1').split('\n');
    return lines.flatMap((line) => /^\s*\d+\s+\d+\s+(\S+)\s+(\S+)/.exec(line)?.slice(1, 3).join(' ') ?? []);
  } catch (cause) {
    throw new FlinchError('FAULT_INJECT', {
      what: 'the connections of a node could not be listed',
      on: `${node.name}: ${(cause as { stderr?: string }).stderr?.trim().split('\n')[0] || messageOf(cause)}`,
      todo: 'see that ss is there: apt install iproute2 | dnf install iproute',
      cause,
    });
  }
}
