import { firstFrom, type JobLook } from './job-looks.js';

/** Good looks in a row, at one endpoint, that make a recovery; looks without an answer in a row that make an outage. */
export const IN_A_ROW = 3;

/** Whether another endpoint answered good while this look was under way, or right before and right after it. */
function othersWereGood(look: JobLook, byNode: ReadonlyMap<string, JobLook[]>): boolean {
  for (const [node, looks] of byNode) {
    if (node === look.node) continue;
    const before = looks[firstFrom(looks, 'start', look.start) - 1];
    const next = firstFrom(looks, 'end', look.end);
    const goodBefore = before?.view === 'good';
    const goodAfter = next >= looks.length || looks[next]?.view === 'good';
    if (goodBefore && goodAfter) return true;
    for (
      let i = firstFrom(looks, 'end', look.start);
      i < looks.length && (looks[i] as JobLook).start <= look.end;
      i++
    ) {
      if (looks[i]?.view === 'good') return true;
    }
  }
  return false;
}

/** Whether this index lies in a run of at least IN_A_ROW that are true. */
function inRun(flags: readonly boolean[], index: number): boolean {
  let from = index;
  let to = index;
  while (flags[from - 1] && index - from < IN_A_ROW) from--;
  while (flags[to + 1] && to - index < IN_A_ROW) to++;
  return to - from + 1 >= IN_A_ROW;
}

/**
 * Looks of a window that prove an outage of the job, in order of time. Task counts that are not full always do. An
 * answer without counts does where no other endpoint answered good around it: a dead endpoint that refuses says
 * nothing of a job that another one shows running. Looks without any answer count only in a row, so that one late
 * answer of the endpoint that is left is no outage.
 */
export function outageLooks(byNode: ReadonlyMap<string, JobLook[]>): JobLook[] {
  const proof: JobLook[] = [];
  for (const looks of byNode.values()) {
    const bad = looks.map((look) => look.view === 'down' || (look.view !== 'good' && !othersWereGood(look, byNode)));
    looks.forEach((look, i) => {
      if (bad[i] && (look.view !== 'silent' || inRun(bad, i))) proof.push(look);
    });
  }
  return proof.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Whether some endpoint answered good IN_A_ROW times within (from, to). */
export function recoveredBetween(byNode: ReadonlyMap<string, JobLook[]>, from: number, to: number): boolean {
  for (const looks of byNode.values()) {
    let row = 0;
    for (let i = firstFrom(looks, 'start', from); i < looks.length; i++) {
      const look = looks[i] as JobLook;
      if (look.end > to) break;
      row = look.view === 'good' ? row + 1 : 0;
      if (row >= IN_A_ROW) return true;
    }
  }
  return false;
}
