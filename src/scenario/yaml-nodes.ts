import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Pair, type YAMLMap } from 'yaml';
import type { Complaint } from './explain.js';
import { show } from './show.js';

export interface Position {
  line: number;
  column: number;
}

type Doc = Document.Parsed;
interface Placed extends Complaint {
  position: Position;
}

export const at = (lines: LineCounter, offset: number): Position => {
  const { line, col } = lines.linePos(Math.max(0, offset));
  return { line: Math.max(1, line), column: Math.max(1, col) };
};

const startOf = (node: unknown): number | undefined =>
  (node as { range?: [number, number, number] | null })?.range?.[0];

const resolved = (node: unknown, doc: Doc): unknown => (isAlias(node) ? node.resolve(doc) : node);

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  // Of a key written twice the last one counts, as for the value itself.
  map.items.findLast((pair) => isScalar(pair.key) && String(pair.key.value ?? '') === key);

/** Where a path lies: its value, or its key where the key is wrong; of what is missing, the map that should have it. */
export function locate(doc: Doc, lines: LineCounter, path: readonly PropertyKey[], atKey: boolean): Position {
  let node: unknown = doc.contents;
  let best = startOf(node) ?? 0;
  for (const [i, part] of path.entries()) {
    const inside = resolved(node, doc);
    if (isMap(inside) && typeof part === 'string') {
      const pair = pairOf(inside, part);
      if (!pair) break;
      const keyStart = startOf(pair.key) ?? best;
      const last = i === path.length - 1;
      // The value of a map is best found by the key it stands under.
      const onKey = (last && atKey) || isMap(resolved(pair.value, doc)) || !pair.value;
      best = onKey ? keyStart : (startOf(pair.value) ?? keyStart);
      node = pair.value;
    } else if (isSeq(inside) && typeof part === 'number') {
      node = inside.items[part];
      best = startOf(node) ?? best;
    } else break;
  }
  return at(lines, best);
}

/** What plain objects cannot show: keys written twice, keys that are not text, aliases of nothing. Depth is bounded before. */
export function structuralMistakes(doc: Doc, lines: LineCounter): { found: Placed[]; plain: boolean } {
  const found: Placed[] = [];
  // False when a key is no scalar: such a map is no plain object.
  let plain = true;
  const place = (node: unknown, fallback: number) => at(lines, startOf(node) ?? fallback);
  const walk = (node: unknown, path: PropertyKey[], offset: number): void => {
    const start = startOf(node) ?? offset;
    if (isAlias(node) && node.resolve(doc) === undefined) {
      const sentence = `the alias *${node.source} has no anchor before it; write the value out`;
      found.push({ path, atKey: false, sentence, position: place(node, start) });
    }
    if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item, [...path, i], start);
    if (!isMap(node)) return;
    const first = new Map<string, number>();
    for (const pair of node.items) {
      const position = place(pair.key, start);
      if (!isScalar(pair.key)) plain = false;
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      const inside = [...path, isScalar(pair.key) ? String(key ?? '') : '?'];
      const wrong = keyMistake(pair.key, key, first.get(String(key)));
      if (wrong) found.push({ path: inside, atKey: true, sentence: wrong, position });
      if (typeof key === 'string' && !first.has(key)) first.set(key, position.line);
      walk(pair.value, inside, start);
    }
  };
  walk(doc.contents, [], 0);
  return { found, plain };
}

function keyMistake(node: unknown, key: unknown, before: number | undefined): string | undefined {
  if (!isScalar(node)) return 'a list, map or alias is no key; write a plain word';
  if (typeof key !== 'string') return `the key ${show(key)} is not text; write a plain word`;
  if (key === '__proto__') return 'is not a key that is ever known; remove it';
  if (key === '<<') return 'merge keys are not part of YAML 1.2; write the keys out';
  return before === undefined ? undefined : `the key is written twice, first on line ${before}; keep one`;
}
