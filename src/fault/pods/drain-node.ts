import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { MachineControl } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { processEnds } from '../process/process-end.js';
import { startAgain } from '../process/take-part.js';
import { namesOf, onEach, told, type Victim, type Victims, withProcesses } from '../process/victims.js';
import type { DrainNodeOptions } from '../schema/pods.js';
import { resolveSelector } from '../selector.js';
import { graceOf, ofPods, podOf, podsOf, SLACK } from './pod-of.js';

/** Milliseconds for budgets of disruptions to allow an eviction, as `kubectl drain` waits for them. */
const EVICTED_WITHIN = 60_000;

/** What healing a drained machine needs to know. The victims are all nodes of the cluster that were on it. */
export interface DrainUndo extends Victims {
  machines: string[];
  /** Whose cordon it is. */
  by: string;
  /** Milliseconds that a pod may take to end in its own way. */
  grace: number;
  /** Milliseconds. */
  duration: number;
}

/**
 * The machines under nodes are cordoned, and every pod of the cluster on them is evicted; pods of others are left alone.
 * Healed by lifting the cordon, and by seeing the nodes take their part.
 */
export const drainNode: Fault<DrainNodeOptions, DrainUndo> = {
  name: 'drainNode',
  requires: ['pods', 'machines'],

  async resolve({ node, duration }, context) {
    const machineControl = machinesOf(context);
    const meant = await resolveSelector(node, context);
    const found = await Promise.all(meant.nodes.map((name) => machineControl.of(name)));
    const machines = [...new Set(found.flatMap((machine) => machine ?? []))];
    const names = (await Promise.all(machines.map((machine) => machineControl.nodesOn(machine)))).flat();
    const evidence = [...meant.evidence, `on ${machines.join(', ')}, with ${names.join(', ')}`];
    const chosen = await withProcesses(node, { ...meant, nodes: names, evidence }, context);
    for (const machine of machines) await refuseCordoned(machine, machineControl);
    const grace = await graceOf(names, context);
    const by = `drain-${chosen.undo.victims[0]?.identity.bootId ?? ''}`;
    return { ...chosen, undo: { ...chosen.undo, machines, by, grace, duration } };
  },

  async inject(undo, context) {
    const { clock, signal } = context;
    const machines = machinesOf(context);
    const after = clock.mono();
    for (const machine of undo.machines) await machines.cordon(machine, undo.by);
    const evidence = [await cordoned(undo, context)];
    await onEach(undo.victims, (victim) => evicted(victim, context));
    const gone = async (victim: Victim) => {
      const { node, identity } = victim;
      try {
        await processEnds(victim, undo.grace + SLACK, context);
      } catch (cause) {
        signal.throwIfAborted();
        const what = `its pod was evicted, and ${told(identity)} still runs`;
        throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: node, cause });
      }
      return `${told(identity)} of ${node} is gone after the eviction of its pod`;
    };
    evidence.push(...(await onEach(undo.victims, gone)));
    return { after, evidence, by: clock.mono() };
  },

  hold: ({ duration }) => duration,

  confirm: async (undo, context) => [`${await cordoned(undo, context)}, after ${formatDuration(undo.duration)}`],

  async heal(undo, context) {
    const { clock, cluster, signal } = context;
    const after = clock.mono();
    const machines = machinesOf(context);
    try {
      const evidence: string[] = [];
      for (const machine of undo.machines) {
        await machines.uncordon(machine, undo.by);
        const still = await machines.cordoned(machine);
        if (still === undefined) evidence.push(`nobody keeps pods away from ${machine}`);
        else if (still === undo.by) throw new Error(`${machine} still takes no pods`);
        else evidence.push(`${machine} takes no pods by the will of ${still}`);
      }
      const fresh = undo.victims.filter(({ role }) => role === 'jobmanager').length;
      const back = async (victim: Victim) => {
        const { node, identity } = victim;
        // The ledger entry is older than the injection, which then did not come about.
        if (await cluster.processes.alive(identity)) return [`${told(identity)} of ${node} was never evicted`];
        return startAgain(victim, { fresh, all: undo }, context);
      };
      evidence.push(...(await onEach(undo.victims, back)).flat());
      return { after, evidence, by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      const on = undo.machines.join(', ');
      throw new FlinchError('HEAL_FAILED', {
        what: `what was evicted is not back: ${messageOf(cause)}`,
        on,
        todo: `uncordon ${on}, and see why ${namesOf(undo.victims)} have no pods`,
        cause,
      });
    }
  },
};

const machinesOf = ({ cluster: { machines } }: FaultContext): MachineControl => ofPods(machines);

/** @throws FlinchError FAULT_INJECT: what somebody else has done is not ours to undo */
async function refuseCordoned(machine: string, machines: MachineControl): Promise<void> {
  const by = await machines.cordoned(machine);
  if (by === undefined) return;
  throw new FlinchError('FAULT_INJECT', {
    what: `it is cordoned already, by ${by}`,
    on: machine,
    todo: 'wait until it is not, or choose another',
  });
}

/** @throws FlinchError FAULT_NOT_EFFECTIVE */
async function cordoned({ machines, by }: DrainUndo, context: FaultContext): Promise<string> {
  for (const machine of machines) {
    if ((await machinesOf(context).cordoned(machine)) === by) continue;
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: 'it is not cordoned, or by somebody else', on: machine });
  }
  return `${machines.join(', ')} ${machines.length === 1 ? 'is' : 'are'} cordoned`;
}

/** @throws FlinchError FAULT_NOT_EFFECTIVE when a budget is against it for too long */
async function evicted(victim: Victim, context: FaultContext): Promise<void> {
  const { clock, signal } = context;
  const pod = await podOf(victim, context);
  const allowed = async () => ((await podsOf(context).evict(pod)) ? true : undefined);
  try {
    await pollUntil('a budget that allows it', allowed, { every: 1_000, within: EVICTED_WITHIN, clock, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const what = `its pod could not be evicted: ${messageOf(cause)}`;
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: victim.node, cause });
  }
}
