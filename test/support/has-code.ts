import { type ErrorCode, FlinchError } from '../../src/core/error.js';

/** For assert.throws and assert.rejects: a FlinchError of this code whose message says this. */
export const hasCode =
  (code: ErrorCode, says: RegExp = /./) =>
  (error: unknown): boolean => {
    if (error instanceof FlinchError && error.code === code && says.test(error.message)) return true;
    throw new Error(`expected ${code} ${says}, got ${error}`, { cause: error });
  };
