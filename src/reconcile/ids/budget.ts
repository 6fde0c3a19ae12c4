import { FlinchError } from '../../core/error.js';

const MIB = 1024 * 1024;
export const SMALLEST_BUDGET = 16 * 1024;
/** Bytes of one id's entry in the table, and of what only some ids need (see id-table.ts). */
export const ENTRY_WORDS = 16;
export const RARE_WORDS = 14;

/** How a memory budget is shared out. Bytes unless the name says otherwise. */
export interface Shares {
  /** The table: slots, entries, ids. */
  table: number;
  entriesPerPage: number;
  arenaPage: number;
  /** Files that what does not fit is spread over, a power of two. */
  files: number;
  /** The write buffer of one file. */
  write: number;
  read: number;
  longestId: number;
}

/** The greatest power of two that is not above `value`, held between two powers of two. */
const powerOfTwo = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, 2 ** Math.floor(Math.log2(value))));

/**
 * Three quarters for the table, an eighth to write through, a sixteenth to read through; the last sixteenth is for the
 * id at hand and slack. An id may have a thirty-second of the budget, 2 MiB at most, so that the table and the read
 * buffer take any id.
 * @throws FlinchError USAGE below 16 KiB.
 */
export function shareOut(budgetBytes: number): Shares {
  if (!(budgetBytes >= SMALLEST_BUDGET)) {
    throw new FlinchError('USAGE', {
      what: `a memory budget of ${budgetBytes} bytes is too small to count ids`,
      todo: `give at least ${SMALLEST_BUDGET / 1024} KiB; 256 MiB is a good start`,
    });
  }
  const table = Math.floor((budgetBytes / 4) * 3);
  const files = powerOfTwo(budgetBytes / 8 / (64 * 1024), 4, 64);
  return {
    table,
    entriesPerPage: powerOfTwo(table / 16 / ((ENTRY_WORDS + RARE_WORDS) * 4), 4, 8192),
    arenaPage: powerOfTwo(table / 32, 256, MIB),
    files,
    write: powerOfTwo(budgetBytes / 8 / files, 512, MIB / 4),
    read: Math.min(4 * MIB, Math.floor(budgetBytes / 64) * 4),
    longestId: Math.min(2 * MIB, Math.floor(budgetBytes / 32)),
  };
}
