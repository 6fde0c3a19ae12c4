import { FlinchError } from './error.js';

const DURATION: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, kB: 1e3, MB: 1e6, GB: 1e9 };
const RATE: Record<string, number> = { s: 1, min: 60, h: 3600 };

export const DURATION_FORM = 'a number with a unit: 250ms, 1.5s, 2min, 1h, 1d';
export const SIZE_FORM = 'a number with a unit: 64MiB, 1GiB, 500kB';
export const RATE_FORM = 'a number of records per time: 1000/s, 60/min';

function read(text: string, units: Record<string, number>, form: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text);
  const factor = match && Object.hasOwn(units, match[2] as string) ? units[match[2] as string] : undefined;
  if (!match || factor === undefined) throw new FlinchError('USAGE', { what: `"${text}" is not ${form}` });
  return Number(match[1]) * factor;
}

/** Milliseconds of "250ms", "1.5s", "2min", "1h" or "1d". @throws FlinchError USAGE when the unit is missing or unknown. */
export const parseDuration = (text: string): number => read(text, DURATION, DURATION_FORM);

/** Bytes of "64MiB", "500kB" and so on. @throws FlinchError USAGE */
export const parseSize = (text: string): number => Math.round(read(text, SIZE, SIZE_FORM));

/** Records a second of "1000/s", "60/min" and so on. @throws FlinchError USAGE */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?\/ ?([a-z]+)$/.exec(text);
  const per = match && Object.hasOwn(RATE, match[2] as string) ? RATE[match[2] as string] : undefined;
  if (!match || per === undefined) throw new FlinchError('USAGE', { what: `"${text}" is not ${RATE_FORM}` });
  return Number(match[1]) / per;
}

/** Milliseconds for people: "7.76 s", "40 ms", "2 min 5 s". */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unbounded';
  if (Math.abs(ms) < 1000) return `${Math.round(ms)} ms`;
  if (Math.abs(ms) < 120_000) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.trunc(seconds / 60)} min ${seconds % 60} s`;
}
