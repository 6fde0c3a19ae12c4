import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { openLedger } from '../../../src/run/safety/ledger.js';
import { keptLedger } from '../../../src/target/local/index.js';
import { TOOL_PATH } from '../../../src/target/local/tool-path.js';
import { PRIVATE_ROOT } from '../../../src/target/local/world-paths.js';
import type { Cluster } from '../../../src/target/ports.js';

/** What there is in a cluster's namespaces, by kind, each as sorted lines. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

/** @throws where the command cannot be run: what nobody could look at is not gone */
const outputOf = async (command: string, ...args: string[]): Promise<string[]> =>
  (await execa(command, args, { env: { PATH: TOOL_PATH }, timeout: 10_000 })).stdout.split('\n');

/** Rules, routes, processes, files and mounts; without what changes by itself. */
export async function takeInventory(cluster: Cluster): Promise<Inventory> {
  const routes = cluster.nodes.map(async ({ name }) =>
    (await outputOf('ip', '-n', name, 'route')).map((line) => `${name}: ${line}`),
  );
  const rules = await outputOf('nft', 'list', 'ruleset');
  const inventory: Record<string, string[]> = {
    // An empty table of ours that was made for the first rule is none.
    rules: rules.filter((line) => /drop|counter/.test(line)),
    routes: (await Promise.all(routes)).flat(),
    processes: processes(),
    files: readdirSync(PRIVATE_ROOT, { recursive: true }).map(String),
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n'),
  };
  for (const lines of Object.values(inventory)) lines.sort();
  return inventory;
}

/** Every process of this namespace but this one's own children, with its state where it is stopped. */
function processes(): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parent) === process.pid || state === 'Z') continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      found.push(`${state === 'T' ? 'stopped: ' : ''}${command}`);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** What differs from before, in lines; empty where nothing of ours is left. */
export async function remainsOf(cluster: Cluster, before: Inventory): Promise<string[]> {
  const left: string[] = openLedger(keptLedger())
    .open()
    .map(({ kind, node, state }) => `ledger: ${kind} of ${node} is ${state}`);
  for (const { name } of cluster.nodes) {
    const identity = await cluster.processes.identify(name);
    if (!identity) left.push(`nodes: ${name} does not run`);
  }
  const now = await takeInventory(cluster);
  for (const [kind, lines] of Object.entries(now)) {
    for (const line of difference(lines, before[kind] ?? [])) left.push(`${kind}: there is ${line}`);
    for (const line of difference(before[kind] ?? [], lines)) left.push(`${kind}: there is no ${line}`);
  }
  return left;
}

function difference(lines: readonly string[], without: readonly string[]): string[] {
  const rest = [...without];
  return lines.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
