import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { Cluster, ProcessIdentity } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';
import { processEnds } from './process-end.js';
import { told, type Victim, type Victims } from './victims.js';

/** Milliseconds. */
const WITHIN = 60_000;
const ENDS_WITHIN = 10_000;
const DIED = 'died';

/**
 * Starts the node again and waits until it takes its part: a JobManager contends in a session of its own, a TaskManager
 * is registered, any other serves. @returns the evidence @throws FlinchError HEAL_FAILED, DEADLINE; the signal's reason
 */
export async function startAgain(
  victim: Victim,
  part: { fresh: number; all: Victims },
  context: FaultContext,
): Promise<string[]> {
  const since = context.clock.wall();
  const identity = await context.cluster.processes.start(victim.node);
  const evidence = `${victim.node} runs as ${told(identity)}`;
  return [evidence, await takesPart(victim, identity, { ...part, since }, context)];
}

/** Those that run are left as they are: what another fault does to them is its own. */
export async function startEnded(victim: Victim, all: Victims, context: FaultContext): Promise<string[]> {
  if (await context.cluster.processes.identify(victim.node)) return [];
  const ended = `${told(victim.identity)} of ${victim.node} ended`;
  return [ended, ...(await startAgain(victim, { fresh: 1, all }, context))];
}

/** Ends a process that does not find its way back, and starts the node again. @returns the evidence @throws as `startAgain` */
export async function replaceProcess(
  victim: Victim,
  part: { fresh: number; all: Victims },
  context: FaultContext,
): Promise<string[]> {
  await context.cluster.processes.signal(victim.identity, 'SIGKILL');
  await processEnds(victim, ENDS_WITHIN, context);
  return startAgain(victim, part, context);
}

/**
 * Waits until a node whose fault is over takes its part again, and starts it where the fault has ended its process.
 * @param since wall milliseconds when the fault was over
 * @returns the evidence @throws FlinchError HEAL_FAILED, DEADLINE; the signal's reason
 */
export async function takesPartOrStarts(
  victim: Victim,
  { since, all }: { since: number; all: Victims },
  context: FaultContext,
): Promise<string[]> {
  const { node, identity } = victim;
  const alive = () => context.cluster.processes.alive(identity);
  if (await alive()) {
    try {
      return [await takesPart(victim, identity, { since, fresh: 0, all }, context)];
    } catch (error) {
      if (await alive()) throw error;
    }
  }
  return [`${told(identity)} of ${node} ended`, ...(await startAgain(victim, { fresh: 1, all }, context))];
}

export interface TakingPart {
  /** Wall milliseconds: a loss is noticed late, so a heartbeat from before says nothing. */
  since: number;
  /** How many sessions that were not there before the fault must contend: one for each JobManager that was started. */
  fresh: number;
  all: Victims;
}

/** Waits until this process of the node takes its part. @throws FlinchError HEAL_FAILED when it ends, DEADLINE; the signal's reason */
export async function takesPart(
  { node, role }: Victim,
  identity: ProcessIdentity,
  part: TakingPart,
  context: FaultContext,
): Promise<string> {
  const { cluster, servers, clock, signal } = context;
  const seen = await pollUntil(
    `${node} taking its part again`,
    async (s) => {
      if (!(await cluster.processes.alive(identity))) return DIED;
      if (role === 'taskmanager') return registered(node, part, context, s);
      return role === 'jobmanager' ? contends(part, context, s) : servers.serving(node, s);
    },
    { every: 100, within: WITHIN, clock, signal },
  );
  if (seen === DIED) throw new FlinchError('HEAL_FAILED', { what: 'the restarted process ended', on: node });
  return seen;
}

async function registered(
  node: string,
  { since }: TakingPart,
  { placement }: FaultContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const listed = await placement.registeredTaskManagers(signal);
  // One that has a new process may be listed twice, until the loss of the old one is noticed.
  return listed.some(({ id, lastHeartbeat }) => id === node && lastHeartbeat >= since)
    ? `${node} is registered with the leader and sent a heartbeat`
    : undefined;
}

/** As many live contenders as JobManagers run, and as many new ones among them as were started. */
async function contends(
  { fresh, all: { contenders } }: TakingPart,
  { leadership, cluster }: FaultContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const now = await leadership.contenders(signal);
  if (now.length < (await runningJobManagers(cluster))) return undefined;
  const added = now.filter((c) => !contenders.includes(c));
  if (added.length >= Math.max(1, fresh)) {
    return `${now.length} contenders for leadership, among them the new session ${added.join(', ')}`;
  }
  return fresh > 0 ? undefined : `${now.length} contenders for leadership, in the sessions of before`;
}

/** Those that another fault has taken away, or lets stand still, are not waited for. */
async function runningJobManagers({ nodes, processes }: Cluster): Promise<number> {
  let running = 0;
  for (const { name, role } of nodes) {
    const identity = role === 'jobmanager' ? await processes.identify(name) : undefined;
    if (identity && !(await processes.stopped(identity))) running++;
  }
  return running;
}
