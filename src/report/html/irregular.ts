import type { Frame } from './frame.js';
import type { Markup } from './markup.js';
import { lines, section, table } from './table.js';

/** What no cluster should do, with its evidence. */
export function irregularSection({ findings: { irregularities = [] }, zero }: Frame): Markup | undefined {
  if (irregularities.length === 0) return undefined;
  const seconds = (ms: number): string => `${((ms - zero) / 1000).toFixed(2)} s`;
  const rows = irregularities.map(({ kind, from, to, text, evidence }) => [
    kind,
    text,
    `${seconds(from)} to ${seconds(to)}`,
    lines(evidence),
  ]);
  const columns = [{ title: 'Found' }, { title: 'What' }, { title: 'Seen' }, { title: 'Evidence' }];
  return section(
    'irregular-section',
    'What should not be',
    table('Whatever is broken, no cluster should do this. Times are from the first fault.', columns, rows),
  );
}
