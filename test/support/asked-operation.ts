import { handMadeCluster } from './hand-made-cluster.js';

/** The time of an operation is over. */
export const OVER = Promise.resolve();
const written = <T>(undo: T): T => JSON.parse(JSON.stringify(undo)) as T;

/** An operation that was chosen, on a job that a test moves by hand. */
export async function asked<O, U>(
  fault: { resolve(options: O, context: never): Promise<{ undo: U }> },
  options: O,
  world = handMadeCluster(),
) {
  const { undo } = await fault.resolve(options, world.context() as never);
  return { world, job: world.job, undo: written(undo) };
}
