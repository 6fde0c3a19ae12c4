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

/** What the rules find, the worst first, then from top to bottom. */
export function examine(subject: Subject, rules: readonly Rule[] = RULES): Finding[] {
  const found = rules.flatMap((rule) =>
    rule.check(subject).map(({ what, key, fix = rule.fix, severity = rule.severity }): Finding => {
      const { line, column, key: written = key } = (key !== undefined && subject.settings.asked(key)) || {};
      return {
        ...{ rule: rule.code, severity, what, fix, docs: docsOf(rule.code), file: subject.name },
        ...(written !== undefined && { key: written }),
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
      };
    }),
  );
  const rank = ({ severity }: Finding): number => SEVERITIES.indexOf(severity);
  return found.sort((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0));
}
