import type { Type, types } from 'avsc';
import { type AvroCursor, DAMAGED } from './cursor.js';

/** Goes from the first byte of a value to behind its last. */
export type Walk = (cursor: AvroCursor) => void;

const FIXED_WIDTH: Readonly<Record<string, number>> = { null: 0, float: 4, double: 8 };

/** What a type is made of, below its logical type. */
export const physical = (type: Type): Type =>
  type.typeName.startsWith('logical:') ? (type as types.LogicalType).underlyingType : type;

/** The kind of a type as Avro names it. */
export const kindOf = (type: Type): string => physical(type).typeName.replace(/:.*/, '').replace('error', 'record');

export const article = (kind: string): string => (/^[aei]/.test(kind) ? `an ${kind}` : `a ${kind}`);

/** Makes the walks over values of types; a type that holds itself has one walk. */
export function skipper(): (type: Type) => Walk {
  const walks = new Map<Type, Walk>();
  return function skip(type: Type): Walk {
    const known = walks.get(type);
    if (known) return known;
    let walk: Walk | undefined;
    walks.set(type, (cursor) => (walk as Walk)(cursor));
    walk = make(type, skip);
    walks.set(type, walk);
    return walk;
  };
}

function make(type: Type, skip: (type: Type) => Walk): Walk {
  const of = physical(type);
  const kind = kindOf(type);
  const width = kind === 'fixed' ? (of as types.FixedType).size : FIXED_WIDTH[kind];
  if (width !== undefined) return (cursor) => cursor.skip(width);
  switch (kind) {
    case 'boolean':
      return (cursor) => void cursor.boolean();
    case 'int':
    case 'long':
      return (cursor) => cursor.skipLong();
    case 'bytes':
    case 'string':
      return (cursor) => cursor.skip(cursor.size());
    case 'enum': {
      const { length } = (of as types.EnumType).symbols;
      return (cursor) => void indexBelow(cursor, length);
    }
    case 'union':
      return inUnion((of as types.WrappedUnionType).types.map(skip));
    case 'array':
      return blocks(skip((of as types.ArrayType).itemsType));
    case 'map': {
      const value = skip((of as types.MapType).valuesType);
      return blocks((cursor) => {
        cursor.skip(cursor.size());
        value(cursor);
      });
    }
    default:
      return inOrder((of as types.RecordType).fields.map((field) => skip(field.type)));
  }
}

/** The number of a symbol or branch. */
export function indexBelow(cursor: AvroCursor, length: number): number {
  const index = cursor.count();
  if (index < 0 || index >= length) throw DAMAGED;
  return index;
}

export function inUnion(branches: readonly Walk[]): Walk {
  return (cursor) => (branches[indexBelow(cursor, branches.length)] as Walk)(cursor);
}

export function inOrder(fields: readonly Walk[]): Walk {
  return (cursor) => {
    for (let i = 0; i < fields.length; i++) (fields[i] as Walk)(cursor);
  };
}

/** The items of an array or a map. @param whole walk each one although the block tells its length in bytes */
export function blocks(item: Walk, whole = false): Walk {
  return (cursor) => {
    for (;;) {
      let count = cursor.count();
      if (count === 0) return;
      if (count < 0) {
        const size = cursor.size();
        if (!whole) {
          cursor.skip(size);
          continue;
        }
        count = -count;
      }
      for (let i = 0; i < count; i++) {
        const before = cursor.at;
        item(cursor);
        // Items without bytes: a damaged count must not keep us for ever.
        if (cursor.at === before) break;
      }
    }
  };
}
