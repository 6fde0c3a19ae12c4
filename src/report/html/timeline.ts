import type { FaultFinding, Phase } from '../../judge/findings.js';
import { availabilityRows } from '../availability.js';
import { phasesToDraw, phasesToTell } from '../phases.js';
import { LEFT, px, RIGHT, type Scale, shading, svg, timeAxis, timeScale, WIDTH } from './axis.js';
import type { Frame } from './frame.js';
import { jobLanes, type Lane, leaderLane, outputLane } from './lanes.js';
import { html, type Markup } from './markup.js';
import { section, table } from './table.js';

export const PHASE_TITLE: Record<Phase['name'], string> = {
  detected: 'detected',
  leadershipLost: 'leadership lost',
  newLeader: 'new leader',
  jobGraphRecovered: 'job graph recovered',
  backoffOver: 'restart delay over',
  slotsAllocated: 'slots allocated',
  deployed: 'deployed',
  stateRestored: 'state restored',
  tasksRunning: 'every task running',
  capacityRegained: 'as many tasks as before',
  firstCheckpoint: 'first checkpoint',
  firstOutput: 'first committed output',
  caughtUp: 'caught up',
};

const STATE: Record<Phase['state'], string> = {
  reached: 'reached',
  'not-reached': 'not reached',
  'not-impacted': 'not impacted',
  unclear: 'not known',
};

// Views differ in height too, so that the lane reads without colour.
const HEIGHT: Record<string, number> = { silent: 3, down: 7, refused: 7, none: 3 };
const ROW = 24;
const BAR = 14;

function laneMarks({ name, stretches }: Lane, x: Scale, zero: number, y: number): Markup {
  const bars = stretches.map(({ from, to, look, label }) => {
    const [a, b] = [x((from - zero) / 1000), x((to - zero) / 1000)];
    const h = HEIGHT[look] ?? BAR;
    const width = Math.max(1, b - a);
    const named = look.startsWith('leader') && width > label.length * 6.5;
    const text = named && html`<text class="inbar" x="${px(a + 5)}" y="${y + BAR - 3}">${label}</text>`;
    return html`<rect class="v-${look}" x="${px(a)}" y="${px(y + BAR - h)}" width="${px(width)}" height="${h}"><title>${label}</title></rect>${text}`;
  });
  return html`<g><text class="lane" x="${LEFT - 8}" y="${y + BAR - 3}" text-anchor="end">${name}</text>${bars}</g>`;
}

/** A phase of one fault; it is measured from when that took effect, `began` seconds after zero. */
interface Row {
  phase: Phase;
  title: string;
  began: number;
}

function phaseMarks({ phase, title, began }: Row, x: Scale, zero: number, y: number): Markup {
  const label = html`<text class="lane" x="${LEFT - 8}" y="${y + BAR - 3}" text-anchor="end">${title}</text>`;
  const text = (at: number, what: string): Markup => {
    const right = at > WIDTH - RIGHT - 130;
    const place = right ? html`x="${px(at - 16)}" text-anchor="end"` : html`x="${px(at + 6)}"`;
    return html`<text class="value" ${place} y="${y + BAR - 3}">${what}</text>`;
  };
  if (phase.state !== 'reached' || !phase.at) return html`<g>${label}${text(x(began), STATE[phase.state])}</g>`;
  const [a, b] = [x((phase.at.after - zero) / 1000), x((phase.at.by - zero) / 1000)];
  const width = Math.max(3, b - a);
  return html`<g>${label}<line class="lead" x1="${px(x(began))}" x2="${px(a)}" y1="${y + 8}" y2="${y + 8}"/><rect class="phase" x="${px(a)}" y="${y + 1}" width="${px(width)}" height="${BAR}"><title>${phase.text}</title></rect>${text(a + width, took(phase))}</g>`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

/** "12.00 to 12.28 s" */
export function took({ took: extent, state }: Phase): string {
  if (!extent) return STATE[state];
  if (extent.atMost === null) return `not within ${seconds(extent.atLeast)} s`;
  return `${seconds(extent.atLeast)} to ${seconds(extent.atMost)} s`;
}

const titleOf = ({ index }: FaultFinding, { name }: Phase, faults: number): string =>
  faults > 1 ? `fault ${index + 1}: ${PHASE_TITLE[name]}` : PHASE_TITLE[name];

/** The column beside the drawing has room for some 25 letters. */
const shortTitle = (fault: FaultFinding, phase: Phase, faults: number): string =>
  titleOf(fault, phase, faults)
    .replace(/^fault (\d+: first) committed/, '$1')
    .replace(/^fault /, '');

/** The phases of the recovery, and what the looks saw meanwhile. */
export function timelineSection(frame: Frame): Markup | undefined {
  const felt = frame.findings.faults.filter((fault) => fault.effective);
  const x = timeScale(frame);
  const lanes = [leaderLane(frame), ...jobLanes(frame), outputLane(frame)];
  // Of faults that belong together the first shows them all, drawn once; the table below has the others' times.
  const phases = felt.flatMap((fault): Row[] =>
    (fault.beside ? [] : phasesToDraw(fault, felt.length)).map((phase) => ({
      phase,
      title: shortTitle(fault, phase, felt.length),
      began: ((fault.effective?.by ?? frame.zero) - frame.zero) / 1000,
    })),
  );
  if (phases.length === 0 && lanes.every((lane) => lane.stretches.length === 0)) return undefined;
  const top = 8;
  const bottom = top + (lanes.length + phases.length) * ROW + (phases.length > 0 ? 8 : 0);
  const drawn = svg(
    'timeline',
    bottom + 38,
    'Timeline of the run around the fault',
    phases.map(({ phase, title }) => `${title}: ${phase.text}.`).join(' ') || 'No fault took effect.',
    shading(x, frame, top, bottom),
    timeAxis(x, frame, top, bottom),
    lanes.map((lane, i) => laneMarks(lane, x, frame.zero, top + i * ROW + 5)),
    phases.map((row, i) => phaseMarks(row, x, frame.zero, top + 8 + (lanes.length + i) * ROW + 5)),
  );
  const legend = html`<p class="legend"><span class="k v-good"></span>all tasks running <span class="k v-down"></span>tasks not all running <span class="k v-refused"></span>500 or 503 <span class="k v-silent"></span>no answer <span class="k v-output"></span>output committed <span class="k v-phase"></span>the phase lies in here <span class="k v-fault"></span>fault window: effective to healed</p>`;
  return section(
    'timeline-section',
    'What happened, and when',
    html`<figure>${drawn}${legend}</figure>`,
    phaseTable(frame),
    availabilityTable(frame),
  );
}

function availabilityTable({ findings: { availability } }: Frame): Markup | undefined {
  if (!availability) return undefined;
  return table(
    'From the steady state to the end of the load. Output counts as away in silences of more than twice the longest usual one.',
    [{ title: 'Over the run' }, { title: 'Of the time' }, { title: 'Missing' }],
    availabilityRows(availability),
  );
}

function phaseTable({ findings }: Frame): Markup | undefined {
  const felt = findings.faults.filter((fault) => fault.phases.length > 0);
  if (felt.length === 0) return undefined;
  const rows = felt.flatMap((fault) =>
    phasesToTell(fault).map((phase) => [titleOf(fault, phase, felt.length), took(phase), phase.text, phase.source]),
  );
  return table(
    'Each phase came about somewhere between the two times: after the start of the last look that did not show it, by the end of the first that did.',
    [{ title: 'Phase' }, { title: 'Since the fault' }, { title: 'What was seen' }, { title: 'Where' }],
    rows,
  );
}
