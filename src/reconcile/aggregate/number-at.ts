import type { RecordView } from '../../client/kafka/records/record-batch.js';
import { FlinchError } from '../../core/error.js';
import { PointerScan, parsePointer } from '../identity/json-pointer.js';
import { parseScaled, type Scaled } from './scaled.js';

/** The number at a JSON pointer in the values of records. */
export class NumberAt {
  readonly #pointer: string;
  readonly #scan: PointerScan;
  /** Why the last one could not be read; ends a sentence that names the record. */
  reason = '';

  constructor(pointer: string) {
    const steps = parsePointer(pointer);
    if (typeof steps === 'string') throw new FlinchError('INTERNAL', { what: `${pointer} ${steps}` });
    this.#pointer = pointer;
    this.#scan = new PointerScan(steps);
  }

  /** @returns null where there is null or nothing, as SQL has it; undefined where it is not a number. */
  of({ buffer, valueStart, valueEnd }: RecordView): Scaled | null | undefined {
    const scan = this.#scan;
    if (valueStart < 0 || !scan.scan(buffer, valueStart, valueEnd)) {
      this.reason = valueStart < 0 ? 'it has no value' : 'its value is not JSON';
      return undefined;
    }
    if (scan.start < 0) return null;
    const first = buffer[scan.start] as number;
    if (first === 0x6e) return null;
    const isNumber = first === 0x2d || (first >= 0x30 && first <= 0x39);
    const number = isNumber ? parseScaled(buffer.toString('latin1', scan.start, scan.end)) : undefined;
    if (!number) this.reason = `what it has at ${this.#pointer || 'the root'} is not a number that can be added`;
    return number;
  }
}
