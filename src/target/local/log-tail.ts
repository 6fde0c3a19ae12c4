import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const WINDOW = 64 * 1024;
const TELLING = /\b(ERROR|FATAL|SEVERE)\b|Exception|^Error|^Caused by|Could not|OutOfMemory/;

const STAMP = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}),(\d{3}) /gm;

/**
 * When the newest line of a log was written by its own stamp, in milliseconds since the epoch; stamps are local times.
 * @param from byte at which to begin
 */
export function lastStamp(path: string, from = 0): number | undefined {
  const [, day, time, ms] = [...(tailOf(path, from) ?? '').matchAll(STAMP)].at(-1) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${time}.${ms}`);
}

/** The last lines of a log that say what went wrong, else simply the last ones. Empty when there is no log. */
export function tellingLines(path: string, count = 6): string[] {
  const text = tailOf(path);
  if (text === undefined) return [];
  const lines = text.split('\n').filter((line) => line.trim() && !/^\s+at |^\s+\.\.\. \d+ more/.test(line));
  const telling = lines.filter((line) => TELLING.test(line));
  return (telling.length ? telling : lines).slice(-count).map((line) => line.slice(0, 400));
}

function tailOf(path: string, from = 0): string | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      const buffer = Buffer.alloc(Math.max(0, Math.min(size - from, WINDOW)));
      readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8');
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
