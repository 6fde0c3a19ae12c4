import type { FaultContext } from '../fault.js';
import { jobOf } from './operation.js';

const METADATA = '_metadata';

/**
 * Where the latest checkpoint of the job lies. A leader that was told to end the job before it had restored it knows of
 * none; the storage does.
 */
export async function latestCheckpoint(context: FaultContext, signal: AbortSignal): Promise<string | undefined> {
  const job = jobOf(context);
  const { checkpoint } = await job.snapshots(signal);
  if (checkpoint !== undefined) return checkpoint;
  const { checkpoints } = await job.directories(signal);
  const numbers = (await stored(context)).flatMap((path) => {
    const [number, of] = path.split('/').toReversed();
    return of === job.id() && number?.startsWith('chk-') ? [Number(number.slice('chk-'.length))] : [];
  });
  return checkpoints !== undefined && numbers.length > 0
    ? `${checkpoints}/${job.id()}/chk-${Math.max(...numbers)}`
    : undefined;
}

/** Savepoints that lie on the storage now. */
export const storedSavepoints = async (context: FaultContext): Promise<string[]> =>
  (await stored(context)).flatMap((path) => /(?:^|\/)savepoints\/([^/]+)$/.exec(path)?.[1] ?? []);

/** The one that was not there before, where it is one. */
export async function newSavepoint(
  known: readonly string[],
  context: FaultContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [added, ...more] = (await storedSavepoints(context)).filter((name) => !known.includes(name));
  const { savepoints } = await jobOf(context).directories(signal);
  return added !== undefined && more.length === 0 && savepoints !== undefined ? `${savepoints}/${added}` : undefined;
}

/** Directories of snapshots that are whole: their metadata comes last. None where the target has no disks to look at. */
const stored = async ({ cluster }: FaultContext): Promise<string[]> =>
  ((await cluster.disks?.find('storage', [METADATA])) ?? []).map(({ path }) => path.slice(0, -METADATA.length - 1));
