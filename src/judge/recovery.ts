import type { Interval } from '../core/poll.js';
import { greatest } from './extent.js';
import { firstFrom, type JobLook } from './job-looks.js';
import { IN_A_ROW, outageLooks, recoveredBetween } from './outage.js';

export interface Recovery {
  /** Undefined when no outage was seen: the last one, from when the first began. */
  outage?: Outage & {
    /** Outages with a recovery between them. */
    count: number;
  };
  /** When the job was first restarted only to run with more tasks, which is none of these. */
  rescaled?: Interval;
}

function beganAt(proof: JobLook, byNode: ReadonlyMap<string, JobLook[]>, from: number): Interval {
  let after = from;
  for (const looks of byNode.values()) {
    for (let i = firstFrom(looks, 'end', proof.end) - 1; i >= 0; i--) {
      const look = looks[i] as JobLook;
      if (look.view !== 'good') continue;
      after = Math.max(after, look.start);
      break;
    }
  }
  return { after: Math.min(after, proof.end), by: proof.end };
}

/**
 * The first good look of IN_A_ROW at one endpoint, all of them after `proof`. The job came back after the start of
 * the last look of that same endpoint that was not good: what another endpoint failed to answer proves nothing here.
 */
function recoveryAt(looks: readonly JobLook[], proof: JobLook): Interval | undefined {
  let row = 0;
  for (let i = firstFrom(looks, 'end', proof.end + 1e-6); i < looks.length; i++) {
    row = looks[i]?.view === 'good' ? row + 1 : 0;
    if (row < IN_A_ROW) continue;
    const first = i - IN_A_ROW + 1;
    let bad = first - 1;
    while (bad >= 0 && looks[bad]?.view === 'good') bad--;
    const ownBad = bad >= 0 ? (looks[bad] as JobLook).start : undefined;
    const downAt = proof.view === 'down' || ownBad === undefined ? proof.start : undefined;
    return {
      after: Math.max(ownBad ?? Number.NEGATIVE_INFINITY, downAt ?? Number.NEGATIVE_INFINITY),
      by: (looks[first] as JobLook).end,
    };
  }
  return undefined;
}

/** One time in which the job was down. */
export interface Outage {
  began: Interval;
  /** Start of the last look that proves that it was down. */
  lastDown: number;
  /** When all tasks ran again. Undefined when they never did. */
  recovered?: Interval;
}

/**
 * Every outage in these looks, in order of time.
 * @param from no outage of this window began before
 */
export function outagesOf(byNode: ReadonlyMap<string, JobLook[]>, from: number): Outage[] {
  const groups: { first: JobLook; last: JobLook; down: number[] }[] = [];
  for (const proof of outageLooks(byNode)) {
    let group = groups.at(-1);
    if (!group || recoveredBetween(byNode, group.last.end, proof.start)) {
      group = { first: proof, last: proof, down: [] };
      groups.push(group);
    }
    if (proof.end >= group.last.end) group.last = proof;
    if (proof.view === 'down') group.down.push(proof.start);
  }
  return groups.map(({ first, last, down }) => {
    const candidates = [...byNode.values()].flatMap((looks) => recoveryAt(looks, last) ?? []);
    const [recovered] = candidates.sort((a, b) => a.by - b.by);
    return {
      began: beganAt(first, byNode, from),
      lastDown: greatest([last.start, ...down]),
      ...(recovered ? { recovered } : {}),
    };
  });
}

/**
 * Finds the outage and the recovery in the looks of one fault's window. Recovery is the last time that it became
 * good: an outage that follows a recovery moves it.
 * @param from when the fault was last seen not to be there; no outage of its own began before
 * @param isRescaling whether an outage at the end is none: the job recovered before it
 */
export function recoveryOf(
  byNode: ReadonlyMap<string, JobLook[]>,
  from: number,
  isRescaling: (outage: Outage) => boolean = () => false,
): Recovery {
  const outages = outagesOf(byNode, from);
  const own = outages.findLastIndex((outage, i) => i === 0 || !isRescaling(outage)) + 1;
  const [first, last, rescaling] = [outages[0], outages[own - 1], outages[own]];
  if (!first || !last) return {};
  return { outage: { ...last, began: first.began, count: own }, ...(rescaling && { rescaled: rescaling.began }) };
}
