import type { ReconciledSide } from '../../journal/attached-events.js';
import type { SideRead } from '../../reconcile/topic-side.js';
import type { WindowPart } from '../../reconcile/window/window.js';

/** What reading one topic came to, as the journal has it. */
export const sideOf = (
  { topic, records, uncommitted, unjudged, examples }: SideRead,
  partitions: WindowPart[],
): ReconciledSide => ({ topic, records, uncommitted, partitions, unjudged, examples });
