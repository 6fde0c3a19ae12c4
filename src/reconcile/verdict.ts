import type { Extent } from '../core/extent.js';
import type { Reconciliation } from './reconcile.js';

export type Guarantee = 'exactly-once' | 'at-least-once';

export interface ReconcileVerdict {
  verdict: 'passed' | 'failed' | 'inconclusive';
  /** What is wrong, or what is not known. */
  reasons: string[];
}

/** Not knowing is never passed: what may be there, and what surely is there, are told apart. */
export function verdictOf({ balance, reasons }: Reconciliation, guarantee: Guarantee): ReconcileVerdict {
  const illegal: [name: string, extent: Extent][] = [
    ['lost', balance.lost],
    ...(guarantee === 'exactly-once' ? [['duplicated', balance.duplicated] satisfies [string, Extent]] : []),
    ['unexpected', balance.unexpected],
  ];
  const failed = illegal.filter(([, { atLeast }]) => atLeast > 0);
  if (failed.length > 0) {
    return { verdict: 'failed', reasons: failed.map(([name, extent]) => `${showExtent(extent)} records ${name}`) };
  }
  const open = illegal.filter(([, { atMost }]) => atMost !== 0);
  if (balance.sourceRecords === 0) {
    return { verdict: 'inconclusive', reasons: [...reasons, 'no record of the source counts, so nothing was matched'] };
  }
  if (open.length === 0) return { verdict: 'passed', reasons: [] };
  return {
    verdict: 'inconclusive',
    reasons: reasons.length > 0 ? reasons : open.map(([name]) => `${name} is unknown`),
  };
}

/** "7", "2 to 7", or "2 or more". */
export function showExtent({ atLeast, atMost }: Extent): string {
  if (atMost === null) return atLeast === 0 ? 'unknown' : `${atLeast} or more`;
  return atLeast === atMost ? String(atLeast) : `${atLeast} to ${atMost}`;
}
