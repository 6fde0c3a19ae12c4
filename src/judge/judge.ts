import { messageOf } from '../core/error.js';
import type { JournalEvent } from '../journal/events.js';
import { availabilityOf } from './availability.js';
import { backlogOf } from './backlog.js';
import { balanceOf } from './balance.js';
import { silentCommitFailures } from './commit-failures.js';
import { disturbancesOf, excused } from './disturbances.js';
import { endOf, eventsOf, lastOf, loadEnd } from './events-of.js';
import { expectationOf } from './expectation.js';
import { faultsOf } from './faults.js';
import { type FaultFinding, FINDINGS_VERSION, type Findings } from './findings.js';
import { headlineOf } from './headline.js';
import { heldBackOf } from './held-back.js';
import { irregularities } from './irregular/irregular.js';
import { leaderLooks, leadershipOf } from './leadership.js';
import { lossesOf } from './losses.js';
import { notesOf } from './notes.js';
import { judgeObjective } from './objectives.js';
import { offsetsOf } from './offsets.js';
import { preconditions } from './preconditions.js';
import { replaysOf } from './replays.js';
import { splitLeadership } from './split-leadership.js';
import { periodOf } from './the-job.js';
import { timelineOf, windowEnd } from './timeline.js';
import { exitCodeOf, outcomeOf, worst } from './verdict.js';

function withTimeline(events: readonly JournalEvent[], fault: FaultFinding): FaultFinding {
  const event = eventsOf(events, 'fault.effective').find((e) => e.fault === fault.index);
  if (!event || !fault.effective) return fault;
  const { effective, healed } = fault;
  const window = {
    events,
    effective,
    ...(healed ? { healed } : {}),
    to: windowEnd(events, event),
    period: periodOf(events),
  };
  const timed = { ...fault, ...timelineOf(window, event) };
  const backlog = backlogOf(events, timed);
  return { ...timed, ...(backlog ? { backlog } : {}) };
}

/** What was promised of it, by its own settings and by what the faults before it have shown. */
function withExpectation(
  events: readonly JournalEvent[],
  fault: FaultFinding,
  before: readonly FaultFinding[],
): FaultFinding {
  const expectation = expectationOf(events, fault, before);
  return expectation ? { ...fault, expectation } : fault;
}

/**
 * Everything that a journal tells, as a pure function of it. A part that throws makes the run inconclusive, never a
 * pass. Events of unknown types are passed over.
 * @param truncated the journal's last line was cut
 */
export function judge(events: readonly JournalEvent[], { truncated = false }: { truncated?: boolean } = {}): Findings {
  const broken: string[] = [];
  const part = <T>(name: string, work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      broken.push(`the ${name} could not be judged: ${messageOf(error)}`);
      return otherwise;
    }
  };
  const start = lastOf(events, 'run.started');
  const scenario = start?.scenario;
  const bare = part('list of faults', () => faultsOf(events, scenario?.faults ?? []), []);
  const timed = bare.map((fault) =>
    start ? part(`timeline of fault ${fault.index + 1}`, () => withTimeline(events, fault), fault) : fault,
  );
  const faults = timed.map((fault, i) =>
    part(`promises of fault ${fault.index + 1}`, () => withExpectation(events, fault, timed.slice(0, i)), fault),
  );
  const first = faults.find((fault) => fault.effective)?.effective;
  const leadership = part(
    'leadership',
    () => ({
      ...leadershipOf(leaderLooks(events), first?.after ?? endOf(events), loadEnd(events)),
      ...splitLeadership(events, first?.after ?? endOf(events), loadEnd(events)),
    }),
    undefined,
  );
  const availability = part('availability', () => availabilityOf(events), undefined);
  const counted = part('data balance', () => balanceOf(events), undefined);
  const losses = part('fate of lost records', () => lossesOf(events, faults), []);
  const balance = counted && losses.length > 0 ? { ...counted, losses } : counted;
  const replays = part('replays', () => replaysOf(events, faults), []);
  const basis = part('preconditions', () => preconditions(events), []);
  const offsets = part('offsets', () => offsetsOf(events, balance), undefined);
  const commits = part('failed commits', () => silentCommitFailures(events, balance), undefined);
  const heldBack = part('open transactions', () => heldBackOf(events), undefined);
  const beside = {
    ...(offsets ? { offsets } : {}),
    ...(commits ? { silentCommitFailures: commits } : {}),
    ...(heldBack ? { heldBack } : {}),
  };
  const irregular = part('irregularities', () => irregularities(events, leadership), []);
  const split = leadership?.split ? [leadership.split.text] : [];
  const disturbances = part('state of this machine', () => disturbancesOf(events), undefined);
  const machine = disturbances === undefined ? [] : [disturbances];
  const notes = [
    ...irregular.map(({ text }) => text),
    ...split,
    ...machine,
    ...part('notes', () => notesOf(events, balance, faults, beside), []),
  ];
  const cut = truncated ? ['the journal is cut: the run crashed'] : [];
  const reasons = [...cut, ...basis, ...broken];
  const stopped = lastOf(events, 'stopped')?.text;
  const judged = (scenario?.objectives ?? []).map((objective) => {
    const { name, unit, text: bound } = objective;
    return part(
      `objective ${name}`,
      () =>
        excused(judgeObjective(objective, { faults, leadership, balance, stopped }, reasons), objective, disturbances),
      {
        name,
        unit,
        bound,
        verdict: 'inconclusive' as const,
        measured: 'not known',
        text: 'this could not be judged',
      },
    );
  });
  const verdict = reasons.length > 0 ? 'inconclusive' : worst(judged.map((o) => o.verdict));
  const outcome = outcomeOf(
    verdict,
    faults.some((fault) => fault.healFailed !== undefined),
    eventsOf(events, 'interrupted').length > 0,
  );
  const troubles = eventsOf(events, 'trouble').map(({ code, message }) => ({ code, message }));
  const parts = { reasons, objectives: judged, faults, ...(balance ? { balance } : {}) };
  return {
    version: FINDINGS_VERSION,
    run: start?.run ?? 'unknown',
    flinch: start?.flinch ?? 'unknown',
    scenario: { name: scenario?.name ?? 'unknown', title: scenario?.title ?? '' },
    startedAt: start?.wall ?? 0,
    durationMs: start ? Math.round(endOf(events) - start.mono) : 0,
    outcome,
    exitCode: exitCodeOf({ outcome, troubles }),
    verdict,
    headline: headlineOf(outcome, verdict, parts),
    ...parts,
    ...(availability ? { availability } : {}),
    ...(leadership ? { leadership } : {}),
    ...(irregular.length > 0 ? { irregularities: irregular } : {}),
    ...(replays.length > 0 ? { replays } : {}),
    ...beside,
    notes,
    troubles,
  };
}
