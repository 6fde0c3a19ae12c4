import { monoOffset } from '../../judge/checkpoints.js';
import { eventsOf } from '../../judge/events-of.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { section, table } from './table.js';
import { shortId, signed } from './text.js';

/** Rows of a table before it is cut, with a line that says so. */
const ROWS = 40;

const cut = (rows: (string | Markup)[][]): (string | Markup)[][] =>
  rows.length <= ROWS
    ? rows
    : [
        ...rows.slice(0, ROWS),
        [`and ${rows.length - ROWS} more in the journal`, ...Array<string>((rows[0]?.length ?? 1) - 1).fill('')],
      ];

/** Who led when. */
export function leadershipSection({ findings: { leadership }, zero }: Frame): Markup | undefined {
  if (!leadership || leadership.history.length === 0) return undefined;
  const rows = leadership.history.map(({ at, session, node, address, by }) => [
    `${signed(at.after - zero)} to ${signed(at.by - zero)}`,
    session === null ? 'no leader recorded' : (node ?? address ?? 'unknown'),
    session === null ? '' : html`<code>${session}</code>`,
    by,
  ]);
  const columns = ['Since the fault', 'Leader', 'Session', 'Seen by'].map((title) => ({ title }));
  return section(
    'leadership',
    'Leadership',
    table('Changes of the leader record in the high-availability store.', columns, cut(rows)),
  );
}

/** Completed checkpoints, as the looks found them. */
export function checkpointsSection({ events, zero }: Frame): Markup | undefined {
  const start = events[0];
  if (!start) return undefined;
  const offset = monoOffset(start) - zero;
  const found = new Map<string, (string | Markup)[]>();
  for (const look of eventsOf(events, 'observed.checkpoints')) {
    const { latest, restored } = look;
    if (restored) {
      const key = `r${restored.id}/${restored.at}`;
      if (!found.has(key)) found.set(key, [`${restored.id}`, 'restored', signed(restored.at + offset), '', look.node]);
    }
    if (!latest) continue;
    const key = `c${latest.id}/${latest.triggeredAt}`;
    if (found.has(key)) continue;
    const took = `${latest.completedAt - latest.triggeredAt}`;
    found.set(key, [`${latest.id}`, 'completed', signed(latest.triggeredAt + offset), took, look.node]);
  }
  if (found.size === 0) return undefined;
  const columns = [
    { title: 'Checkpoint' },
    { title: 'What' },
    { title: 'Triggered or restored, since the fault', numeric: true },
    { title: 'Took, ms', numeric: true },
    { title: 'Seen at' },
  ];
  return section(
    'checkpoints',
    'Checkpoints',
    html`<details><summary>${found.size} were seen</summary>${table('Times by the clock of Flink on the same host.', columns, cut([...found.values()]))}</details>`,
  );
}

/** Exceptions that Flink reported, oldest first. */
export function exceptionsSection({ events, zero }: Frame): Markup | undefined {
  const start = events[0];
  const entries = eventsOf(events, 'observed.exceptions').flatMap((look) => look.entries ?? []);
  if (entries.length === 0 || !start) return undefined;
  const offset = monoOffset(start) - zero;
  const rows = [...entries]
    .sort((a, b) => a.at - b.at)
    .map((e) => [
      signed(e.at + offset),
      html`<code title="${e.name}">${e.name.split('.').at(-1) ?? e.name}</code>`,
      [e.task, e.taskManager && shortId(e.taskManager)].filter(Boolean).join(' on '),
      html`<code>${e.message.slice(0, 400)}</code>`,
    ]);
  const columns = ['Since the fault', 'Exception', 'Where', 'Message'].map((title) => ({ title }));
  return section('exceptions', 'Exceptions', table('From the job\u2019s exception history.', columns, cut(rows)));
}

/** The lines of the nodes' logs that the run kept. */
export function logsSection({ events }: Frame): Markup | undefined {
  const logs = eventsOf(events, 'node.log').filter((log) => log.lines.length > 0);
  const blocks = logs.map(
    ({ node, lines: text }) =>
      html`<details><summary>${node}: ${text.length} line${text.length === 1 ? '' : 's'}</summary><pre>${text.join('\n')}</pre></details>`,
  );
  return section('logs', 'From the nodes\u2019 logs', blocks.length > 0 && html`${blocks}`);
}
