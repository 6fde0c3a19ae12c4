import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Role } from '../ports.js';
import type { Prepared } from './prepared.js';

/** A class-data archive: the parsed classes of one role, mapped into memory at start. Saves a third of the start's CPU. */
export interface ClassData {
  /** Where the archive is, or is to be. It is bound to exactly these jars and this JVM. */
  path: string;
  exists: boolean;
}

export function classDataOf(role: Role, jars: readonly string[], { java, classDataDir }: Prepared): ClassData {
  const hash = createHash('sha256').update(`${java.version}\n${java.path}\n${role}\n`);
  for (const jar of jars) {
    const { size, mtimeMs } = statSync(jar);
    hash.update(`${jar} ${size} ${mtimeMs}\n`);
  }
  const path = join(classDataDir, `${role}-${hash.digest('hex').slice(0, 16)}.jsa`);
  return { path, exists: existsSync(path) };
}

/** JVM flags that use an archive; a JVM that cannot use it starts without. */
export const useClassData = (path: string): string[] => [
  `-XX:SharedArchiveFile=${path}`,
  '-Xshare:auto',
  '-Xlog:cds=off',
  '-Xlog:cds+dynamic=off',
];

/** JVM flags that write an archive when the JVM is ended by SIGTERM. */
export const recordClassData = (path: string): string[] => [
  `-XX:ArchiveClassesAtExit=${path}`,
  '-Xlog:cds=off',
  '-Xlog:cds+dynamic=off',
];

/** A name of our own to write to, so that two runs at once never share a half-written archive. */
export async function recordingPath(path: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2, 8)}.tmp`;
}

/** An archive in the making: where its JVM writes it, and where it is to be. */
export interface Recording {
  from: string;
  to: string;
}

/** Makes finished recordings archives. A failure only means that the next start is as slow as this one. */
export async function publishClassData(recordings: readonly Recording[]): Promise<void> {
  for (const { from, to } of recordings) {
    if ((statSync(from, { throwIfNoEntry: false })?.size ?? 0) > 0) await rename(from, to).catch(() => {});
  }
}

export async function discardClassData(recordings: readonly Recording[]): Promise<void> {
  for (const { from } of recordings) await rm(from, { force: true }).catch(() => {});
}
