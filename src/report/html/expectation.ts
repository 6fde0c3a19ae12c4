import type { ExpectedPhase, Extent, Within } from '../../judge/findings.js';
import { courseText, decidedText, restartsText } from '../expectation.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { section, table } from './table.js';
import { PHASE_TITLE } from './timeline.js';

const WITHIN: Record<Within, string> = { yes: 'yes', no: 'no', unclear: 'perhaps' };

const seconds = (ms: number): string => (ms / 1000).toFixed(2);
/** "4.00 to 7.50 s" */
const span = ({ atLeast, atMost }: Extent): string =>
  atMost === null ? `over ${seconds(atLeast)} s` : `${seconds(atLeast)} to ${seconds(atMost)} s`;
const since = ({ since: from }: ExpectedPhase): string =>
  from === 'effective' ? 'since the fault' : `since ${PHASE_TITLE[from]}`;
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What the cluster's settings promise, beside what was measured. */
export function expectationSection({ findings }: Frame): Markup | undefined {
  const told = findings.faults.filter(({ expectation }) => expectation !== undefined);
  const several = findings.faults.length > 1;
  const of = (index: number): string => (several ? `fault ${index + 1}: ` : '');
  const courses = told.flatMap(({ index, expectation }) =>
    expectation
      ? [html`<p>${sentence(`${of(index)}${courseText(expectation)}`)}. So it came: ${WITHIN[expectation.within]}.</p>`]
      : [],
  );
  const backlogs = findings.faults.flatMap(({ index, backlog }) =>
    backlog ? [html`<p>${sentence(`${of(index)}${backlog.text}`)}.</p>`] : [],
  );
  const restarts = told.flatMap(({ index, expectation }) =>
    expectation?.restarts
      ? [
          html`<p>${sentence(`${of(index)}started anew ${restartsText(expectation.restarts)}`)}. So it came: ${WITHIN[expectation.restarts.within]}.</p>`,
        ]
      : [],
  );
  const rows = told.flatMap(({ index, expectation }) =>
    (expectation?.phases ?? []).map((phase) => [
      `${of(index)}${PHASE_TITLE[phase.name]}`,
      `${span(phase.measured)} ${since(phase)}`,
      span(phase.takes),
      decidedText(phase),
      WITHIN[phase.within],
    ]),
  );
  return section(
    'expectation-section',
    'What its settings promise',
    ...courses,
    rows.length > 0 &&
      table(
        'Each step from the phase before it. One that is outside its interval has a cause that no setting tells.',
        [
          { title: 'Phase' },
          { title: 'Measured' },
          { title: 'Promised' },
          { title: 'Decided by' },
          { title: 'Within' },
        ],
        rows,
      ),
    ...restarts,
    ...backlogs,
  );
}
