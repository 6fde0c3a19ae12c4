/** A JSON object. */
export type Fields = Record<string, unknown>;

function wrong(at: string, value: unknown, wanted: string): never {
  const is = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  throw new TypeError(`${at} is ${value === undefined ? 'missing' : is}, not ${wanted}`);
}

/** Throws a TypeError that names the place when the value is not an object; so do the others for their types. */
export function fieldsOf(value: unknown, at = 'the answer'): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong(at, value, 'an object');
  return value as Fields;
}

export function textOf(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === 'string' ? value : wrong(`"${key}"`, value, 'a text');
}

export function numberOf(fields: Fields, key: string): number {
  const value = fields[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : wrong(`"${key}"`, value, 'a number');
}

export function listOf(fields: Fields, key: string): Fields[] {
  const value = fields[key];
  if (!Array.isArray(value)) wrong(`"${key}"`, value, 'a list');
  return value.map((entry, index) => fieldsOf(entry, `"${key}"[${index}]`));
}

/** A text that may be absent or null. */
export function optionalTextOf(fields: Fields, key: string): string | undefined {
  return fields[key] === undefined || fields[key] === null ? undefined : textOf(fields, key);
}

/** An object that may be absent or null. */
export function optionalFieldsOf(fields: Fields, key: string): Fields | undefined {
  return fields[key] === undefined || fields[key] === null ? undefined : fieldsOf(fields[key], `"${key}"`);
}
