import type { Balance, BalanceExample, Extent, ReplayFinding } from '../../judge/findings.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { lines, section, table } from './table.js';
import { grouped, signed, utc } from './text.js';

const count = ({ atLeast, atMost }: Extent): string => {
  if (atMost === null) return `at least ${grouped(atLeast)}`;
  return atLeast === atMost ? grouped(atLeast) : `${grouped(atLeast)} to ${grouped(atMost)}`;
};

function rowsOf(b: Balance): [string, string, string][] {
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
    String(e.lane),
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
  const titles = [
    'Problem',
    'Lane',
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
    table('Every record is matched by lane and sequence; offsets are never subtracted.', columns, rowsOf(balance)),
    balance.losses && html`<h3>What became of the missing records</h3>${lines(balance.losses.map(({ text }) => text))}`,
    replays && html`<h3>What was processed again</h3>${lines(replays.map(replayText))}`,
    examples.length > 0 &&
      html`<h3>First examples</h3>${table(
        'The first of each problem, with its place in the output.',
        titles.map((title) => ({ title })),
        examples,
      )}`,
  );
}
