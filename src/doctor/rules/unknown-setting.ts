import { nearestOption } from '../nearest-option.js';
import { flinkOptions, lineOf } from '../options.js';
import type { Complaint, Rule } from '../rule.js';
import type { FlinkVersion, Setting } from '../settings.js';

/** Keys that people or plugins name: everything below is theirs. */
const FREE = [
  'containerized.',
  'env.',
  'external-resource.',
  'flink.hadoop.',
  'fs.',
  'kubernetes.operator.',
  'job.autoscaler.',
  'metrics.',
  'traces.',
  'events.',
  'pekko.',
  'akka.',
  's3.',
  's3a.',
  'presto.',
  'gs.',
  'security.',
  'yarn.',
  'python.',
  'user.',
];

export const unknownSetting: Rule = {
  code: 'unknown-setting',
  severity: 'warning',
  title: 'A setting that Flink does not know',
  why: 'Flink ignores what it does not know, without a word. Somebody believes that this is set, and finds out in the outage that it was for.',
  fix: 'remove it, or write the key that Flink knows',
  examples: {
    bad: { text: 'state.checkpoints.interval: 10 s\n', flink: '1.20.3' },
    good: {
      text: 'execution.checkpointing.interval: 10 s\nstate.checkpoints.dir: s3://flink/checkpoints\n',
      flink: '1.20.3',
    },
  },
  check({ settings }) {
    const known = knownTo(settings.flink);
    return settings.all.flatMap((setting) => complaint(setting, known, settings.flink));
  },
};

interface Known {
  /** Every name that is taken. */
  names: ReadonlySet<string>;
  /** Those of today. */
  keys: readonly string[];
  /** By names that only other lines take, those lines. */
  elsewhere: ReadonlyMap<string, readonly string[]>;
}

const byLine = new Map<string | undefined, Known>();

/** Of one version, or of all where it is not known. */
function knownTo(flink: FlinkVersion | undefined): Known {
  const line = flink && lineOf(flink);
  const known = byLine.get(line) ?? ofLine(line);
  byLine.set(line, known);
  return known;
}

function ofLine(line: string | undefined): Known {
  const names = new Set<string>();
  const keys: string[] = [];
  const elsewhere = new Map<string, readonly string[]>();
  for (const { key, lines, older } of flinkOptions()) {
    const here = line === undefined || lines.includes(line);
    if (here) keys.push(key);
    for (const name of [key, ...older]) {
      if (here) names.add(name);
      else if (!names.has(name)) elsewhere.set(name, lines);
    }
  }
  return { names, keys, elsewhere };
}

function complaint({ key }: Setting, { names, keys, elsewhere }: Known, flink: FlinkVersion | undefined): Complaint[] {
  // An option that is a map has its entries below it.
  const maps = key.split('.').map((_, i, parts) => `${parts.slice(0, i).join('.')}.*`);
  if (names.has(key) || maps.some((name) => names.has(name)) || FREE.some((prefix) => key.startsWith(prefix)))
    return [];
  const lines = elsewhere.get(key);
  if (lines) {
    return [{ what: `Flink ${flink?.text} does not know ${key}, which belongs to ${lines.join(', ')}`, key }];
  }
  const meant = nearestOption(key, keys);
  const what = `${flink === undefined ? 'Flink' : `Flink ${flink.text}`} does not know ${key}`;
  return [{ what, key, ...(meant !== undefined && { fix: `perhaps ${meant} is meant` }) }];
}
