import { FlinchError } from './error.js';

/** How a quantity is written: a number and one of these units. `pattern` accepts exactly what `parse` accepts. */
export interface Measure {
  readonly name: string;
  /** What to write, for people. */
  readonly form: string;
  readonly pattern: RegExp;
  /** What a number without a unit most likely lacks. */
  readonly usual: string;
  /** The value in the base unit. @throws FlinchError USAGE when the unit is missing or unknown. */
  parse(text: string): number;
}

const NUMBER = String.raw`(\d+(?:\.\d+)?)`;

/** Units that people write and that are not ours, with what was probably meant. */
const MEANT: Readonly<Record<string, string>> = {
  m: 'min',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  mins: 'min',
  minute: 'min',
  minutes: 'min',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  k: 'KiB',
  kb: 'kB',
  mb: 'MB',
  gb: 'GB',
  g: 'GiB',
};

function measure(
  name: string,
  form: string,
  usual: string,
  between: string,
  units: Readonly<Record<string, number>>,
  value: (amount: number, unit: number) => number,
): Measure {
  const pattern = new RegExp(`^${NUMBER}${between}(${Object.keys(units).join('|')})$`);
  const anyUnit = new RegExp(`^${NUMBER}${between}([A-Za-z]+)$`);
  const fail = (what: string): never => {
    throw new FlinchError('USAGE', { what });
  };
  return {
    name,
    form,
    pattern,
    usual,
    parse(text) {
      const match = pattern.exec(text);
      const result = match ? value(Number(match[1]), units[match[2] as string] as number) : Number.NaN;
      if (Number.isFinite(result)) return result;
      const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
      const [, amount, unit = ''] = anyUnit.exec(text) ?? [];
      const meant = MEANT[unit.toLowerCase()] ?? unit.toLowerCase();
      if (!match && amount !== undefined && Object.hasOwn(units, meant)) {
        return fail(`${shown} has the unknown unit ${unit}; write ${text.slice(0, -unit.length)}${meant}`);
      }
      if (/^\d+(\.\d+)?$/.test(text)) return fail(`${shown} has no unit; write ${text}${usual}`);
      return fail(`${shown} is not a ${name}; write ${form}`);
    },
  };
}

const SECOND = 1000;
const DURATION_UNITS = { ms: 1, s: SECOND, min: 60 * SECOND, h: 3600 * SECOND, d: 86_400 * SECOND };
const SIZE_UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, kB: 1e3, MB: 1e6, GB: 1e9 };

export const DURATION_FORM = 'a number with a unit: 250ms, 1.5s, 2min, 1h, 1d';
export const SIZE_FORM = 'a number with a unit: 64MiB, 1GiB, 500kB';
export const RATE_FORM = 'a number of records per time: 1000/s, 60/min';

/** Milliseconds, to the microsecond: 1.005s is 1005, not 1004.9999999999999. */
export const DURATION: Measure = measure(
  'duration',
  DURATION_FORM,
  's',
  ' ?',
  DURATION_UNITS,
  (amount, unit) => Math.round(amount * unit * 1000) / 1000,
);
/** Bytes. */
export const SIZE: Measure = measure('size', SIZE_FORM, 'MiB', ' ?', SIZE_UNITS, (amount, unit) =>
  Math.round(amount * unit),
);
/** Records a second. */
export const RATE: Measure = measure(
  'rate',
  RATE_FORM,
  '/s',
  ' ?/ ?',
  { s: 1, min: 60, h: 3600 },
  (amount, unit) => amount / unit,
);

/** Percent. */
export const SHARE: Measure = measure(
  'share',
  'a number of percent: 5%, 30%',
  '%',
  ' ?',
  { '%': 1 },
  (amount) => amount,
);
/** Bytes a second. */
export const BANDWIDTH: Measure = measure(
  'bandwidth',
  'a size per second: 64KiB/s, 1MB/s',
  'kB/s',
  ' ?',
  Object.fromEntries(Object.entries(SIZE_UNITS).map(([unit, bytes]) => [`${unit}/s`, bytes])),
  (amount, unit) => Math.round(amount * unit),
);

/** Milliseconds of "250ms", "1.5s", "2min", "1h" or "1d". @throws FlinchError USAGE when the unit is missing or unknown. */
export const parseDuration = (text: string): number => DURATION.parse(text);

/** Bytes of "64MiB", "500kB" and so on. @throws FlinchError USAGE */
export const parseSize = (text: string): number => SIZE.parse(text);

/** Records a second of "1000/s", "60/min" and so on. @throws FlinchError USAGE */
export const parseRate = (text: string): number => RATE.parse(text);

/** Milliseconds for people: "7.76 s", "40 ms", "2 min 5 s". */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unbounded';
  if (Math.abs(Math.round(ms)) < SECOND) return `${Math.round(ms)} ms`;
  if (Math.abs(ms) < 120 * SECOND) return `${(ms / SECOND).toFixed(2)} s`;
  const seconds = Math.round(ms / SECOND);
  return `${Math.trunc(seconds / 60)} min ${Math.abs(seconds % 60)} s`;
}

/** Milliseconds as a scenario writes them, in the largest unit that needs no fraction: "10min", "1500ms". */
export function writeDuration(ms: number): string {
  const [unit, factor] = Object.entries(DURATION_UNITS)
    .reverse()
    .find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1];
  return `${ms / factor}${unit}`;
}

/** Bytes as a scenario writes them: "192MiB". */
export function writeSize(bytes: number): string {
  const [unit, factor] = [...(['GiB', 'MiB', 'KiB'] as const)]
    .map((name) => [name, SIZE_UNITS[name]] as const)
    .find(([, size]) => bytes >= size && bytes % size === 0) ?? ['B', 1];
  return `${bytes / factor}${unit}`;
}
