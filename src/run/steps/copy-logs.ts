import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FlinchError, messageOf } from '../../core/error.js';
import type { Cluster } from '../../target/ports.js';

const CHUNK = 1024 * 1024;

/**
 * Keeps each node's log with the run. The logs of a cluster that was there before lie elsewhere: what is written to
 * them from now until the returned function is called is copied to `<runDir>/logs`. That function throws FlinchError
 * CLEANUP with every log that could not be copied.
 */
export function keepLogs(cluster: Cluster, runDir: string): () => void {
  const folder = join(runDir, 'logs');
  const from = new Map<string, number>();
  for (const { name } of cluster.nodes) {
    const file = cluster.logFile(name);
    if (resolve(file) !== resolve(join(folder, `${name}.log`))) from.set(name, sizeOf(file));
  }
  return () => {
    if (from.size === 0) return;
    mkdirSync(folder, { recursive: true });
    const failed: string[] = [];
    for (const [name, offset] of from) {
      try {
        copyFrom(cluster.logFile(name), offset, join(folder, `${name}.log`));
      } catch (error) {
        failed.push(messageOf(error));
      }
    }
    if (failed.length > 0) throw new FlinchError('CLEANUP', { what: 'a log was not copied', on: failed.join('; ') });
  };
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function copyFrom(file: string, offset: number, target: string): void {
  const source = openSync(file, 'r');
  const copy = openSync(target, 'w');
  try {
    const { size } = fstatSync(source);
    const bytes = Buffer.alloc(CHUNK);
    for (let at = offset; at < size; ) {
      const read = readSync(source, bytes, 0, Math.min(CHUNK, size - at), at);
      if (read === 0) break;
      writeSync(copy, bytes, 0, read);
      at += read;
    }
  } finally {
    closeSync(source);
    closeSync(copy);
  }
}
