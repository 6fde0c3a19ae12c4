import type { OpenTransaction } from '../../client/kafka/log/open-transactions.js';
import { formatDuration } from '../../core/units.js';
import { showIdentity } from '../../reconcile/identity/show.js';
import type { Place } from '../../reconcile/ids/sighting.js';
import type { MultisetExample, MultisetProblem } from '../../reconcile/multiset-balance.js';
import type { Reconciliation } from '../../reconcile/reconcile.js';
import type { SideRead } from '../../reconcile/topic-side.js';
import { type ReconcileVerdict, showExtent } from '../../reconcile/verdict.js';

const NAMES: Readonly<Record<MultisetProblem, string>> = {
  lost: 'lost',
  duplicated: 'duplicated',
  unexpected: 'unexpected',
  shouldHaveBeenFiltered: 'should have been filtered',
  uncommittedOnly: 'not committed',
};
const WIDTH = 27;

/** The balance as people read it. */
export function reconciliationText(found: Reconciliation, { verdict, reasons }: ReconcileVerdict): string {
  const { source, sink, balance, openTransactions } = found;
  const row = (name: string, text: string) => `  ${name.padEnd(WIDTH)}${text}`;
  const problems = balance.examples.filter(({ problem }) => problem !== 'uncommittedOnly');
  return [
    sideText('source', source, balance.sourceIds),
    ...(balance.filteredRecords > 0 ? [row('', `${balance.filteredRecords} records dropped by the filter`)] : []),
    sideText('sink', sink, balance.sinkIds),
    '',
    row('lost', showExtent(balance.lost)),
    ...(balance.lostYetUncommitted > 0
      ? [row('  of these not committed', `${balance.lostYetUncommitted}: in aborted or open transactions`)]
      : []),
    row('duplicated', showExtent(balance.duplicated)),
    row('unexpected', showExtent(balance.unexpected)),
    ...(balance.shouldHaveBeenFiltered.atMost !== 0
      ? [row('  should have been filtered', showExtent(balance.shouldHaveBeenFiltered))]
      : []),
    ...(balance.uncommittedOnly ? [row('at read_uncommitted only', showExtent(balance.uncommittedOnly))] : []),
    ...(problems.length > 0 ? ['', 'first of each', ...problems.map(exampleText)] : []),
    ...[source, sink].flatMap((side) =>
      side.examples.map((it) => `  ${side.topic} ${placeText(it)} has no identity: ${it.reason}`),
    ),
    ...(openTransactions ? ['', ...transactionsText(openTransactions)] : []),
    '',
    `${verdict}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`,
  ].join('\n');
}

function sideText(role: string, side: SideRead, ids: number): string {
  const parts = [`${side.records} records`, `${ids} ids`, `${side.partitions.length} partitions`];
  return `${role.padEnd(7)}${side.topic}: ${parts.join(', ')}`;
}

function exampleText({ problem, id, source, sink, places }: MultisetExample): string {
  const where = [
    places.source && `source ${placeText(places.source)}`,
    places.sink && `sink ${placeText(places.sink)}`,
    places.repeat && `again ${placeText(places.repeat)}`,
    places.uncommitted && `not committed ${placeText(places.uncommitted)}`,
  ].filter(Boolean);
  const text = showIdentity({ bytes: id, start: 0, end: id.length });
  return `  ${NAMES[problem].padEnd(WIDTH)}${text} (${source} in, ${sink} out) ${where.join(', ')}`;
}

const placeText = ({ partition, offset, timestamp }: Place): string =>
  `${partition}:${offset} of ${new Date(timestamp).toISOString()}`;

function transactionsText({ transactions, reason }: NonNullable<Reconciliation['openTransactions']>): string[] {
  return [
    ...transactions.map((it) => `  open transaction ${transactionText(it)}`),
    ...(reason === undefined ? [] : [`  what else is open is not known: ${reason}`]),
  ];
}

function transactionText(it: OpenTransaction): string {
  const age = it.ageMs === undefined ? '' : `, open for ${formatDuration(it.ageMs)}`;
  const timeout = it.timeoutMs === undefined ? '' : ` of at most ${formatDuration(it.timeoutMs)}`;
  const hanging = it.hanging ? ', hanging: no coordinator knows it' : '';
  const id = it.transactionalId ?? `of producer ${it.producerId}`;
  return `${id} from ${it.partition}:${it.firstOffset}${age}${timeout}${hanging}`;
}
