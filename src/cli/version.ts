import { readFileSync } from 'node:fs';

/** Flinch's own version. */
export const flinchVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
