import { withDeadline } from '../../core/deadline.js';
import { messageOf } from '../../core/error.js';

/** What must be undone however the run ends: the latest first, each with its own deadline, none hidden by another. */
export interface Cleanups {
  /** @param within milliseconds */
  push(what: string, within: number, undo: () => Promise<void> | void): void;
  /** Undoes everything once; returns a line for each that failed. */
  run(): Promise<string[]>;
}

export function cleanups(): Cleanups {
  const stack: { what: string; within: number; undo: () => Promise<void> | void }[] = [];
  return {
    push: (what, within, undo) => {
      stack.push({ what, within, undo });
    },
    async run() {
      const failed: string[] = [];
      for (let next = stack.pop(); next; next = stack.pop()) {
        const { what, within, undo } = next;
        try {
          await withDeadline(what, within, async () => undo());
        } catch (error) {
          failed.push(`${what}: ${messageOf(error)}`);
        }
      }
      return failed;
    },
  };
}
