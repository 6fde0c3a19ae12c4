import type { z } from 'zod';
import { nearest } from '../core/nearest.js';
import { show } from './show.js';

/** A place in the scenario and a sentence "what is wrong; what would be right". */
export interface Complaint {
  path: PropertyKey[];
  /** Whether the key itself is wrong, not its value. */
  atKey: boolean;
  sentence: string;
}

type Raw = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = { object: 'a map of keys', array: 'a list', string: 'text' };

/** Words for what zod found; types with better words of their own carry them in the schema. */
export function explainIssue(issue: Raw): string {
  const { input } = issue;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(issue.inst);
      // One line for each key; `complaints` takes them apart again.
      return issue.keys.map((key) => unknownWord('key', key, known)).join('\n');
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (input === undefined) return `is missing; write one of ${values.join(', ')}`;
      return typeof input === 'string'
        ? unknownWord('value', input, values)
        : `${show(input)} is not allowed; write one of ${values.join(', ')}`;
    }
    case 'invalid_type': {
      const expected = KINDS[issue.expected] ?? issue.expected;
      return input === undefined ? `is missing; write ${expected}` : `${show(input)} is not ${expected}; write one`;
    }
    default:
      return issue.message ?? `${show(input)} is not allowed; see docs/scenario.md`;
  }
}

function unknownWord(noun: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (known.length === 1) return `unknown ${noun} ${show(word)}; write ${known[0]}`;
  const list = `one of ${known.join(', ')}`;
  return `unknown ${noun} ${show(word)}; ${near === undefined ? `write ${list}` : `did you mean ${near}? It is ${list}`}`;
}

function knownKeys(schema: unknown): string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return Object.keys(shape ?? {});
}

/** The issues of one validation as complaints, one for each wrong thing. */
export function complaints(issues: readonly Issue[], prefix: readonly PropertyKey[] = []): Complaint[] {
  // A map with an unknown key has too few known ones as well, which needs no second complaint.
  const misspelt = new Set(
    issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join('\n')),
  );
  return issues.flatMap((issue): Complaint[] => {
    if (issue.code === 'custom' && misspelt.has(issue.path.join('\n'))) return [];
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const sentences = issue.message.split('\n');
      return issue.keys.map((key, i) => ({ path: [...path, key], atKey: true, sentence: sentences[i] as string }));
    }
    if (issue.code === 'invalid_key') {
      return [{ path, atKey: true, sentence: issue.issues[0]?.message ?? issue.message }];
    }
    if (issue.code === 'invalid_union') {
      // The branch whose kind of value was written is the one that was meant; of maps, the one whose keys were.
      const [meant] = issue.errors
        .filter((branch) => !branch.some((e) => e.code === 'invalid_type' && e.path.length === 0))
        .sort((a, b) => strange(a) - strange(b));
      if (meant) return complaints(meant, path);
    }
    return [{ path, atKey: false, sentence: issue.message }];
  });
}

/** How many keys of a map are unknown, or missing: the larger part of what speaks against it. */
const strange = (branch: readonly Issue[]): number =>
  branch.reduce((sum, issue) => {
    if (issue.path.length === 0 && issue.code === 'unrecognized_keys') return sum + 10 * issue.keys.length;
    return sum + (issue.path.length === 1 && issue.input === undefined ? 1 : 0);
  }, 0);
