import type { Finding } from '../examine.js';
import { SEVERITIES, type Severity } from '../rule.js';

/**
 * For people: one paragraph for each finding, and a last line that counts them.
 * @param files how many were examined; 0 for a cluster
 * @param problems what could not be asked
 */
export function asText(findings: readonly Finding[], files: number, problems: readonly string[] = []): string {
  const paragraphs = findings.map(({ severity, what, fix, rule, docs, ...place }) =>
    [`${placeOf(place)} ${severity}: ${what}`, `    ${fix}`, `    ${rule}, ${docs}`].join('\n'),
  );
  const unknown = problems.map((problem) => `not known: ${problem}`);
  return `${[...paragraphs, ...unknown, counted(findings, files)].join('\n\n')}\n`;
}

const placeOf = ({ file, line, column }: Pick<Finding, 'file' | 'line' | 'column'>): string =>
  line === undefined ? `${file}:` : `${file}:${line}:${column}`;

function counted(findings: readonly Finding[], files: number): string {
  const where = files === 0 ? 'the cluster' : files === 1 ? 'one file' : `${files} files`;
  if (findings.length === 0) return `nothing found in ${where}`;
  const count = (severity: Severity): string[] => {
    const n = findings.filter((it) => it.severity === severity).length;
    return n === 0 ? [] : [`${n} ${severity}${n === 1 ? '' : 's'}`];
  };
  return `${SEVERITIES.flatMap(count).join(', ')} in ${where}`;
}
