import type { Scenario } from '../../core/scenario.js';
import { eventsOf, lastOf } from '../../judge/events-of.js';
import { periodOf } from '../../judge/the-job.js';
import type { Frame } from './frame.js';
import { html, type Markup } from './markup.js';
import { section, table } from './table.js';
import { utc } from './text.js';

type Workload = Scenario['workload'];

const facts = (rows: [string, string | undefined][]): Markup =>
  html`<dl class="facts">${rows.map(([name, value]) => value !== undefined && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

const jobText = (w: Workload, period: number): string =>
  w.job === 'attached'
    ? `${w.attach.job}, which ran before; ${w.guarantee}, checkpoint every ${period} ms`
    : `${w.job}, ${w.guarantee}, parallelism ${w.parallelism}, checkpoint every ${period} ms, ${w.stateBackend}`;

const loadText = (w: Workload): string =>
  w.job === 'attached'
    ? `what others write to ${w.attach.source.topic}`
    : `${w.rate} records a second in ${w.lanes} lanes on ${w.partitions} partitions`;

/** Versions, nodes and settings: what the numbers hold for. */
export function environmentSection({ events, findings, start }: Frame): Markup | undefined {
  const up = lastOf(events, 'cluster.up');
  const after = lastOf(events, 'cluster.checked');
  const job = lastOf(events, 'job.submitted');
  const w = start?.scenario.workload;
  const about = facts([
    ['run', findings.run],
    ['started', utc(findings.startedAt)],
    ['took', `${(findings.durationMs / 1000).toFixed(1)} s`],
    ['Flinch', findings.flinch],
    ['Flink', up?.flinkVersion],
    ['target', up && `${up.target}, isolation: ${up.isolation}`],
    ['cluster', up && (up.reused ? 'was up before the run' : `came up in ${(up.tookMs / 1000).toFixed(1)} s`)],
    ['afterwards', after && (after.clean ? 'as it was before the run' : `not as it was: ${after.reason}`)],
    [
      'host',
      start &&
        `${start.host.platform}, kernel ${start.host.kernel}, ${start.host.cpus} CPUs, ${(start.host.memoryBytes / 1024 ** 3).toFixed(1)} GiB`,
    ],
    ['Node', start?.host.node],
    ['seed', start?.scenario.seed === undefined ? undefined : String(start.scenario.seed)],
    ['job', w && jobText(w, periodOf(events))],
    ['load', w && loadText(w)],
    ['job id', job?.jobId ?? lastOf(events, 'job.attached')?.jobId],
  ]);
  const nodes = (up?.nodes ?? []).map((n) => [
    n.name,
    n.role,
    n.host,
    Object.entries(n.ports)
      .map(([use, port]) => `${use} ${port}`)
      .join(', '),
    n.pod ?? (n.pid === undefined ? '' : String(n.pid)),
  ]);
  const settings = Object.entries(up?.settings ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const restarts = eventsOf(events, 'node.started').length;
  return section(
    'environment',
    'Environment',
    about,
    nodes.length > 0 &&
      html`<details open><summary>${nodes.length} nodes${restarts > 0 ? `, ${restarts} started during the run` : ''}</summary>${table(
        'Nodes of the cluster.',
        [
          { title: 'Node' },
          { title: 'Role' },
          { title: 'Host' },
          { title: 'Ports' },
          { title: 'Process', numeric: true },
        ],
        nodes,
      )}</details>`,
    settings.length > 0 &&
      html`<details open><summary>${settings.length} settings</summary>${table(
        'Settings that shape the recovery, as the cluster reports them.',
        [{ title: 'Key' }, { title: 'Value' }],
        settings.map(([key, value]) => [html`<code>${key}</code>`, html`<code>${value}</code>`]),
      )}</details>`,
  );
}

/** The scenario as it was written. */
export function scenarioSection({ start, events }: Frame): Markup | undefined {
  if (!start) return undefined;
  const statements = lastOf(events, 'job.submitted')?.statements ?? [];
  return section(
    'scenario',
    'Scenario',
    html`<p><code>${start.source.file}</code></p><pre>${start.source.text}</pre>`,
    statements.length > 0 &&
      html`<details><summary>SQL of the job</summary><pre>${statements.join(';\n\n')}</pre></details>`,
  );
}
