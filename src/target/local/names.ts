import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import type { ClusterNode, NameControl } from '../ports.js';
import { WORLD_ADDRESS } from './layout.js';

/** Milliseconds. A name server that does not answer is asked for this long at most. */
const ASK_TIME = 10_000;

const WORLD = ['127.0.0.1 localhost', `${WORLD_ADDRESS} flinch`];

/** The table of all names, which every node sees as its /etc/hosts. */
export const hostsFile = (root: string): string => `${root}/hosts`;

/** Writes the table with every node in it. */
export const writeHosts = (root: string, nodes: readonly ClusterNode[]): Promise<void> =>
  writeLines(root, [...WORLD, ...nodes.map(({ host, name }) => `${host} ${name}`)]);

// In place: it is mounted, and another file would not be seen.
const writeLines = (root: string, lines: readonly string[]): Promise<void> =>
  writeFile(hostsFile(root), `${lines.join('\n')}\n`);

/** The names of a cluster whose nodes are in namespaces. There is no name server beside the table. */
export const localNames = (root: string, nodes: readonly ClusterNode[]): NameControl => ({
  forget: () => writeLines(root, WORLD),
  recall: () => writeHosts(root, nodes),
  async known(node, names) {
    const from = nodes.find((it) => it.name === node);
    if (!from) return [];
    // It fails where it does not find one of them, and prints the others.
    const { stdout } = await execa('nsenter', [`--net=/run/netns/${from.name}`, '--', 'getent', 'hosts', ...names], {
      reject: false,
      stdin: 'ignore',
      timeout: ASK_TIME,
    });
    const found = new Set(stdout.split('\n').flatMap((line) => line.trim().split(/\s+/).slice(1)));
    return names.filter((name) => found.has(name));
  },
});
