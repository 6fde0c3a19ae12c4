import { printable } from '../core/printable.js';

/** A value of a scenario in one short, printable piece. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  return printable(JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value));
}

/** `faults[0].kill.node`; keys that are not plain words are quoted. */
export function showPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'document';
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      const key = String(part);
      if (!/^[\w.-]{1,80}$/.test(key)) return `[${show(key)}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join('');
}
