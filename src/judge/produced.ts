import { highest, intersect, normalise, type Range, size, subtract, union } from '../core/ranges.js';
import type { LaneProduced } from '../journal/events.js';

/** One lane of the producer's ledger, with every attempted sequence in exactly one of the three sets. */
export interface LaneLedger {
  lane: number;
  attempted: number;
  acknowledged: Range[];
  failed: Range[];
  /** Also what was attempted and never settled. */
  unknown: Range[];
}

/** @throws Error when the ledger contradicts itself: then nothing may be concluded from it. */
export function ledgerOf(produced: readonly LaneProduced[]): Map<number, LaneLedger> {
  const lanes = new Map<number, LaneLedger>();
  for (const { lane, attempted, acknowledged, failed, unknown } of produced) {
    if (lanes.has(lane)) throw new Error(`the producer's ledger has lane ${lane} twice`);
    const all = union(acknowledged, union(failed, unknown));
    if (highest(all) > attempted || (all[0]?.[0] ?? 1) < 1) {
      throw new Error(`the producer's ledger of lane ${lane} has sequences that were never attempted`);
    }
    if (size(intersect(acknowledged, failed)) > 0) {
      throw new Error(`the producer's ledger of lane ${lane} has sequences both acknowledged and failed`);
    }
    const settled = union(acknowledged, failed);
    lanes.set(lane, {
      lane,
      attempted,
      acknowledged: normalise(acknowledged),
      failed: normalise(failed),
      unknown: subtract([[1, attempted]], settled),
    });
  }
  return lanes;
}
