import type { Type, types } from 'avsc';
import type { AvroCursor } from './cursor.js';
import { article, blocks, inOrder, inUnion, kindOf, physical, skipper, type Walk } from './skip.js';
import { wanted } from './value.js';

/** The path leads nowhere in the schema; the message ends a sentence. */
export class NoSuchField extends Error {}

/**
 * A walk over the whole of a value that writes down what is at `path` (names of fields, keys of maps).
 * @throws NoSuchField
 */
export function locate(type: Type, path: readonly string[]): Walk {
  const skip = skipper();

  function walk(of: Type, depth: number): Walk {
    const name = path[depth];
    const here = path.slice(0, depth).join('.') || 'the schema';
    if (name === undefined) {
      const walk = wanted(of);
      if (!walk) throw new NoSuchField(`${here} is ${article(kindOf(of))}${inside(of)}`);
      return walk;
    }
    switch (kindOf(of)) {
      case 'record': {
        const { fields } = physical(of) as types.RecordType;
        if (!fields.some((field) => field.name === name)) {
          throw new NoSuchField(`${here} has no field ${name}${inside(of)}`);
        }
        return inOrder(fields.map((field) => (field.name === name ? walk(field.type, depth + 1) : skip(field.type))));
      }
      case 'map':
        return inMap(
          Buffer.from(name),
          walk((physical(of) as types.MapType).valuesType, depth + 1),
          skip(valuesOf(of)),
        );
      case 'union':
        return branches((physical(of) as types.WrappedUnionType).types, depth, here);
      default:
        throw new NoSuchField(`${here} is ${article(kindOf(of))}, which has no ${name}`);
    }
  }

  /** In at least one branch there must be something; the others have no identity. */
  function branches(types: readonly Type[], depth: number, here: string): Walk {
    let trouble: unknown;
    let leads = false;
    const walks = types.map((branch) => {
      try {
        const found = walk(branch, depth);
        leads = true;
        return found;
      } catch (error) {
        if (!(error instanceof NoSuchField)) throw error;
        if (kindOf(branch) !== 'null') trouble ??= error;
        return skip(branch);
      }
    });
    if (!leads) throw trouble ?? new NoSuchField(`${here} is always null`);
    return inUnion(walks);
  }
  return walk(type, 0);
}

const valuesOf = (map: Type): Type => (physical(map) as types.MapType).valuesType;

/** What one may have meant. */
function inside(type: Type): string {
  if (kindOf(type) !== 'record') return '';
  const names = (physical(type) as types.RecordType).fields.map((field) => field.name);
  const shown = names.slice(0, 12).join(', ');
  return `; its fields are ${shown}${names.length > 12 ? ', ...' : ''}`;
}

function inMap(key: Buffer, found: Walk, other: Walk): Walk {
  const entry = (cursor: AvroCursor): void => {
    const size = cursor.size();
    const start = cursor.at;
    cursor.skip(size);
    if (size === key.length && key.compare(cursor.bytes, start, cursor.at) === 0) found(cursor);
    else other(cursor);
  };
  return blocks(entry, true);
}
