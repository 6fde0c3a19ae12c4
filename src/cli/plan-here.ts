import { systemClock } from '../core/clock.js';
import { ExitCode, FlinchError, messageOf } from '../core/error.js';
import { seededPick } from '../core/pick.js';
import type { Guards } from '../core/scenario.js';
import { faultNamed } from '../fault/catalogue.js';
import type { FaultContext } from '../fault/fault.js';
import { openAccess } from '../run/cluster/cluster-access.js';
import { askServers } from '../run/cluster/servers.js';
import { leftovers } from '../run/safety/leftovers.js';
import { guardNodes } from '../run/safety/node-guards.js';
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

/**
 * Says whom each fault would befall on the kept cluster now, and what guards refuse. Looks, and touches nothing.
 * @returns the exit code
 */
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
      freeSlots: access.placement(() => '').freeSlots,
      registeredTaskManagers: async () => [],
      jobs: async () => ({}),
    },
    checkpoints: access.checkpoints(() => ''),
    servers: askServers(cluster, () => undefined),
    clock: systemClock,
    detection: detectionOf({}),
    unnoticed: unnoticedOf({}),
  };
  let code: ExitCode = ExitCode.passed;
  try {
    for (const { kind, node, run } of leftovers())
      say(`left behind: ${kind} on ${node} by ${run}; a run heals it first`);
    for (const { scenario } of scenarios) {
      say(`${scenario.name}, on the kept cluster as it is now:`);
      const pick = seededPick(scenario.seed ?? 0);
      for (const [index, { kind, options }] of scenario.faults.entries()) {
        const context: FaultContext = { ...known, pick, signal: AbortSignal.timeout(RESOLVE_WITHIN) };
        const { text, refused } = await victimsOf(kind, options, scenario.guards, context);
        say(`  fault ${index + 1}: ${text}`);
        if (refused) code = ExitCode.refused;
      }
    }
  } finally {
    cluster.close();
    await access.close();
  }
  return code;
}

async function victimsOf(
  kind: string,
  options: Record<string, unknown>,
  guards: Guards | undefined,
  context: FaultContext,
): Promise<{ text: string; refused?: true }> {
  try {
    const { nodes, selector, ...resolved } = await faultNamed(kind).resolve(options, context);
    const victims = nodes.map(({ node }) => node);
    const evidence = [
      ...resolved.evidence,
      ...(await guardNodes(guards, { kind, victims, leaves: resolved.leaves }, context)),
    ];
    const named = nodes.map(({ node, pid }) => (pid === undefined ? node : `${node} (process ${pid})`));
    return { text: `${kind} ${selector} would be ${named.join(', ')}: ${evidence.join('; ')}` };
  } catch (error) {
    if (error instanceof FlinchError && error.code === 'GUARD')
      return { text: `${kind}: ${error.message}`, refused: true };
    return { text: `${kind}: nobody yet, as ${messageOf(error)}` };
  }
}
