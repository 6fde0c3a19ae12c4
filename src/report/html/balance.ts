import type { Balance, BalanceExample, Extent, ReplayFinding } from '../../judge/findings.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { lines, section, table } from './table.js';
import { grouped, signed, utc } from './text.js';

const count = ({ atLeast, atMost }: Extent): string => {
  if (atMost === null) return `at least ${grouped(atLeast)}`;
  return atLeast === atMost ? grouped(atLeast) : `${grouped(atLeast)} to ${grouped(atMost)}`;
};

function attachedRows(b: Balance, a: NonNullable<Balance['attached']>): [string, string, string][] {
  const rows: [string, string, string][] = [
    ['at the source', grouped(a.sourceRecords), `due: in ${a.source}, within the window; ${grouped(a.sourceIds)} ids`],
  ];
  if (a.filteredRecords > 0)
    rows.push(['filtered', grouped(a.filteredRecords), 'dropped by the filter of the scenario']);
  rows.push([
    'at the sink',
    grouped(a.sinkRecords),
    `committed in ${a.sink}, within the window; ${grouped(a.sinkIds)} ids`,
  ]);
  rows.push(['lost', count(b.lost), 'due, and not, or not often enough, committed at the sink']);
  if (a.lostYetUncommitted > 0) {
    rows.push([
      'lost, yet written',
      grouped(a.lostYetUncommitted),
      'of the lost ones, in aborted or open transactions',
    ]);
  }
  rows.push(['duplicated', count(b.duplicated), `more often at the sink than ${a.relation} accounts for`]);
  rows.push(['unexpected', count(b.unexpected), 'at the sink, and never at the source']);
  if (a.shouldHaveBeenFiltered.atMost !== 0) {
    rows.push(['should have been filtered', count(a.shouldHaveBeenFiltered), 'of the unexpected ones']);
  }
  if (a.uncommittedOnly) {
    rows.push([
      'uncommitted only',
      count(a.uncommittedOnly),
      'in transactions that were aborted, which is fine, or are open',
    ]);
  }
  return rows;
}

function aggregatedRows(b: Balance, a: NonNullable<Balance['aggregated']>): [string, string, string][] {
  const rows: [string, string, string][] = [
    ['at the source', grouped(a.sourceRecords), `committed in ${a.source}, from its beginning on`],
  ];
  if (a.filteredRecords > 0)
    rows.push(['filtered', grouped(a.filteredRecords), 'dropped by the filter of the scenario']);
  rows.push(['at the sink', grouped(a.sinkRecords), `committed in ${a.sink}; the last one of each group counts`]);
  rows.push(['groups', grouped(a.groups), `in either topic; ${grouped(a.sinkGroups)} of them at the sink`]);
  if (b.wrongState)
    rows.push([
      'wrong totals',
      count(b.wrongState),
      'groups that contradict the source, and need not have before the faults',
    ]);
  for (const { text, wrong } of a.invariants) {
    rows.push([text, grouped(wrong), 'of the groups seen to be wrong, those that are so by this']);
  }
  if (a.wrongBefore > 0)
    rows.push([
      'wrong before',
      grouped(a.wrongBefore),
      'groups that contradicted the source before anything was broken',
    ]);
  if (a.unclear > 0) rows.push(['not judged', grouped(a.unclear), 'groups of which not enough is known']);
  return rows;
}

function windowTable({ window }: Pick<NonNullable<Balance['attached']>, 'window'>): Markup {
  const rows = window.map(({ of, partition, from, to }) => [of, String(partition), grouped(from), grouped(to)]);
  const columns = [
    { title: 'Topic' },
    { title: 'Partition' },
    { title: 'From', numeric: true },
    { title: 'To', numeric: true },
  ];
  return html`<details><summary>The window: ${rows.length} partitions</summary>${table('Offsets that count; the end is not included.', columns, rows)}</details>`;
}

