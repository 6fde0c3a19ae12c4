/** A number exactly as it was written: `digits` times ten to the `exponent`; no zeros at either end of `digits`. */
export interface Decimal {
  negative: boolean;
  /** Empty for zero. */
  digits: string;
  exponent: bigint;
}

/** Numbers of up to this many digits are written out; longer ones with an exponent, so that 1e1000000 stays short. */
export const PLAIN_DIGITS = 40;

const PARTS = /^([-+]?)(\d+)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/;
const ZERO = 0x30;

/** @returns undefined for what is not a decimal number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = PARTS.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const all = whole + fraction;
  let [from, to] = [0, all.length];
  while (from < to && all.charCodeAt(from) === ZERO) from++;
  while (to > from && all.charCodeAt(to - 1) === ZERO) to--;
  if (from === to) return { negative: false, digits: '', exponent: 0n };
  const exponent = BigInt(power.replace('+', '')) - BigInt(fraction.length) + BigInt(all.length - to);
  return { negative: sign === '-', digits: all.slice(from, to), exponent };
}

/** The one way to write a number: 1.0, 1 and 10e-1 are "1"; -0 is "0". */
export function writeDecimal({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  const point = BigInt(digits.length) + exponent;
  if (exponent >= 0n && point <= PLAIN_DIGITS) return sign + digits + '0'.repeat(Number(exponent));
  if (exponent < 0n && point > 0n && digits.length <= PLAIN_DIGITS) {
    return `${sign}${digits.slice(0, Number(point))}.${digits.slice(Number(point))}`;
  }
  if (point <= 0n && -exponent <= PLAIN_DIGITS) return `${sign}0.${'0'.repeat(Number(-point))}${digits}`;
  return `${sign}${digits}e${exponent}`;
}

/** Which of two numbers is greater, exactly: negative, 0 or positive. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signs = signOf(a) - signOf(b);
  if (signs !== 0 || a.digits === '') return signs;
  const direction = a.negative ? -1 : 1;
  const size = BigInt(a.digits.length) + a.exponent - (BigInt(b.digits.length) + b.exponent);
  if (size !== 0n) return size > 0n ? direction : -direction;
  // The same power of ten: without zeros at their ends, digits compare like words.
  return a.digits === b.digits ? 0 : a.digits > b.digits ? direction : -direction;
}

const signOf = ({ negative, digits }: Decimal): number => (digits === '' ? 0 : negative ? -1 : 1);

/** A float's shortest decimal that reads back as the same float: 0.1, not 0.10000000149011612. */
export function shortestFloat(value: number): string {
  for (let precision = 6; precision < 9; precision++) {
    const text = value.toPrecision(precision);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toPrecision(9);
}
