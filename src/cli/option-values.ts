import { FlinchError, messageOf } from '../core/error.js';

/** @throws FlinchError USAGE when it is none of them. */
export function oneOf<T extends string>(option: string, text: string, all: readonly T[]): T {
  const found = all.find((it) => it === text);
  if (found === undefined) throw wrongOption(`${option} ${text}`, `write ${all.join(' or ')}`);
  return found;
}

/** A value with a unit. @throws FlinchError USAGE */
export function measured(option: string, text: string, parse: (text: string) => number): number {
  try {
    return parse(text);
  } catch (error) {
    throw wrongOption(`${option} ${text}`, messageOf(error));
  }
}

export const wrongOption = (what: string, todo: string): FlinchError =>
  new FlinchError('USAGE', { what: `${what} is not right`, todo });
