import { TAG } from '../identity/identity-writer.js';

/** The bytes of an identity, as the reader has them, from the text that `identitySql` makes of it. */
export function identityBytes(text: string): Buffer {
  const body = text.slice(1);
  switch (text[0]) {
    case '"':
      return Buffer.concat([Buffer.of(TAG.octets), Buffer.from(body)]);
    case 'x':
      return Buffer.concat([Buffer.of(TAG.octets), Buffer.from(body, 'latin1')]);
    case '[':
      return Buffer.concat([Buffer.of(TAG.compound), ...parts(body).flatMap(withLength)]);
    default:
      return Buffer.from(text, 'latin1');
  }
}

const withLength = (part: Buffer): Buffer[] => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return [length, part];
};

/** "3:"a-2:7" holds `"a-` and `7`. Flink counts characters, not the halves of those that JavaScript has in two. */
function parts(text: string): Buffer[] {
  const characters = [...text];
  const found: Buffer[] = [];
  for (let at = 0; at < characters.length; ) {
    const colon = characters.indexOf(':', at);
    const end = colon + 1 + Number(characters.slice(at, colon).join(''));
    found.push(identityBytes(characters.slice(colon + 1, end).join('')));
    at = end;
  }
  return found;
}
