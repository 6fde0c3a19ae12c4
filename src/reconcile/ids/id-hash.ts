/** A hash of the `count` words at `at` that hold an id of `length` bytes. A signed 32-bit number. */
export type HashWords = (
  words: Uint32Array,
  at: number,
  count: number,
  length: number,
  key0: number,
  key1: number,
) => number;

/**
 * HalfSipHash-1-3 with the length as a word of its own. Keyed, unlike Murmur and its kin, whose collisions hold for
 * every seed: without the key nobody can make up ids that degrade the table.
 */
export const halfSipHash: HashWords = (words, at, count, length, key0, key1) => {
  let v0 = key0 | 0;
  let v1 = key1 | 0;
  let v2 = key0 ^ 0x6c796765;
  let v3 = key1 ^ 0x74656462;
  const end = at + count;
  // One round for each word, one for the length, three to finish.
  for (let i = at; i < end + 4; i++) {
    const word = i < end ? words[i]! | 0 : i === end ? length | 0 : 0;
    if (i === end + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
};
