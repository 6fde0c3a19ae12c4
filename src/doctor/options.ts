import { readFileSync } from 'node:fs';
import type { FlinkVersion } from './settings.js';

/** An option of Flink: its key, the lines of Flink that have it, and other names that they take: older ones, and `key.*` where it is a map. */
export interface FlinkOption {
  key: string;
  lines: readonly string[];
  older: readonly string[];
}

let read: readonly FlinkOption[] | undefined;

/** Every option of the lines of Flink that are known, from their jars. */
export function flinkOptions(): readonly FlinkOption[] {
  read ??= (
    JSON.parse(readFileSync(new URL('../../schema/flink-options.json', import.meta.url), 'utf8')) as string[][]
  ).map(([key = '', lines = '', ...older]) => ({ key, lines: lines.split(' '), older }));
  return read;
}

/** The line that stands for a version: itself, or of those that are known the newest before it. */
export function lineOf({ major, minor }: FlinkVersion): string | undefined {
  const lines = [...new Set(flinkOptions().flatMap((option) => option.lines))];
  const number = (line: string): number => {
    const [a = 0, b = 0] = line.split('.').map(Number);
    return 1000 * a + b;
  };
  const mine = 1000 * major + minor;
  return lines.filter((line) => number(line) <= mine).sort((a, b) => number(b) - number(a))[0];
}
