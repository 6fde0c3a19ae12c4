import type { Type, types } from 'avsc';
import { shortestFloat } from '../decimal.js';
import type { NoIdentity } from '../extractor.js';
import { UUID_RAW, UUID_TEXT } from '../uuid.js';
import type { AvroCursor } from './cursor.js';
import { isDecimal, isUuid } from './schema.js';
import { article, indexBelow, kindOf, physical, skipper, type Walk } from './skip.js';

/** Reads a value and appends it to the cursor's writer. */
type Write = (cursor: AvroCursor) => 'found' | NoIdentity;

const NULL: Write = ({ out }) => out.missing('its identity is null');

/** A walk over the wanted value that writes it down. @returns undefined for what cannot be an identity. */
export function wanted(type: Type): Walk | undefined {
  const write = writerOf(type);
  if (!write) return undefined;
  return (cursor) => {
    // A map may hold a key twice: the last one wins.
    cursor.out.end = cursor.mark;
    cursor.outcome = write(cursor);
  };
}

function writerOf(type: Type): Write | undefined {
  const of = physical(type);
  switch (kindOf(type)) {
    case 'null':
      return NULL;
    case 'boolean':
      return (cursor) => cursor.out.boolean(cursor.boolean());
    case 'int':
    case 'long':
      return (cursor) => cursor.out.integer(cursor.long());
    case 'float':
      return (cursor) => {
        cursor.skip(4);
        return cursor.out.decimal(shortestFloat(cursor.bytes.readFloatLE(cursor.at - 4)));
      };
    case 'double':
      return (cursor) => {
        cursor.skip(8);
        return cursor.out.decimal(String(cursor.bytes.readDoubleLE(cursor.at - 8)));
      };
    case 'string':
      return isUuid(type) ? sized(uuidOrText) : sized((c, start) => c.out.text(c.bytes, start, c.at));
    case 'bytes':
      return sized(isDecimal(type) ? decimalOf(type.scale) : octets);
    case 'fixed': {
      const { size } = of as types.FixedType;
      const write = isDecimal(type) ? decimalOf(type.scale) : isUuid(type) && size === UUID_RAW ? rawUuid : octets;
      return (cursor) => {
        cursor.skip(size);
        return write(cursor, cursor.at - size);
      };
    }
    case 'enum': {
      const symbols = (of as types.EnumType).symbols.map((symbol) => Buffer.from(symbol));
      return (cursor) => {
        const symbol = symbols[indexBelow(cursor, symbols.length)] as Buffer;
        return cursor.out.text(symbol, 0, symbol.length);
      };
    }
    case 'union':
      return union((of as types.WrappedUnionType).types);
    default:
      return undefined;
  }
}

/** A value whose bytes are [start, cursor.at). */
type WriteSized = (cursor: AvroCursor, start: number) => 'found' | NoIdentity;

function sized(write: WriteSized): Write {
  return (cursor) => {
    const size = cursor.size();
    cursor.skip(size);
    return write(cursor, cursor.at - size);
  };
}

const octets: WriteSized = ({ out, bytes, at }, start) => out.octets(bytes, start, at);
const rawUuid: WriteSized = ({ out, bytes }, start) => out.uuidBytes(bytes, start);
// The schema says that it is a UUID, whose spelling does not matter; what is none stays the text that it is.
const uuidOrText: WriteSized = ({ out, bytes, at }, start) =>
  at - start === UUID_TEXT && out.uuidText(bytes, start, at) === 'found' ? 'found' : out.text(bytes, start, at);

/** Two's complement, the highest byte first. */
const decimalOf =
  (scale: number): WriteSized =>
  ({ out, bytes, at }, start) => {
    const size = at - start;
    const unscaled = size === 0 ? 0n : BigInt.asIntN(8 * size, BigInt(`0x${bytes.toString('hex', start, at)}`));
    return out.decimal(`${unscaled}e${-scale}`);
  };

/** A branch that cannot be an identity makes the records that have it unreadable. */
function union(branches: readonly Type[]): Write | undefined {
  const skip = skipper();
  const able = branches.map(writerOf);
  if (able.every((write, i) => !write || kindOf(branches[i] as Type) === 'null')) return undefined;
  const writes = branches.map((branch, i): Write => {
    const over = skip(branch);
    const why = `its identity is ${article(kindOf(branch))}`;
    return (
      able[i] ??
      ((cursor) => {
        over(cursor);
        return cursor.out.unreadable(why);
      })
    );
  });
  return (cursor) => (writes[indexBelow(cursor, writes.length)] as Write)(cursor);
}
