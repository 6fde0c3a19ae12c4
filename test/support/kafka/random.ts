export interface Random {
  /** A whole number of 0 to below `n`. */
  upTo(n: number): number;
}

/** The same numbers for the same seed, on every machine (mulberry32). */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { upTo: (n) => Math.floor(next() * n) };
}
