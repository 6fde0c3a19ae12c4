import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describePlan, showMistake } from '../../src/scenario/index.js';
import { readText } from '../../src/scenario/read.js';

const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const FILES = 10_000;
/** Milliseconds; a file takes one or two. */
const LONGEST = 5_000;
/** Printed with a failure: with it the same files come again. */
const SEED = Number(process.env.FLINCH_SEED ?? Date.now() % 1_000_000_007);

/** Mulberry32: the same numbers from the same seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What people and programs write by mistake, and what parsers stumble over. */
const BITS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ': ',
    '- ',
    '#',
    '|',
    '>',
    '&a ',
    '*a',
    '!!binary x',
    '!!set {a}',
    '<<: *a',
    '? ',
    '---\n',
    '...\n',
  ],
  ...[
    '"',
    "'",
    '\t',
    '\r',
    '\n',
    '\n\n  ',
    ' ',
    '\u0000',
    '\u2028',
    '\ufeff',
    '😀',
    '%YAML 9.9\n',
    '\\u12',
    '~',
    'null',
    'true',
    '.nan',
  ],
  ...[
    '-1',
    '0',
    '1e999',
    '0x1f',
    '1_000',
    '99999999999999999999',
    '10',
    '10s',
    '-5s',
    '1000/s',
    '256MiB',
    '1h30m',
    '2026-11-21',
  ],
  ...[
    'kill',
    'pause',
    'partition',
    'duration',
    'between',
    'others',
    'node',
    'broker.all',
    'faults',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...['a: '.repeat(40), '['.repeat(300), '{a: '.repeat(120), '- '.repeat(200), 'x'.repeat(5000)],
];

type Change = (text: string, next: () => number, other: string) => string;

const at = (text: string, next: () => number): number => Math.floor(next() * (text.length + 1));
const pick = <T>(list: readonly T[], next: () => number): T => list[Math.floor(next() * list.length)] as T;
/** One line becomes what `change` makes of it: none, one or several. */
const line = (text: string, next: () => number, change: (line: string) => string[]): string => {
  const all = text.split('\n');
  const i = Math.floor(next() * all.length);
  all.splice(i, 1, ...change(all[i] as string));
  return all.join('\n');
};

const CHANGES: readonly Change[] = [
  (text, next) => text.slice(0, at(text, next)),
  (text, next) => {
    const i = at(text, next);
    return text.slice(0, i) + pick(BITS, next) + text.slice(i);
  },
  (text, next) => {
    const i = at(text, next);
    return text.slice(0, i) + text.slice(i + 1 + Math.floor(next() * 6));
  },
  (text, next) => {
    const i = at(text, next);
    return text.slice(0, i) + String.fromCharCode(Math.floor(next() * 0x250)) + text.slice(i + 1);
  },
  (text, next) => line(text, next, () => []),
  (text, next) => line(text, next, (it) => [it, it]),
  (text, next) => line(text, next, (it) => [' '.repeat(Math.floor(next() * 5)) + it.trim()]),
  (text, next) => line(text, next, (it) => [it.replace(/: .*/, () => `: ${pick(BITS, next)}`)]),
  (text, next) => line(text, next, (it) => [it.replace(/\w+(?=:)/, () => pick(BITS, next))]),
  (text, next, other) => text.slice(0, at(text, next)) + other.slice(at(other, next)),
];

describe('scenario files, mutated', () => {
  it(`${FILES} of them: no crash, no hang, each refusal with a position`, async () => {
    const corpus = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => readFileSync(FOLDER + name, 'utf8'));
    const printed: string[] = [];
    const listen = ({ message }: Error) => void printed.push(message);
    process.on('warning', listen);
    const next = random(SEED);
    const count = { valid: 0, refused: 0 };
    for (let n = 0; n < FILES; n++) {
      let text = pick(corpus, next);
      for (let changes = 1 + Math.floor(next() * 4); changes > 0; changes--) {
        text = pick(CHANGES, next)(text, next, pick(corpus, next));
      }
      const which = `file ${n} of seed ${SEED}:\n${text}`;
      const began = performance.now();
      let reading: ReturnType<typeof readText>;
      try {
        reading = readText(text, 'x.yaml');
      } catch (error) {
        return assert.fail(`${which}\nthrew ${String(error)}`);
      }
      assert.ok(performance.now() - began < LONGEST, `${which}\ntook too long`);
      const { scenario, mistakes } = reading;
      assert.equal(scenario === undefined, mistakes.length > 0, which);
      if (scenario) {
        count.valid++;
        assert.ok(describePlan(scenario).length > 0, which);
        continue;
      }
      count.refused++;
      const rows = text.split(/\r\n?|\n/).length;
      for (const mistake of mistakes) {
        const shown = showMistake(mistake);
        const [, row, column] = /^x\.yaml:(\d+):(\d+) \S/.exec(shown) ?? [];
        assert.ok(Number(row) >= 1 && Number(row) <= rows && Number(column) >= 1, `${which}\n${shown}`);
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    assert.deepEqual(printed, [], 'what is wrong is told with its place, not printed');
    // Mutations that always break, or never, would test one path only.
    assert.ok(count.valid > FILES / 100 && count.refused > FILES / 4, JSON.stringify(count));
  });
});
