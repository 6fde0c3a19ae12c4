import { nearest } from '../core/nearest.js';

const words = (key: string): string[] => key.toLowerCase().split(/[.\-_]+/);

const split = new Map<string, string[]>();

/** Those of one of Flink's own, which are asked for again and again. */
function wordsOf(known: string): string[] {
  const found = split.get(known) ?? words(known);
  split.set(known, found);
  return found;
}

/** "checkpoints" and "checkpointing" are one word to people. */
const STEM = 6;
const same = (a: string, b: string): boolean =>
  a === b || (a.length >= STEM && b.length >= STEM && a.slice(0, STEM) === b.slice(0, STEM));

/** A slip of the pen makes a key so many characters longer or shorter at most. */
const SLIP = 3;
/** Less of what two keys have in common is chance. */
const ALIKE = 0.5;

/** The key that somebody probably meant. Undefined when none is near. */
export function nearestOption(key: string, known: readonly string[]): string | undefined {
  const mine = words(key);
  let best: { key: string; share: number } | undefined;
  for (const candidate of known) {
    const theirs = wordsOf(candidate);
    const shared = mine.filter((word) => theirs.some((it) => same(word, it))).length;
    const share = shared / Math.max(mine.length, theirs.length);
    if (share > (best?.share ?? 0) || (share === best?.share && candidate.length < best.key.length))
      best = { key: candidate, share };
  }
  if (best && best.share > ALIKE) return best.key;
  const close = known.filter((it) => Math.abs(it.length - key.length) <= SLIP);
  return nearest(key, close) ?? (best && best.share === ALIKE ? best.key : undefined);
}
