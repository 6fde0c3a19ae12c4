import { FlinchError } from '../../core/error.js';

/** Zeroed memory. @throws FlinchError SPILL when the system has no more. */
export function allocate(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw new FlinchError('SPILL', {
      what: `no memory for another ${bytes} bytes`,
      todo: 'give a smaller memory budget: what does not fit goes to disk',
      cause,
    });
  }
}
