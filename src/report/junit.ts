import type { Findings, ObjectiveFinding } from '../judge/findings.js';
import { escaped } from './html/markup.js';

function testcase(suite: string, o: ObjectiveFinding): string {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(`${o.name} ${o.bound}`)}" time="0"`;
  if (o.verdict === 'passed') {
    return `${head}>\n      <system-out>${escaped(o.text)}</system-out>\n    </testcase>\n`;
  }
  const kind = o.verdict === 'failed' ? 'failure' : 'error';
  const body = `measured: ${o.measured}\nbound: ${o.bound}\n${o.text}`;
  return `${head}>\n      <${kind} type="${o.verdict}" message="${escaped(o.text)}">${escaped(body)}</${kind}>\n    </testcase>\n`;
}

/** A run that ended badly without an objective to carry it still must not look green. */
function runCase(findings: Findings): ObjectiveFinding[] {
  const bad = findings.objectives.some((o) => o.verdict !== 'passed');
  if (findings.outcome === 'passed' || (bad && findings.outcome !== 'heal-failed')) return [];
  const text = findings.headline;
  return [{ name: 'run', unit: 'impact', bound: '', verdict: 'inconclusive', measured: findings.outcome, text }];
}

/** JUnit XML: one case per objective; failed is a failure, inconclusive an error. */
export function junitReport(findings: Findings): string {
  const suite = findings.scenario.name;
  const cases = [...findings.objectives, ...runCase(findings)];
  const failures = cases.filter((o) => o.verdict === 'failed').length;
  const errors = cases.filter((o) => o.verdict === 'inconclusive').length;
  const time = (findings.durationMs / 1000).toFixed(3);
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" time="${time}"`;
  const stamp = new Date(findings.startedAt).toISOString().slice(0, 19);
  const properties: [string, string][] = [
    ['run', findings.run],
    ['flinch', findings.flinch],
    ['outcome', findings.outcome],
    ['exitCode', String(findings.exitCode)],
    ['headline', findings.headline],
    ...findings.objectives.map((o): [string, string] => [`measured.${o.name}`, o.measured]),
    ...findings.reasons.map((reason, i): [string, string] => [`reason.${i + 1}`, reason]),
  ];
  const list = properties.map(([n, v]) => `      <property name="${escaped(n)}" value="${escaped(v)}"/>\n`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="flinch" ${counts}>
  <testsuite name="${escaped(suite)}" ${counts} skipped="0" timestamp="${stamp}" hostname="localhost">
    <properties>
${list}    </properties>
${cases.map((o) => testcase(suite, o)).join('')}  </testsuite>
</testsuites>
`;
}
