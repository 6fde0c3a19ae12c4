import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FlinchError, messageOf } from '../core/error.js';
import { readJournal } from '../journal/reader.js';
import type { Findings } from '../judge/findings.js';
import { judge } from '../judge/judge.js';
import { htmlReport } from './html.js';
import { junitReport } from './junit.js';
import { resultJson } from './result-json.js';

/** Names of the files of a run, in its folder. */
export const RUN_FILES = {
  journal: 'journal.ndjson',
  result: 'result.json',
  junit: 'junit.xml',
  html: 'report.html',
} as const;

/** Puts the whole file there or leaves what was there: readers never see half a report. */
function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, 'w');
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new FlinchError('JOURNAL_WRITE', {
      what: `a report could not be written: ${messageOf(cause)}`,
      on: file,
      todo: 'make space, then run `flinch report` on the run folder',
      cause,
    });
  }
}

/** Every report of a run as text, by file name: a pure function of the journal, the same bytes each time. */
export function reportsOf(journal: ReturnType<typeof readJournal>): {
  findings: Findings;
  files: Record<string, string>;
} {
  const findings = judge(journal.events, { truncated: journal.truncated });
  const files = {
    [RUN_FILES.result]: resultJson(findings),
    [RUN_FILES.junit]: junitReport(findings),
    [RUN_FILES.html]: htmlReport(journal.events, findings),
  };
  return { findings, files };
}

/**
 * Reads a run's journal and writes result.json, junit.xml and report.html beside it.
 * @throws FlinchError RUN_UNREADABLE, JOURNAL_WRITE
 */
export function writeReports(runDir: string): Findings {
  const { findings, files } = reportsOf(readJournal(join(runDir, RUN_FILES.journal)));
  for (const [name, text] of Object.entries(files)) replaceFile(join(runDir, name), text);
  return findings;
}
