import type { Setting } from '../settings.js';

/** flink-conf.yaml is no YAML: Flink splits each line at its first colon and blank, and takes what follows "#" for a comment. */
export function flatSettings(text: string): Setting[] {
  return text.split(/\r?\n/).flatMap((whole, i): Setting[] => {
    const line = whole.split('#', 1)[0] ?? '';
    const at = line.indexOf(': ');
    const key = line.slice(0, Math.max(0, at)).trim();
    if (key === '') return [];
    return [{ key, value: line.slice(at + 2).trim(), line: i + 1, column: line.indexOf(key) + 1 }];
  });
}
