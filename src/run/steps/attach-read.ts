import { join } from 'node:path';
import { showIdentity } from '../../reconcile/identity/show.js';
import type { MultisetExample } from '../../reconcile/multiset-balance.js';
import { reconcileWindow } from '../../reconcile/window/reconcile-window.js';
import type { Window } from '../../reconcile/window/window.js';
import type { RunState } from '../run-state.js';
import { aggregated } from './attach-aggregate.js';
import { sideOf } from './attach-side.js';
import type { AttachedJob } from './attach-start.js';

/** Memory for identities; what does not fit goes to the run's folder. Bytes. */
const MEMORY = 512 * 1024 * 1024;
/** Examples of each problem. */
const EXAMPLES = 5;

/** Matches what went in with what came out, and journals it. */
export async function attachedRead(state: RunState, job: AttachedJob, window: Window, runDir: string): Promise<void> {
  await job.unfollow();
  const { relation } = job.attach;
  if (relation.kind === 'aggregate') {
    state.recorder.emit(await aggregated(job, window, relation));
    return;
  }
  const { source, sink } = await job.sides();
  const found = await reconcileWindow({
    source,
    sink,
    window,
    relation,
    budgetBytes: MEMORY,
    scratch: join(runDir, 'scratch'),
    examples: EXAMPLES,
    signal: state.signal,
  });
  const { balance, reasons, parts } = found;
  const { examples, ...counts } = balance;
  state.recorder.emit({
    type: 'data.reconciled',
    source: sideOf(found.source, parts.source),
    sink: sideOf(found.sink, parts.sink),
    complete: reasons.length === 0,
    reasons,
    ...counts,
    examples: examples.map(({ id, ...it }: MultisetExample) => ({
      ...it,
      id: showIdentity({ bytes: id, start: 0, end: id.length }),
    })),
  });
}
