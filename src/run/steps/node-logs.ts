import fs from 'node:fs';
import { stampOf } from '../../observe/logs/log-entries.js';
import type { Cluster } from '../../target/ports.js';

const RELEVANT =
  / (ERROR|FATAL) |leadership|Restoring job|switched from state|Triggering Job recovery|no longer reachable|heartbeat of|Heartbeat of|fenced|Unable to commit|Session .*expired|elect|OutOfMemory|No space left|is out of range/;
/** Of what a JVM says for itself, without a time: it ends there. */
const LAST_WORDS = /insufficient memory|Native memory allocation/;
const MOST_LINES = 40;
/** A log may be huge; what a run writes lies at its end. Bytes. */
const TAIL = 4 * 1024 * 1024;
const LONGEST = 400;

/** The lines of a node's log that tell of leadership, recovery and trouble from `since` (wall milliseconds) on. */
export function relevantLines(cluster: Cluster, node: string, since: number): string[] {
  let text: string;
  try {
    text = tailOf(cluster.logFile(node));
  } catch {
    return [];
  }
  const found: string[] = [];
  let last: number | undefined;
  for (const line of text.split('\n')) {
    const stamp = stampOf(line);
    last = stamp ?? last;
    if (!(stamp === undefined ? LAST_WORDS : RELEVANT).test(line)) continue;
    if (last === undefined || last < since) continue;
    found.push(line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line);
    if (found.length === MOST_LINES) break;
  }
  return found;
}

function tailOf(file: string): string {
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    const length = Math.min(size, TAIL);
    const bytes = Buffer.alloc(length);
    fs.readSync(descriptor, bytes, 0, length, size - length);
    return bytes.toString('utf8');
  } finally {
    fs.closeSync(descriptor);
  }
}