function rowsOf(b: Balance): [string, string, string][] {
  if (b.attached) return attachedRows(b, b.attached);
  if (b.aggregated) return aggregatedRows(b, b.aggregated);
  const rows: [string, string, string][] = [
    ['attempted', grouped(b.attempted), 'handed to the producer'],
    ['acknowledged', grouped(b.acknowledged), 'confirmed by Kafka: these must not be lost'],
    ['failed', grouped(b.failed), 'refused for certain'],
    ['unknown', grouped(b.unknown), 'neither confirmed nor refused: no evidence of loss'],
    b.job === 'count'
      ? ['counted', count(b.seen), 'sum of the final counts in the state output']
      : ['seen', count(b.seen), 'distinct records in the committed output'],
  ];
  if (b.seenUncommitted !== undefined) {
    rows.push(['seen, uncommitted', grouped(b.seenUncommitted), 'the same at read_uncommitted']);
  }
  rows.push(['lost', count(b.lost), 'acknowledged, and not in the committed output']);
  rows.push(['duplicated', count(b.duplicated), 'extra occurrences in the committed output']);
  if (b.duplicatedUncommittedOnly !== undefined) {
    rows.push([
      'duplicated, uncommitted only',
      grouped(b.duplicatedUncommittedOnly),
      'left by aborted transactions, which no read_committed reader sees: fine',
    ]);
  }
  rows.push(['unexpected', count(b.unexpected), 'in the output though nobody wrote it so, or not readable']);
  if (b.altered) rows.push(['altered', count(b.altered), 'of the unexpected ones, changed on the way']);
  if (b.reordered)
    rows.push(['reordered', count(b.reordered), 'behind a later one of their lane, and not so in the input']);
  rows.push(['recovered', count(b.recovered), 'unknown to the producer, yet in the output: fine']);
  rows.push(['failed, yet seen', count(b.failedYetSeen), 'refused by Kafka, yet in the output']);
  if (b.wrongState) rows.push(['wrong state', count(b.wrongState), 'updates that contradict the input']);
  if (b.lostBeforeFlink !== undefined) {
    rows.push(['lost before Flink', grouped(b.lostBeforeFlink), 'of the lost ones, not in the input topic either']);
  }
  return rows;
}

function exampleRow(e: BalanceExample): (string | Markup)[] {
  const [from, to] = e.sequences ?? [];
  const sequences =
    from === undefined ? '' : from === to ? grouped(from) : `${grouped(from)} to ${grouped(to ?? from)}`;
  const place = e.partition === undefined ? '' : `${e.partition} / ${grouped(e.offset ?? 0)}`;
  const when = e.time === undefined ? '' : utc(e.time);
  return [
    e.problem,
    e.lane === undefined ? (e.id ?? '') : String(e.lane),
    sequences,
    place,
    when,
    e.sinceFault === undefined ? '' : signed(e.sinceFault),
    e.detail ?? '',
  ];
}

const replayText = ({ fault, text }: ReplayFinding): string => `After fault ${fault + 1}: ${text}`;

/** What was sent and what came out, by record identity. */
export function balanceSection({ findings: { balance, replays } }: Frame): Markup | undefined {
  if (!balance) return undefined;
  const columns = [{ title: 'Records' }, { title: 'Count', numeric: true }, { title: 'Meaning' }];
  const detail = balance.examples.some((e) => e.detail !== undefined);
  const { attached, aggregated } = balance;
  const foreign = attached ?? aggregated;
  const titles = [
    'Problem',
    aggregated ? 'Group' : attached ? 'Identity' : 'Lane',
    'Sequence',
    'Partition / offset',
    'Record time',
    'Since the fault',
    ...(detail ? ['Detail'] : []),
  ];
  const examples = balance.examples.map((e) => exampleRow(e).slice(0, titles.length));
  return section(
    'balance',
    'Data balance',
    balance.reasons.length > 0 && html`<p class="warn">The balance is open:</p>${lines(balance.reasons)}`,
    table(
      aggregated
        ? 'The last record of each group is held against all records of that group at the source.'
        : `Every record is matched by ${attached ? 'the identity that the scenario declares' : 'lane and sequence'}; offsets are never subtracted.`,
      columns,
      rowsOf(balance),
    ),
    foreign && windowTable(foreign),
    balance.losses && html`<h3>What became of the missing records</h3>${lines(balance.losses.map(({ text }) => text))}`,
    replays && html`<h3>What was processed again</h3>${lines(replays.map(replayText))}`,
    examples.length > 0 &&
      html`<h3>First examples</h3>${table(
        `The first of each problem, with its place in the ${foreign ? 'topic' : 'output'}.`,
        titles.map((title) => ({ title })),
        examples,
      )}`,
  );
}
