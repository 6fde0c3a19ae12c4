import { isUtf8 } from 'node:buffer';
import type { Identity } from './extractor.js';
import { TAG } from './identity-writer.js';

/** An identity for people: `"a-1"`, `7`, `true`, `0x00ff`, or several joined by ` + `. Never longer than `limit`. */
export function showIdentity({ bytes, start, end }: Identity, limit = 200): string {
  const text = whole(bytes.subarray(start, end), limit).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
}

function whole(identity: Buffer, limit: number): string {
  const body = identity.subarray(1);
  if (identity[0] === TAG.octets) {
    return isUtf8(body) ? JSON.stringify(body.toString('utf8', 0, 4 * limit)) : `0x${body.toString('hex', 0, limit)}`;
  }
  // A number, true or false.
  if (identity[0] !== TAG.compound) return identity.toString('latin1');
  const parts: string[] = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at);
    parts.push(whole(body.subarray(at + 4, at + 4 + length), limit));
    at += 4 + length;
  }
  return parts.join(' + ');
}
