import { systemClock } from '../core/clock.js';
import { messageOf } from '../core/error.js';
import { seededPick } from '../core/pick.js';
import { faultNamed } from '../fault/catalogue.js';
import type { FaultContext } from '../fault/fault.js';
import { openAccess } from '../run/cluster/cluster-access.js';
import { askServers } from '../run/cluster/servers.js';
import { leftovers } from '../run/safety/leftovers.js';
import { detectionOf, unnoticedOf } from '../run/steps/detection.js';
import type { LoadedScenario } from '../scenario/index.js';
import { connectKept, type KeptState } from '../target/local/index.js';

/** Milliseconds for choosing the nodes of one fault. */
const RESOLVE_WITHIN = 10_000;

/** What a dry run asks of the kept cluster. */
export interface PlanOrder {
  scenarios: LoadedScenario[];
  kept: KeptState;
}

/** Says whom each fault would befall on the kept cluster now. Looks, and touches nothing. */
export async function planHere({ scenarios, kept }: PlanOrder): Promise<number> {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const cluster = connectKept(kept);
  const access = openAccess(cluster);
  const known = {
    cluster,
    leadership: access.leadership,
    store: access.store,
    // No job runs yet: what depends on where it runs is only known then.
    placement: {
      subtasksByTaskManager: async () => ({}),
      restoring: async () => 0,
      registeredTaskManagers: async () => [],
    },
    checkpoints: access.checkpoints(() => ''),
    servers: askServers(cluster, () => undefined),
    clock: systemClock,
    detection: detectionOf({}),
    unnoticed: unnoticedOf({}),
  };
  try {
    for (const { kind, node, run } of leftovers())
      say(`left behind: ${kind} on ${node} by ${run}; a run heals it first`);
    for (const { scenario } of scenarios) {
      say(`${scenario.name}, on the kept cluster as it is now:`);
      const pick = seededPick(scenario.seed ?? 0);
      for (const [index, { kind, options }] of scenario.faults.entries()) {
        const context: FaultContext = { ...known, pick, signal: AbortSignal.timeout(RESOLVE_WITHIN) };
        say(`  fault ${index + 1}: ${await victimsOf(kind, options, context)}`);
      }
    }
  } finally {
    cluster.close();
    await access.close();
  }
  return 0;
}

async function victimsOf(kind: string, options: Record<string, unknown>, context: FaultContext): Promise<string> {
  try {
    const { nodes, selector, evidence } = await faultNamed(kind).resolve(options, context);
    const named = nodes.map(({ node, pid }) => (pid === undefined ? node : `${node} (process ${pid})`));
    return `${kind} ${selector} would be ${named.join(', ')}: ${evidence.join('; ')}`;
  } catch (error) {
    return `${kind}: nobody yet, as ${messageOf(error)}`;
  }
}
