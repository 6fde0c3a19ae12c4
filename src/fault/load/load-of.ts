import { FlinchError } from '../../core/error.js';
import type { LoadControl } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';

/** The load that the run writes itself. @throws FlinchError FAULT_INJECT where it writes none */
export function loadOf({ load }: FaultContext): LoadControl {
  if (load) return load;
  throw new FlinchError('FAULT_INJECT', { what: 'there is no load that the run writes itself' });
}
