import type { DatedRange, LaneProduced } from '../../journal/events.js';
import { missingPieces, readsOf, replayedPieces } from '../../judge/pieces.js';
import type { DataRead } from '../../workload/read-back.js';
import { readData, readState } from '../../workload/read-back.js';
import type { LaneTimes } from '../../workload/tally/lane-times.js';
import type { RunState } from '../run-state.js';
import type { RunningWorkload } from './workload.js';

/** Ranges whose times are journalled. */
const DATED = 2000;
/** Producers whose transactional ids are asked for. */
const ASKED = 200;

/** Journals what was written, what the topics hold of it, and what is known of what they lack. */
export async function readBack(
  state: RunState,
  { reader, input, output }: RunningWorkload,
  produced: LaneProduced[],
): Promise<void> {
  const { emit } = state.recorder;
  const attempted = new Map(produced.map((lane) => [lane.lane, lane.attempted]));
  const told = (of: 'input' | 'output', data: DataRead) => emit({ type: 'data.read', of, ...data });
  emit({ type: 'data.produced', lanes: produced });
  const source = await readData(reader, input, attempted);
  told('input', source.committed);
  if (state.scenario.workload.job === 'count') {
    emit({ type: 'data.state', ...(await readState(reader, output, source.order)) });
    return;
  }
  const sink = await readData(reader, output, attempted);
  told('output', sink.committed);
  told('output', sink.uncommitted);
  await explain(state, reader, output, source.times);
}

/** When the records in question were produced, and who holds those that are missing. */
async function explain(
  { recorder }: RunState,
  reader: RunningWorkload['reader'],
  output: string,
  times: LaneTimes,
): Promise<void> {
  const reads = readsOf(recorder.events);
  if (!reads) return;
  const missing = missingPieces(reads);
  const pieces = [...missing, ...replayedPieces(reads)];
  const ranges = pieces.slice(0, DATED).flatMap(({ lane, sequences: [from, to] }): DatedRange[] => {
    const dates = times.between(lane, from, to);
    return dates ? [{ lane, from, to, ...dates }] : [];
  });
  if (pieces.length > 0) recorder.emit({ type: 'data.dated', ranges, omitted: Math.max(0, pieces.length - DATED) });
  const holders = [...new Set(missing.flatMap(({ held }) => (held ? [held.producerId] : [])))];
  if (holders.length === 0) return;
  const producers = await reader.producers(output, holders.slice(0, ASKED));
  recorder.emit({ type: 'data.producers', producers });
}
