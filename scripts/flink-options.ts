import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Lines of Flink, each with the newest flink-kubernetes of it that can be had: a local cluster does not need that one. */
const LINES = { '1.20': '1.20.1', '2.2': '2.2.0', '2.3': '2.3.0' } as const;
const WITHIN = 600_000;

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const mvn = (...args: string[]): void =>
  void execFileSync('mvn', ['-q', '-B', ...args], { stdio: ['ignore', 'inherit', 'inherit'], timeout: WITHIN });

/** By key its older names, as the jars of one line declare them. */
function optionsOf(line: keyof typeof LINES): Record<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'flinch-options-'));
  try {
    const copy = 'dependency:copy-dependencies';
    mvn('-f', path(`poms/flink-${line}.pom.xml`), copy, `-DoutputDirectory=${folder}`);
    const kubernetes = `org.apache.flink:flink-kubernetes:${LINES[line]}`;
    mvn('dependency:copy', `-Dartifact=${kubernetes}`, `-DoutputDirectory=${folder}`);
    const jars = readdirSync(folder).filter((name) => name.endsWith('.jar'));
    const flink = jars.filter((name) => name.startsWith('flink-')).map((name) => join(folder, name));
    const args = ['-cp', `${folder}/*`, path('scripts/FlinkOptions.java'), ...flink];
    const printed = execFileSync('java', args, { encoding: 'utf8', timeout: WITHIN, maxBuffer: 1 << 26 });
    const lines = printed
      .trim()
      .split('\n')
      .map((it) => it.split(' '));
    return Object.fromEntries(
      lines.map(([key = '', ...older]) => [key, [...new Set(older)].filter((it) => it !== '')]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const versions = Object.keys(LINES) as (keyof typeof LINES)[];
const of = Object.fromEntries(versions.map((line) => [line, optionsOf(line)]));
const keys = [...new Set(versions.flatMap((line) => Object.keys(of[line] ?? {})))].sort();
// One line for each option, so that a new version of Flink is a diff that people can read.
const rows = keys.map((key) => {
  const known = versions.filter((line) => of[line]?.[key]);
  const older = [...new Set(versions.flatMap((line) => of[line]?.[key] ?? []))].sort();
  return `  ${JSON.stringify([key, known.join(' '), ...older])}`;
});
writeFileSync(path('schema/flink-options.json'), `[\n${rows.join(',\n')}\n]\n`);
