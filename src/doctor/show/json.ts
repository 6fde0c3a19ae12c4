import type { Finding } from '../examine.js';

/** Raised when a field changes its meaning. */
const FORMAT = 1;

/** @param of the files, or the cluster @param problems what could not be asked */
export const asJson = (findings: readonly Finding[], of: readonly string[], problems: readonly string[] = []): string =>
  `${JSON.stringify({ format: FORMAT, of, findings, problems }, null, 2)}\n`;
