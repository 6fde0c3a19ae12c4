import { randomBytes } from 'node:crypto';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { Controller, ImageControl, PodTemplate } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { startAgain } from '../process/take-part.js';
import { namesOf, onEach, told, type Victim, type Victims, withProcesses } from '../process/victims.js';
import type { BreakImageOptions } from '../schema/pods.js';
import { graceOf, ofPods, podsOf } from './pod-of.js';

/** Milliseconds for a pod to be made, and its image to be looked for; and for all pods to be there again. */
const [TRIED_WITHIN, BACK_WITHIN] = [60_000, 180_000];
/** A name that nobody can have (RFC 2606): nothing is ever pulled. */
const NOBODYS = 'flinch.invalid/none';
/** Why a container does not run whose image is not there. */
const NOT_THERE = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
]);

/** What healing needs to know of a role whose image is broken. The victims are all its nodes: which of them go the controller chooses. */
export interface BreakImageUndo extends Victims {
  controller: Controller;
  /** As it was. */
  template: PodTemplate;
  /** The image that there is not: no other run has it. */
  image: string;
  /** Milliseconds that a pod may take to end in its own way. */
  grace: number;
  /** Milliseconds. */
  duration: number;
}

/**
 * The controller of a role is told to run an image that there is not. Proven by a new pod that waits for it, and by the end of
 * as many processes as the controller lets go; healed by the image of before, once nothing is left of the other one.
 */
export const breakImage: Fault<BreakImageOptions, BreakImageUndo> = {
  name: 'breakImage',
  requires: ['pods', 'images'],

  async resolve({ role, duration }, context) {
    const images = imagesOf(context);
    const controller = await images.of(role);
    const template = await images.template(controller);
    const names = context.cluster.nodes.filter((node) => node.role === role).map(({ name }) => name);
    const { replicas, stays } = template;
    const evidence = [`${written(controller)} runs ${template.image}, and keeps ${stays} of ${replicas} pods`];
    const chosen = await withProcesses(role, { role, nodes: names, evidence }, context);
    const grace = await graceOf(names, context);
    const image = `${NOBODYS}:bad-${randomBytes(6).toString('hex')}`;
    return { ...chosen, leaves: stays, undo: { ...chosen.undo, controller, template, image, grace, duration } };
  },

  async inject(undo, context) {
    const { clock, signal } = context;
    const { controller, template, image } = undo;
    const after = clock.mono();
    await imagesOf(context).setImage(controller, template, { from: template.image, to: image });
    const evidence = [await asked(undo, context)];
    try {
      const poll = { every: 200, within: undo.grace + TRIED_WITHIN, clock, signal };
      evidence.push(...(await pollUntil('a pod that cannot start', () => broken(undo, context), poll)));
      return { after, evidence, by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      const what = `it is to run ${image}, and ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: written(controller), cause });
    }
  },

  hold: ({ duration }) => duration,

  async confirm(undo, context) {
    const evidence = [`${await asked(undo, context)}, after ${formatDuration(undo.duration)}`];
    const waits = await waiting(undo, context);
    if (waits.length > 0) return [...evidence, ...waits];
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what: 'none of its pods waits for it',
      on: written(undo.controller),
    });
  },

  async heal(undo, context) {
    const { clock, cluster, signal } = context;
    const after = clock.mono();
    const { controller, template, image } = undo;
    const images = imagesOf(context);
    const poll = { every: 500, within: BACK_WITHIN, clock, signal };
    try {
      await images.setImage(controller, template, { from: image, to: template.image });
      const now = await images.image(controller, template);
      // Somebody else has released another one, and has his reasons.
      if (now !== template.image) {
        const evidence = [`${written(controller)} is to run ${now ?? 'nothing'} by the will of somebody else`];
        return { after, evidence, by: clock.mono() };
      }
      await pollUntil('the end of its rollout', () => rolledBack(undo, context), poll);
      const evidence = [`${written(controller)} runs ${template.image} in all its pods`];
      const left = async () => {
        const names = await images.forget(controller, template, image);
        return names.length === 0 ? true : undefined;
      };
      await pollUntil('the end of what it has kept of the other image', left, poll);
      const away: Victim[] = [];
      for (const victim of undo.victims) if (!(await cluster.processes.alive(victim.identity))) away.push(victim);
      const fresh = away.filter(({ role }) => role === 'jobmanager').length;
      const back = await onEach(away, (victim) => startAgain(victim, { fresh, all: undo }, context));
      return { after, evidence: [...evidence, ...back.flat()], by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `not all is as it was: ${messageOf(cause)}`,
        on: namesOf(undo.victims),
        todo: `set the image of ${written(controller)} to ${template.image}, and delete what waits for ${image}`,
        cause,
      });
    }
  },
};

const imagesOf = ({ cluster: { images } }: FaultContext): ImageControl => ofPods(images);

const written = ({ kind, name }: Controller): string => `${kind} ${name}`;

/** @throws FlinchError FAULT_NOT_EFFECTIVE when it is to run another one */
async function asked({ controller, template, image }: BreakImageUndo, context: FaultContext): Promise<string> {
  const now = await imagesOf(context).image(controller, template);
  if (now === image) return `${written(controller)} is to run ${image}`;
  const what = `it is to run ${now ?? 'nothing'}, and not ${image}`;
  throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: written(controller) });
}

/** Pods that wait for the image. */
async function waiting({ image }: BreakImageUndo, context: FaultContext): Promise<string[]> {
  const pods = await imagesOf(context).madeWith(image);
  return pods.flatMap(({ name, waits = '' }) => (NOT_THERE.has(waits) ? `pod ${name} waits: ${waits}` : []));
}

/** Which pods wait and which processes are gone, once as many are as the controller lets go. */
async function broken(undo: BreakImageUndo, context: FaultContext): Promise<string[] | undefined> {
  const waits = await waiting(undo, context);
  const gone: string[] = [];
  for (const { node, identity } of undo.victims) {
    if (!(await context.cluster.processes.alive(identity))) gone.push(`${told(identity)} of ${node} is gone`);
  }
  const { replicas, stays } = undo.template;
  return waits.length > 0 && gone.length >= replicas - stays ? [...waits, ...gone] : undefined;
}

/** Whether nothing was made with the other image any more. */
async function rolledBack({ controller, image }: BreakImageUndo, context: FaultContext): Promise<true | undefined> {
  const images = imagesOf(context);
  const pods = await images.madeWith(image);
  // A StatefulSet does not go on before the pod runs that it has made last, which this one never does.
  if (controller.kind === 'StatefulSet') for (const pod of pods) await podsOf(context).delete(pod, 0);
  return pods.length === 0 && (await images.rolledOut(controller)) ? true : undefined;
}
