import { pollUntil } from '../../core/poll.js';
import type { FaultContext } from '../fault.js';
import { podOf, podsOf, SLACK } from '../pods/pod-of.js';
import { processEnds } from '../process/process-end.js';
import { startAgain } from '../process/take-part.js';
import { chooseVictims, told, type Victim, type Victims } from '../process/victims.js';

/** Milliseconds: a start, and two leases of Flink's own length. */
const LED_WITHIN = 90_000;

/** Others may be away by another fault, which brings them back. */
export async function runningJobManagers({ cluster }: Pick<FaultContext, 'cluster'>): Promise<Victim[]> {
  const running: Victim[] = [];
  for (const { name: node, role } of cluster.nodes) {
    const identity = role === 'jobmanager' ? await cluster.processes.identify(node) : undefined;
    if (identity) running.push({ node, role, identity });
  }
  return running;
}

/** Waits until every JobManager that runs contends, and one leads. @param isOther false for a session that is over */
export function led(context: FaultContext, isOther: (session: string) => boolean = () => true): Promise<string> {
  const { leadership, clock, signal } = context;
  const look = async (s: AbortSignal) => {
    const running = (await runningJobManagers(context)).length;
    const contenders = (await leadership.contenders(s)).length;
    const leader = await leadership.leader(s);
    if (running === 0 || contenders < running || leader === undefined || !isOther(leader.session)) return undefined;
    return `${contenders} contenders for leadership, and session ${leader.session} leads`;
  };
  return pollUntil('a leader', look, { every: 200, within: LED_WITHIN, clock, signal });
}

/** Deletes the pod of the leader and waits for the next one, and for another leader. @returns the evidence @throws as `startAgain` */
export async function replaceLeader(all: Victims, context: FaultContext): Promise<string[]> {
  const { undo } = await chooseVictims('jobmanager.leader', context);
  const [leader] = undo.victims as [Victim];
  await podsOf(context).delete(await podOf(leader, context), 0);
  await processEnds(leader, SLACK, context);
  return [
    `the pod of ${leader.node} was deleted, with ${told(leader.identity)}`,
    ...(await startAgain(leader, { fresh: 1, all }, context)),
    await led(context, (session) => session !== undo.session),
  ];
}
