import { messageOf } from '../../../core/error.js';
import type { NoIdentity } from '../extractor.js';
import type { IdentityWriter } from '../identity-writer.js';
import { AvroCursor } from './cursor.js';
import { locate } from './locate.js';
import { parseAvroSchema } from './schema.js';

/** Writes what is at one path of values of one schema. */
export type AvroReader = (bytes: Buffer, start: number, end: number, out: IdentityWriter) => 'found' | NoIdentity;

/**
 * The reader of values of the last of `texts`; the others are what it refers to. The whole value is walked: bytes that
 * are not of the schema are unreadable, wherever they deviate.
 * @throws an Error whose message ends the sentence "the schema ..."
 */
export async function openAvroReader(texts: readonly string[], path: readonly string[]): Promise<AvroReader> {
  const type = await parseAvroSchema(texts).catch((error: unknown) => {
    throw new Error(`is not Avro (${messageOf(error)})`, { cause: error });
  });
  const walk = locate(type, path);
  const cursor = new AvroCursor();
  return (bytes, start, end, out) => {
    cursor.bytes = bytes;
    cursor.at = start;
    cursor.end = end;
    cursor.out = out;
    cursor.mark = out.end;
    cursor.outcome = out.missing('its identity is null, or not in the branch that it has');
    try {
      walk(cursor);
    } catch {
      // Damage of any kind, e.g. lists that hold lists until the stack is full.
      return out.unreadable('it is not of its Avro schema');
    }
    if (cursor.at !== end) return out.unreadable('bytes follow what its Avro schema describes');
    return cursor.outcome;
  };
}
