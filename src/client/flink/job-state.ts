/** States of a job that has ended for good. */
export const ENDED: ReadonlySet<string> = new Set(['CANCELED', 'FAILED', 'FINISHED']);
