import { FlinchError } from '../core/error.js';
import type { Relation } from '../core/record-spec.js';

export type { Relation } from '../core/record-spec.js';

/** How many records at the sink each record at the source gives. */
export interface Multiplicity {
  least: number;
  most: number;
}

/** @throws FlinchError USAGE when `times` is not a whole number above 0. */
export function multiplicityOf(relation: Relation): Multiplicity {
  if (relation.kind !== 'one-to-many') return { least: 1, most: 1 };
  const { times } = relation;
  if (times === undefined) return { least: 1, most: Number.POSITIVE_INFINITY };
  if (Number.isSafeInteger(times) && times > 0) return { least: times, most: times };
  throw new FlinchError('USAGE', {
    what: `one-to-many with times: ${times}`,
    todo: 'give a whole number above 0, or leave it out where each source record may come out any number of times',
  });
}
