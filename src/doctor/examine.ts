import { printable } from '../core/printable.js';
import type { Rule, Severity } from './rule.js';
import { SEVERITIES } from './rule.js';
import { RULES } from './rules.js';
import type { Subject } from './subject.js';

/** One thing that is wrong, where, and what to do. Lines and columns from 1. */
export interface Finding {
  rule: string;
  severity: Severity;
  what: string;
  fix: string;
  /** Where to read more. */
  docs: string;
  file: string;
  key?: string;
  line?: number;
  column?: number;
}

export const docsOf = (rule: string): string => `docs/doctor.md#${rule}`;

const rank = ({ severity }: Finding): number => SEVERITIES.indexOf(severity);

/** What is found of several subjects, what is the same of all of them once; the worst first, then from top to bottom. */
export function examineAll(subjects: readonly Subject[]): Finding[] {
  const all = subjects.flatMap((subject) => examine(subject));
  const once = new Map(all.map((finding) => [`${placed(finding)} ${finding.rule} ${finding.what}`, finding]));
  return [...once.values()].sort((a, b) => rank(a) - rank(b));
}

/** In a file each line is a place of its own; of a cluster what every job shows is the cluster's. */
const placed = ({ file, line }: Finding): string => (line === undefined ? '' : `${file}:${line}`);

/** What the rules find in one, the worst first, then from top to bottom. */
export function examine(subject: Subject, rules: readonly Rule[] = RULES): Finding[] {
  const found = rules.flatMap((rule) =>
    rule.check(subject).map(({ what, key, fix = rule.fix, severity = rule.severity }): Finding => {
      const { line, column, key: written = key } = (key !== undefined && subject.settings.asked(key)) || {};
      return {
        // Keys and values are somebody else's text.
        ...{
          rule: rule.code,
          severity,
          what: printable(subject.settings.inOwnWords(what)),
          fix: printable(subject.settings.inOwnWords(fix)),
          docs: docsOf(rule.code),
          file: subject.name,
        },
        ...(written !== undefined && { key: written }),
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
      };
    }),
  );
  return found.sort((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0));
}
