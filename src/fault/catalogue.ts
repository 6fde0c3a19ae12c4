import { FlinchError } from '../core/error.js';
import { cutCommit } from './cut-commit.js';
import type { Fault } from './fault.js';
import { kill } from './kill.js';
import { pause } from './pause.js';

/** A fault whose options were validated by its schema and whose undo record it wrote itself. */
export type AnyFault = Fault<unknown, unknown>;

const FAULTS = new Map<string, AnyFault>([
  [kill.name, kill as AnyFault],
  [pause.name, pause as AnyFault],
  [cutCommit.name, cutCommit as AnyFault],
]);

/** Names of all faults. */
export const faultNames = (): string[] => [...FAULTS.keys()];

/** The fault of that name. @throws FlinchError SCENARIO_INVALID */
export function faultNamed(name: string): AnyFault {
  const fault = FAULTS.get(name);
  if (!fault) throw new FlinchError('SCENARIO_INVALID', { what: `there is no fault named ${name}` });
  return fault;
}
