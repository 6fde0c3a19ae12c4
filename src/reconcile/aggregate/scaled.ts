import { parseDecimal } from '../identity/decimal.js';

/** An exact number for sums: `units` / 10^`scale`. */
export interface Scaled {
  units: bigint;
  /** At least 0. */
  scale: number;
}

export const NOTHING: Scaled = { units: 0n, scale: 0 };
/** Digits before and behind the point of numbers that are added: a double has at most 309 and 1074. */
const MOST_DIGITS = 1100;
const PLAIN = /^-?\d{1,40}(?:\.(\d{1,40}))?$/;

/** @returns undefined for what is not a decimal number, or has more than 1,100 digits before or behind the point. */
export function parseScaled(text: string): Scaled | undefined {
  const plain = PLAIN.exec(text);
  if (plain) {
    const [, fraction] = plain;
    if (fraction === undefined) return { units: BigInt(text), scale: 0 };
    return { units: BigInt(text.replace('.', '')), scale: fraction.length };
  }
  const decimal = parseDecimal(text);
  if (!decimal) return undefined;
  const { negative, digits, exponent } = decimal;
  if (digits === '') return NOTHING;
  // Before anything of that length is built: 1e1000000000 is nine bytes of JSON.
  if (BigInt(digits.length) + exponent > MOST_DIGITS || -exponent > MOST_DIGITS) return undefined;
  const units = BigInt(`${negative ? '-' : ''}${digits}`);
  const power = Number(exponent);
  return power >= 0 ? { units: units * 10n ** BigInt(power), scale: 0 } : { units, scale: -power };
}

const unitsAt = ({ units, scale }: Scaled, wanted: number): bigint =>
  scale === wanted ? units : units * 10n ** BigInt(wanted - scale);

export function plus(a: Scaled, b: Scaled): Scaled {
  if (a.scale === b.scale) return { units: a.units + b.units, scale: a.scale };
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
}

export const minus = (a: Scaled, { units, scale }: Scaled): Scaled => plus(a, { units: -units, scale });

/** Which is greater: negative, 0 or positive. */
export function compareScaled(a: Scaled, b: Scaled): number {
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [unitsAt(a, scale), unitsAt(b, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Digits that are shown. */
const SHOWN = 60;

/** The number as people write it: -12.5, 3; a very long one is cut short in its middle. */
export function showScaled({ units, scale }: Scaled): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const text = `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN / 2)}...${text.slice(-SHOWN / 3)}`;
}
