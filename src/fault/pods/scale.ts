import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { Controller, ScaleControl } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { startAgain } from '../process/take-part.js';
import { namesOf, onEach, told, type Victim, type Victims, withProcesses } from '../process/victims.js';
import type { ScaleOptions } from '../schema/pods.js';
import { graceOf, ofPods, SLACK } from './pod-of.js';

/** What healing a scaled role needs to know. The victims are all its nodes: which of them go the controller chooses. */
export interface ScaleUndo extends Victims {
  controller: Controller;
  before: number;
  to: number;
  /** Milliseconds that a pod may take to end in its own way. */
  grace: number;
  /** Milliseconds. */
  duration: number;
}

/**
 * A role gets fewer pods for a time: its controller takes some away. Proven by the end of as many processes; healed by
 * asking for as many as before, and by seeing every node take its part.
 */
export const scale: Fault<ScaleOptions, ScaleUndo> = {
  name: 'scale',
  requires: ['pods', 'scale'],

  async resolve({ role, to, duration }, context) {
    const scaling = scalingOf(context);
    const controller = await scaling.of(role);
    const before = await scaling.replicas(controller);
    const names = context.cluster.nodes.filter((node) => node.role === role).map(({ name }) => name);
    if (to >= before) {
      throw new FlinchError('FAULT_INJECT', {
        what: `it has ${before} already, and is to have fewer`,
        on: `${controller.kind} ${controller.name}`,
        todo: `write to: ${Math.max(0, before - 1)} or less`,
      });
    }
    const evidence = [`${controller.kind} ${controller.name} has ${before}`];
    const chosen = await withProcesses(role, { role, nodes: names, evidence }, context);
    const grace = await graceOf(names, context);
    return { ...chosen, leaves: to, undo: { ...chosen.undo, controller, before, to, grace, duration } };
  },

  async inject(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    await scalingOf(context).scale(undo.controller, undo.before, undo.to);
    try {
      const poll = { every: 200, within: undo.grace + SLACK, clock, signal };
      const gone = await pollUntil('the end of pods', () => ended(undo, context), poll);
      return { after, evidence: [...(await asked(undo, context)), ...gone], by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('FAULT_NOT_EFFECTIVE', {
        what: `it was asked to have ${undo.to}, and ${messageOf(cause)}`,
        on: undo.controller.name,
        cause,
      });
    }
  },

  hold: ({ duration }) => duration,

  confirm: async (undo, context) =>
    (await asked(undo, context)).map((line) => `${line}, after ${formatDuration(undo.duration)}`),

  async heal(undo, context) {
    const { clock, cluster, signal } = context;
    const after = clock.mono();
    const { controller, before, to } = undo;
    const scaling = scalingOf(context);
    try {
      await scaling.scale(controller, to, before);
      const now = await scaling.replicas(controller);
      // Somebody else has asked for another number, and has his reasons.
      if (now !== before) {
        const evidence = [`${controller.name} is to have ${now} by the will of somebody else`];
        return { after, evidence, by: clock.mono() };
      }
      const away: Victim[] = [];
      for (const victim of undo.victims) if (!(await cluster.processes.alive(victim.identity))) away.push(victim);
      const fresh = away.filter(({ role }) => role === 'jobmanager').length;
      const back = await onEach(away, (victim) => startAgain(victim, { fresh, all: undo }, context));
      return { after, evidence: [`${controller.name} is to have ${before} again`, ...back.flat()], by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `not all of them are back: ${messageOf(cause)}`,
        on: namesOf(undo.victims),
        todo: `scale ${controller.kind} ${controller.name} to ${before}`,
        cause,
      });
    }
  },
};

const scalingOf = ({ cluster: { scaling } }: FaultContext): ScaleControl => ofPods(scaling);

/** Which processes are gone, once there are as many as were to go. */
async function ended({ victims, before, to }: ScaleUndo, { cluster }: FaultContext): Promise<string[] | undefined> {
  const gone: string[] = [];
  for (const { node, identity } of victims) {
    if (!(await cluster.processes.alive(identity))) gone.push(`${told(identity)} of ${node} is gone`);
  }
  return gone.length >= before - to ? gone : undefined;
}

/** @throws FlinchError FAULT_NOT_EFFECTIVE when somebody has asked for another number */
async function asked({ controller, to }: ScaleUndo, context: FaultContext): Promise<string[]> {
  const now = await scalingOf(context).replicas(controller);
  if (now === to) return [`${controller.kind} ${controller.name} is to have ${to}`];
  throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: `it is to have ${now}, and not ${to}`, on: controller.name });
}
