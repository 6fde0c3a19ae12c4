import { openLog } from '../../client/kafka/log/log-reader.js';
import { lastOf } from '../../judge/events-of.js';
import { observeMetrics, observeOffsets, type RestByNode } from '../../observe/index.js';
import { sourceGroup } from '../../workload/jobs.js';
import type { Recorder } from '../recorder.js';
import type { RunState } from '../run-state.js';
import type { RunningWorkload } from './workload.js';

/** Milliseconds for one look: what takes longer is an outage, and told as one. */
const LOOK_MS = 2000;

/**
 * Watches how far the job says that it has read, beside how far its topics reach. Stops when the returned function is
 * called, once or more; it rejects with what journalling threw.
 */
export function watchOffsets(
  {
    run,
    cluster,
    clock,
    recorder,
    signal,
  }: Pick<RunState, 'run' | 'cluster' | 'clock' | 'signal'> & { recorder: Recorder },
  { job: { id: jobId }, input, output }: Pick<RunningWorkload, 'job' | 'input' | 'output'>,
  rest: RestByNode,
): () => Promise<void> {
  const own = new AbortController();
  const { brokers } = cluster.endpoints;
  const limit = AbortSignal.any([own.signal, signal]);
  const reader = openLog({ brokers, clientId: `${run}-offsets`, deadlineMs: LOOK_MS, signal: limit });
  const submitted = lastOf(recorder.events, 'job.submitted');
  const options = { clock, signal: limit };
  const deps = { reader, input, output, ...(submitted && { group: sourceGroup(submitted.name) }) };
  const watching = Promise.all([
    observeOffsets(deps, recorder.emit, options),
    observeMetrics({ rest, jobId }, recorder.emit, options),
  ]);
  // Told when it is stopped.
  watching.catch(() => own.abort());
  return async () => {
    own.abort();
    reader.close();
    await watching;
  };
}
