import type { MapEdit, StoredMap } from '../../target/ports.js';
import { UNREADABLE } from './znodes.js';

/** Keys that a leader writes of itself: it writes them anew by itself, and nobody else may. */
const OF_LEADER = 'org.apache.flink.k8s.leader.';
const CHECKPOINT = /^checkpointID-\d{19}$/;
const GRAPH = /^(?:jobGraph|executionPlan)-([0-9a-f]{32})$/;
/** The number of the next checkpoint. */
const COUNTER = 'counter';

/** What Flink keeps in it for whoever leads next, by key. */
export const recordsOf = ({ data }: Pick<StoredMap, 'data'>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith(OF_LEADER)));

/** The id of the job whose pointer this key is. */
export const jobIn = (key: string): string | undefined => GRAPH.exec(key)?.[1];

/** The number of the next checkpoint, where it can be read. */
export function counterOf({ data }: Pick<StoredMap, 'data'>): number | undefined {
  const text = data[COUNTER];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Everything in it is gone, or nobody can read it. */
export const damageTo = ({ data }: StoredMap, by: 'empty' | 'corrupt'): MapEdit => ({
  data: Object.fromEntries(Object.keys(data).map((key) => [key, by === 'empty' ? null : UNREADABLE])),
});

/** Whether all that is kept for whoever leads next is still as it was seen. */
export function isAsSeen(was: StoredMap, now: StoredMap): boolean {
  const [before, after] = [recordsOf(was), recordsOf(now)];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return was.uid === now.uid && [...keys].every((key) => before[key] === after[key]);
}

/** The pointers to completed checkpoints. */
export const checkpointsIn = ({ data }: Pick<StoredMap, 'data'>): string[] =>
  Object.keys(data).filter((key) => CHECKPOINT.test(key));

const isLost = (value: string | undefined): boolean => value === undefined || value === UNREADABLE;

/** Of a job: whether Flink has recorded a checkpoint of its own since, which it can read. */
export const isBehind = (was: StoredMap, now: StoredMap): boolean =>
  checkpointsIn(now).some((key) => now.data[key] !== UNREADABLE && was.data[key] === undefined);

/** What has become of each record: gone, unreadable, as it was, or written anew. */
export function statesOf(was: StoredMap, now: StoredMap | undefined): Map<string, string> {
  const states = new Map<string, string>();
  for (const [key, value] of Object.entries(recordsOf(was))) {
    const found = now?.data[key];
    if (found === undefined) states.set(key, 'gone');
    else if (found === UNREADABLE) states.set(key, 'unreadable');
    else states.set(key, found === value ? 'as it was' : 'written anew');
  }
  // Counted from the beginning it comes to the same number once more.
  const isOther = [...states].some(([key, state]) => key !== COUNTER && state !== 'as it was');
  if (isOther && states.get(COUNTER) === 'as it was') states.set(COUNTER, 'written anew');
  return states;
}

/**
 * How what was damaged of a map is put back into it as it is now. What Flink has written since is newer, and stays.
 * @param ended whether that job has ended meanwhile: nobody is to start it again
 */
export function restoring(
  was: StoredMap,
  now: StoredMap,
  ended: (job: string) => boolean,
): Record<string, string | null> {
  const data: Record<string, string | null> = {};
  const behind = isBehind(was, now);
  for (const [key, value] of Object.entries(recordsOf(was))) {
    if (key === COUNTER || !isLost(now.data[key])) continue;
    const job = jobIn(key);
    const stale = (CHECKPOINT.test(key) && behind) || (job !== undefined && ended(job));
    if (!stale) data[key] = value;
    else if (now.data[key] !== undefined) data[key] = null;
  }
  const [before, after] = [counterOf(was), counterOf(now)];
  // Ids never go back: tasks would take a checkpoint for one that is long over.
  if (before !== undefined && (after === undefined || (after < before && !behind))) {
    data[COUNTER] = String(Math.max(before, highestIn(now) + 1));
  }
  return data;
}

const highestIn = (map: StoredMap): number =>
  Math.max(
    0,
    ...checkpointsIn(map)
      .filter((key) => map.data[key] !== UNREADABLE)
      .map((key) => Number(key.slice('checkpointID-'.length))),
  );
