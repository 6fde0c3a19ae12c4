import type { Scanner } from '../../client/kafka/log/scan/scanner.js';
import { ENTRY_WORDS, type LaneFindings, LaneKernel, RUN_WORDS } from './lane-kernel.js';

/** Words before the runs: how many these are, and one that keeps all behind it where doubles may lie. */
const HEAD_WORDS = 2;

const kernel = new LaneKernel();

/** The kernel, for other threads. */
export const scan: Scanner = (batch) => {
  if (!kernel.read(batch)) return undefined;
  const { words, firstRun, first, runs } = kernel;
  const head = new Int32Array(HEAD_WORDS);
  head[0] = runs;
  return [
    head,
    words.subarray(firstRun, firstRun + runs * RUN_WORDS),
    words.subarray(first, first + batch.count * ENTRY_WORDS),
  ];
};

/** What `scan` found, from its words. */
export function findingsIn(words: Int32Array): LaneFindings {
  const runs = words[0] ?? 0;
  const doubles = new Float64Array(words.buffer, words.byteOffset, words.length >> 1);
  return { words, doubles, first: HEAD_WORDS + runs * RUN_WORDS, firstRun: HEAD_WORDS, runs };
}
