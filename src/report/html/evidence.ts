import { deploymentText } from '../../journal/deployment-text.js';
import { ranAs } from '../../journal/ran-as.js';
import { eventsOf } from '../../judge/events-of.js';
import { durationText } from '../../judge/extent.js';
import type { FaultFinding } from '../../judge/findings.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { lines, section } from './table.js';
import { signed } from './text.js';

const OF: Record<FaultFinding['evidence'][number]['of'], string> = {
  triggered: 'Waited for',
  resolved: 'Chosen',
  effective: 'Proven effective',
  confirmed: 'Confirmed',
  ended: 'Ended',
  healed: 'Proven healed',
};

function oneFault(fault: FaultFinding, frame: Frame): Markup {
  const at = (interval?: { after: number; by: number }): string =>
    interval ? ` (${signed(interval.after - frame.zero)} to ${signed(interval.by - frame.zero)})` : '';
  const when = {
    triggered: '',
    resolved: '',
    effective: at(fault.effective),
    confirmed: '',
    ended: '',
    healed: at(fault.healed),
  };
  const proofs = fault.evidence.map(
    ({ of, lines: text }) =>
      html`<dt>${OF[of]}${when[of]}</dt><dd>${text.map((line) => html`<code>${line}</code><br>`)}</dd>`,
  );
  const beside = fault.beside ? ', beside the one before' : '';
  const title = [
    `Fault ${fault.index + 1}${beside}: ${fault.kind}`,
    fault.selector !== fault.node && fault.selector,
    fault.node && `\u2192 ${fault.node}`,
  ];
  return html`<h3>${title.filter(Boolean).join(' ')}</h3><dl class="proof">${proofs}${
    fault.window && html`<dt>Effective for</dt><dd>${durationText(fault.window)}</dd>`
  }${fault.notEffective !== undefined && html`<dt class="warn">Not effective</dt><dd>${fault.notEffective}</dd>`}${
    fault.healFailed &&
    html`<dt class="warn">Not healed</dt><dd>${fault.healFailed.reason}; what remains: ${fault.healFailed.remains}</dd>`
  }${fault.impact && html`<dt>Impact</dt><dd>${fault.impact.text}</dd>`}</dl>`;
}

/** What proves that the fault was there, and that it is gone. */
export function evidenceSection(frame: Frame): Markup | undefined {
  const { faults } = frame.findings;
  const exits = eventsOf(frame.events, 'node.exited').map(
    (e) =>
      html`${signed(e.mono - frame.zero)} ${e.node}, ${ranAs(e)}, ${e.signal ? `by ${e.signal}` : `with code ${e.code ?? 'unknown'}`}`,
  );
  const said = eventsOf(frame.events, 'observed.deployment').flatMap((e) =>
    e.deployment === undefined ? [] : html`${signed(e.end - frame.zero)} ${deploymentText(e.deployment)}`,
  );
  return section(
    'evidence',
    'Evidence of the fault and of its healing',
    faults.length > 0 && html`${faults.map((fault) => oneFault(fault, frame))}`,
    exits.length > 0 && html`<h3>Processes that ended</h3>${lines(exits)}`,
    said.length > 0 && html`<h3>What the operator of Flink said</h3>${lines(said)}`,
  );
}
