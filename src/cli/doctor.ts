import { readFileSync, statSync } from 'node:fs';
import { ExitCode, FlinchError, messageOf } from '../core/error.js';
import {
  asJson,
  asSarif,
  asText,
  examine,
  flinkVersion,
  RULES,
  SEVERITIES,
  type Severity,
  subjectsOf,
} from '../doctor/index.js';
import { flinchVersion } from './version.js';

/** Larger files are no configuration. Bytes. */
const LARGEST = 1024 ** 2;

export interface DoctorOptions {
  flink?: string;
  format: 'text' | 'json' | 'sarif';
  failOn: Severity;
}

/** Says what in a configuration will cost an outage. @throws FlinchError CONFIG_UNREADABLE, USAGE */
export function doctor(files: readonly string[], { flink, format, failOn }: DoctorOptions): ExitCode {
  const version = flink === undefined ? undefined : flinkVersion(flink);
  if (flink !== undefined && !version) {
    throw new FlinchError('USAGE', { what: `"${flink}" is no version of Flink`, todo: 'write e.g. --flink 1.20' });
  }
  const findings = files.flatMap((file) =>
    subjectsOf(file, textOf(file), version).flatMap((subject) => examine(subject)),
  );
  if (format === 'json') process.stdout.write(asJson(findings, files));
  else if (format === 'sarif') process.stdout.write(asSarif(findings, RULES, flinchVersion()));
  else process.stdout.write(asText(findings, files.length));
  const counts = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  return findings.some(({ severity }) => counts.includes(severity)) ? ExitCode.failed : ExitCode.passed;
}

function textOf(file: string): string {
  const refuse = (what: string, cause?: unknown) =>
    new FlinchError('CONFIG_UNREADABLE', { what, on: file, todo: 'check the path', cause });
  try {
    const stat = statSync(file);
    // A pipe or a device may never end.
    if (!stat.isFile()) throw refuse('it is no regular file');
    if (stat.size > LARGEST) throw refuse(`it is larger than 1 MiB (${stat.size} bytes)`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw error instanceof FlinchError ? error : refuse(messageOf(error), error);
  }
}
