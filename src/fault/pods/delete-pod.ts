import type { Fault } from '../fault.js';
import type { EndingUndo } from '../process/ending.js';
import type { DeletePodOptions } from '../schema/pods.js';
import { chaosMeshOf, orderDeletion, orderName, takeBack } from './by-chaos-mesh.js';
import { leavingFault } from './leaving.js';

/** What healing a deleted pod needs to know. */
export interface DeletionUndo extends EndingUndo {
  /** What the orders to Chaos Mesh are called, where it was asked. */
  order?: string;
}

const leaving = leavingFault<DeletePodOptions>(
  { name: 'deletePod', means: 'the deletion of its pod', doing: 'deleting its pod', done: 'deleted' },
  (pods, pod, { order, grace }: DeletionUndo, context) =>
    order === undefined ? pods.delete(pod, grace) : orderDeletion(order, pod, grace, context),
);

/** The pods of nodes are deleted, as `kubectl delete pod` does; or Chaos Mesh is asked to, and believed when they are gone. */
export const deletePod: Fault<DeletePodOptions, DeletionUndo> = {
  ...leaving,
  async resolve(options, context) {
    if (options.via === undefined) return leaving.resolve(options, context);
    await chaosMeshOf(context);
    const chosen = await leaving.resolve(options, context);
    return { ...chosen, undo: { ...chosen.undo, order: orderName() } };
  },
  async heal(undo, context) {
    if (undo.order === undefined) return leaving.heal(undo, context);
    const after = context.clock.mono();
    const back = await takeBack(undo.order, undo.victims, context);
    const { by, evidence } = await leaving.heal(undo, context);
    return { after, by, evidence: [...back, ...evidence] };
  },
};
