import type { DeletedInput } from '../../judge/deleted-input.js';
import { OFFSET_LABELS, type OffsetsFinding } from '../../judge/offsets.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { lines, section, table } from './table.js';
import { grouped } from './text.js';

const number = (value: number | undefined): string => (value === undefined ? 'not known' : grouped(value));

function sourceTable({ source, group }: OffsetsFinding): Markup | false {
  if (source.length === 0) return false;
  const columns = [
    { title: 'Partition' },
    { title: 'End of the input', numeric: true },
    { title: 'Committed by the group', numeric: true },
    { title: 'Read, by metric', numeric: true },
  ];
  const rows = source.map((p) => [String(p.partition), number(p.end), number(p.committed), number(p.read)]);
  return html`<h3>How far the job said that it had read</h3>${table('Next offset of each partition, as last told.', columns, rows)}
${lines([html`Group${group === undefined ? '' : html` <code>${group}</code>`}: ${OFFSET_LABELS.group}.`, html`Read: ${OFFSET_LABELS.read}.`])}`;
}

function countTable({ counts, difference }: OffsetsFinding): Markup | false {
  if (counts.length === 0) return false;
  const columns = [
    { title: 'Topic' },
    { title: 'Offsets', numeric: true },
    { title: 'Committed records', numeric: true },
    { title: 'Aborted', numeric: true },
    { title: 'Undecided', numeric: true },
    { title: 'Control records', numeric: true },
  ];
  const rows = counts.map((c) => [c.of, ...[c.offsets, c.committed, c.aborted, c.undecided, c.control].map(grouped)]);
  const open = counts
    .filter(({ complete }) => !complete)
    .map(({ of, reason }) => `${of}: ${reason ?? 'not read to its end'}`);
  return html`<h3>Records of the topics</h3>${table(`Counted ${OFFSET_LABELS.counts}.`, columns, rows)}${
    difference !== undefined &&
    html`<p>Output less input: ${difference < 0 ? `\u2212${grouped(-difference)}` : grouped(difference)} committed records; ${OFFSET_LABELS.difference}.</p>`
  }${open.length > 0 && html`<p class="warn">Not counted to the end:</p>${lines(open)}`}`;
}

const deletedList = (deleted: readonly DeletedInput[]): Markup | false =>
  deleted.length > 0 &&
  html`<h3>Deleted from the input during the run</h3>${lines(
    deleted.map(({ text, resets }) => {
      const seen = resets.map(
        ({ node, from, to }) => `${node}: offset ${from} was out of range, reset to ${to ?? 'an unknown one'}`,
      );
      return html`${text}${seen.length > 0 && lines(seen)}`;
    }),
  )}`;

/** The cheap check: what offsets say, each labelled as what it is. */
export function offsetsSection({ findings: { offsets } }: Frame): Markup | undefined {
  if (!offsets) return undefined;
  return section(
    'offsets',
    'Offsets',
    html`<p>A cheap check beside the data balance, which alone decides.</p>`,
    offsets.disagreements.length > 0 &&
      html`<p class="warn">Offsets and identities disagree:</p>${lines(offsets.disagreements)}`,
    deletedList(offsets.deleted),
    sourceTable(offsets),
    countTable(offsets),
  );
}
