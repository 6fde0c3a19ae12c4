/** Value of a hexadecimal digit; -1 for other bytes. */
const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}
const DIGITS = Buffer.from('0123456789abcdef');
const DASH = 0x2d;
/** Whether a dash stands before this byte of the sixteen. */
const dashBefore = (byte: number): boolean => byte === 4 || byte === 6 || byte === 8 || byte === 10;

/** Bytes of a UUID as text. */
export const UUID_TEXT = 36;
/** Bytes of a UUID as such. */
export const UUID_RAW = 16;

/**
 * Writes the UUID whose text is [start, end) of `from`, in small letters with dashes, to `to`; it may lack all its
 * dashes. @returns whether it is a UUID; `to` is spoilt when it is not.
 */
export function copyUuid(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): boolean {
  const dashed = end - start === UUID_TEXT;
  if (!dashed && end - start !== 2 * UUID_RAW) return false;
  let read = start;
  let write = at;
  for (let byte = 0; byte < UUID_RAW; byte++) {
    if (dashBefore(byte)) {
      if (dashed && from[read++] !== DASH) return false;
      to[write++] = DASH;
    }
    const high = HEX[from[read++]!]!;
    const low = HEX[from[read++]!]!;
    if ((high | low) < 0) return false;
    to[write++] = DIGITS[high]!;
    to[write++] = DIGITS[low]!;
  }
  return true;
}

/** Writes the UUID of sixteen bytes as text. */
export function spellUuid(from: Uint8Array, start: number, to: Uint8Array, at: number): void {
  let write = at;
  for (let byte = 0; byte < UUID_RAW; byte++) {
    if (dashBefore(byte)) to[write++] = DASH;
    const value = from[start + byte]!;
    to[write++] = DIGITS[value >>> 4]!;
    to[write++] = DIGITS[value & 15]!;
  }
}
