import { KNOWN_DEFECTS } from '../known-defects.js';
import type { Rule } from '../rule.js';

export const knownDefect: Rule = {
  code: 'known-defect',
  severity: 'warning',
  title: 'This version of Flink has a known defect that this configuration meets',
  why: 'Each was met under the very faults that high availability is for. What it costs, and where it is fixed, is said with it.',
  fix: 'use a version in which it is fixed',
  examples: {
    bad: { text: 'high-availability.type: kubernetes\n', flink: '1.18.1' },
    good: { text: 'high-availability.type: kubernetes\n', flink: '2.3.0' },
  },
  check({ settings }) {
    const { flink } = settings;
    if (!flink) return [];
    return KNOWN_DEFECTS.filter((it) => it.affects(flink) && it.met(settings)).map(({ id, symptom, fixedIn }) => ({
      what: `Flink ${flink.text} has ${id}: ${symptom}`,
      fix: `use ${fixedIn}`,
    }));
  },
};
