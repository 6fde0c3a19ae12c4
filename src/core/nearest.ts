/** Levenshtein distance; both texts are short here. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The known word that `text` is probably a slip of. Undefined when none is near. */
export function nearest(text: string, known: readonly string[]): string | undefined {
  if (text.length > 60) return undefined;
  const plain = (word: string) => word.toLowerCase().replaceAll(/[-_ ]/g, '');
  const ranked = known
    .map((word) => ({ word, away: distance(plain(text), plain(word)) }))
    .sort((a, b) => a.away - b.away);
  const best = ranked[0];
  return best && best.away <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined;
}
