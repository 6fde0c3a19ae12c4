import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { InvariantSpec } from '../../core/record-spec.js';
import { NumberAt } from './number-at.js';
import { compareScaled, minus, NOTHING, parseScaled, plus, type Scaled } from './scaled.js';
import { CountTotal, ExtremeTotal, SumTotal, type Total } from './totals.js';

/** One invariant, ready to read records. */
export interface Invariant {
  spec: InvariantSpec;
  total(): Total;
  /** The number that a source record adds; null for none, undefined where it is not a number (see `reason`). */
  source(record: RecordView): Scaled | null | undefined;
  /** What a record of the sink says. */
  sink(record: RecordView): Scaled | null | undefined;
  tolerance: Scaled;
  /** Whether what the sink says is what the source comes to. */
  holds(expected: Scaled | null, found: Scaled | null): boolean;
  /** Why the last number could not be read. */
  readonly reason: string;
}

export function compileInvariant(spec: InvariantSpec): Invariant {
  const from = spec.kind === 'count' ? undefined : new NumberAt(spec.source);
  const to = new NumberAt(spec.sink);
  const tolerance = (spec.kind === 'sum' && parseScaled(String(spec.tolerance))) || NOTHING;
  let reason = '';
  const read = (at: NumberAt, record: RecordView) => {
    const number = at.of(record);
    if (number === undefined) ({ reason } = at);
    return number;
  };
  return {
    spec,
    total: () =>
      spec.kind === 'count' ? new CountTotal() : spec.kind === 'sum' ? new SumTotal() : new ExtremeTotal(spec.kind),
    source: (record) => (from ? read(from, record) : null),
    sink: (record) => read(to, record),
    tolerance,
    holds(expected, found) {
      if (expected === null || found === null) return expected === found;
      return (
        compareScaled(found, minus(expected, tolerance)) >= 0 && compareScaled(found, plus(expected, tolerance)) <= 0
      );
    },
    get reason() {
      return reason;
    },
  };
}
