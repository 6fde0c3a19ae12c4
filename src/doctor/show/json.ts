import type { Finding } from '../examine.js';

/** Raised when a field changes its meaning. */
const FORMAT = 1;

export const asJson = (findings: readonly Finding[], files: readonly string[]): string =>
  `${JSON.stringify({ format: FORMAT, files, findings }, null, 2)}\n`;
