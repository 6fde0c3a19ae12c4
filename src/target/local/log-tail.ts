import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const WINDOW = 64 * 1024;
const TELLING = /\b(ERROR|FATAL|SEVERE)\b|Exception|^Error|^Caused by|Could not|OutOfMemory/;

/** The last lines of a log that say what went wrong, else simply the last ones. Empty when there is no log. */
export function tellingLines(path: string, count = 6): string[] {
  let text: string;
  try {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      const buffer = Buffer.alloc(Math.min(size, WINDOW));
      readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      text = buffer.toString('utf8');
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
  const lines = text.split('\n').filter((line) => line.trim() && !/^\s+at |^\s+\.\.\. \d+ more/.test(line));
  const telling = lines.filter((line) => TELLING.test(line));
  return (telling.length ? telling : lines).slice(-count).map((line) => line.slice(0, 400));
}
