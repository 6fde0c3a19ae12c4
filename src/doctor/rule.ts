import type { Facts, Subject } from './subject.js';

/** `error`: it does not work, or loses data. `warning`: it will cost an outage some day. `note`: to know, and to choose. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What is wrong in one place. */
export interface Complaint {
  /** One sentence, with the values. */
  what: string;
  /** The setting that it is about, where it is written. */
  key?: string;
  /** What to do here; the rule's own advice unless told. */
  fix?: string;
  /** Where it is not as bad as the rule mostly is. */
  severity?: Severity;
}

/** A configuration for the docs and the tests. */
export interface Example {
  text: string;
  /** Nested or flat settings unless told. */
  as?: 'deployment';
  /** The version that it is for. */
  flink?: string;
  /** What would be seen on the cluster. */
  facts?: Facts;
}

/** One thing that people get wrong. */
export interface Rule {
  /** How it is named in output and docs. */
  readonly code: string;
  readonly severity: Severity;
  /** One line without a full stop. */
  readonly title: string;
  /** What happens because of it when something breaks. */
  readonly why: string;
  /** What to do. */
  readonly fix: string;
  /** One that it finds, and one that it does not. */
  readonly examples: { readonly bad: Example; readonly good: Example };
  check(subject: Subject): Complaint[];
}
