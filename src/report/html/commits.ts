import { formatDuration } from '../../core/units.js';
import { ageText } from '../../judge/held-back.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { section, table } from './table.js';
import { grouped, signed, utc } from './text.js';

const REASON = {
  fenced: 'its producer was fenced',
  'invalid-state': 'it was in an invalid state: most likely aborted',
  'unknown-producer': 'the broker had forgotten its producer',
  other: 'for another reason',
} as const;

/** Transactions that the sink gave up while the job ran on. */
export function commitFailuresSection({ findings: { silentCommitFailures: failures } }: Frame): Markup | undefined {
  if (!failures) return undefined;
  const { text, transactions, byLog, byMetric, stayedGreen } = failures;
  const rows = transactions.map((it) => [
    it.transactionalId === undefined ? 'not told' : html`<code>${it.transactionalId}</code>`,
    it.producerId === undefined ? '' : `${it.producerId} / ${it.producerEpoch ?? '?'}`,
    `${REASON[it.reason]}${it.maybeHarmless ? '; it may be a part of the recovery' : ''}`,
    it.sinceFault === undefined ? utc(it.at) : signed(it.sinceFault),
    it.node,
  ]);
  const columns = ['Transaction', 'Producer / epoch', 'Why', 'Since the fault', 'Log of'].map((title) => ({ title }));
  const green =
    stayedGreen === undefined
      ? ''
      : stayedGreen
        ? ' Every look at the job from then on found all of its tasks running: Flink shows nothing of this but that counter.'
        : ' Later looks found tasks that did not run.';
  return section(
    'commit-failures',
    'Commits that failed silently',
    html`<p class="warn">${text}</p><p>${byLog} by the TaskManagers\u2019 logs${byMetric !== undefined && `, ${byMetric} by the metric failedCommittables`}.${green}</p>`,
    rows.length > 0 && table('From the logs of the sink\u2019s committer.', columns, rows),
  );
}

/** What holds back readers of the output at read_committed. */
export function heldBackSection({ findings: { heldBack } }: Frame): Markup | undefined {
  if (!heldBack) return undefined;
  const { transactions, byPrefix, complete, reason } = heldBack;
  const rows = transactions.map((it) => [
    String(it.partition),
    it.transactionalId === undefined ? `of producer ${it.producerId}` : html`<code>${it.transactionalId}</code>`,
    grouped(it.firstOffset),
    `${it.producerId} / ${it.producerEpoch}`,
    `${it.state ?? 'not known'}${ageText(it)}`,
  ]);
  const columns = ['Partition', 'Transaction', 'First offset', 'Producer / epoch', 'State'].map((title) => ({ title }));
  const prefixes = byPrefix.map(
    (p) =>
      html`<p>Prefix <code>${p.prefix}</code>: ${p.transactions} open on ${p.partitions} partition${p.partitions === 1 ? '' : 's'}${p.oldestMs !== undefined && `, the oldest for ${formatDuration(p.oldestMs)}`}.</p>`,
  );
  return section(
    'held-back',
    'Open transactions in the output',
    !complete && html`<p class="warn">Not all of it is known: ${reason ?? 'no reason given'}</p>`,
    prefixes.length > 0 && html`${prefixes}`,
    rows.length > 0 && table('The first of each partition holds back its last stable offset.', columns, rows),
  );
}
