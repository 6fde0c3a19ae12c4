import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { EventBody } from '../../journal/events.js';
import { COMMIT_FAILURE, commitFailureOf } from '../../observe/logs/commit-failures.js';
import { LogEntries } from '../../observe/logs/log-entries.js';
import { OFFSET_RESET, OffsetResets } from '../../observe/logs/offset-resets.js';
import type { Cluster } from '../../target/ports.js';

const CHUNK = 1024 * 1024;
/** Failed commits of one node that are journalled one by one. */
const MOST = 200;

/**
 * What TaskManagers say in their logs and nowhere else, from now until the returned function is called: transactions
 * that the sink's committer gave up, and positions of the source that were no longer in the log. A node that starts
 * again goes on with its log. That function throws what reading a log throws, when every other one was read.
 */
export function listenToLogs(cluster: Cluster, emit: (event: EventBody) => void): () => void {
  const from = new Map(
    cluster.nodes.filter(({ role }) => role === 'taskmanager').map(({ name }) => [name, sizeOf(cluster.logFile(name))]),
  );
  return () => {
    const failed: unknown[] = [];
    for (const [node, offset] of from) {
      try {
        tellOne(node, cluster.logFile(node), offset, emit);
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw failed[0];
  };
}

function tellOne(node: string, file: string, offset: number, emit: (event: EventBody) => void): void {
  const failures: EventBody[] = [];
  const resets = new OffsetResets();
  let omitted = 0;
  const entries = new LogEntries(
    (line) => COMMIT_FAILURE.test(line) || OFFSET_RESET.test(line),
    (entry) => {
      resets.add(entry);
      const failure = commitFailureOf(entry);
      if (failure && failures.length < MOST) failures.push({ type: 'commit.failed', node, ...failure });
      else if (failure) omitted++;
    },
  );
  eachLine(file, offset, (line) => entries.line(line));
  entries.end();
  const last = failures.at(-1);
  if (last && omitted > 0) Object.assign(last, { omitted });
  for (const event of failures) emit(event);
  for (const reset of resets.found.slice(0, MOST)) emit({ type: 'offset.reset', node, ...reset });
}

function eachLine(file: string, from: number, onLine: (line: string) => void): void {
  const source = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(CHUNK);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (let at = from; ; ) {
      const read = readSync(source, bytes, 0, CHUNK, at);
      if (read === 0) break;
      at += read;
      const lines = (rest + decoder.write(bytes.subarray(0, read))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
    if (rest !== '') onLine(rest);
  } finally {
    closeSync(source);
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
