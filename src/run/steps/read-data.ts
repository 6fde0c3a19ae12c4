import type { LaneProduced } from '../../journal/events.js';
import type { DataRead } from '../../workload/read-back.js';
import { readData, readState } from '../../workload/read-back.js';
import type { RunState } from '../run-state.js';
import type { RunningWorkload } from './workload.js';

/** Journals what was written, and what the topics hold of it. */
export async function readBack(
  { recorder, scenario }: RunState,
  { reader, input, output }: RunningWorkload,
  produced: LaneProduced[],
): Promise<void> {
  const { emit } = recorder;
  const attempted = new Map(produced.map((lane) => [lane.lane, lane.attempted]));
  const told = (of: 'input' | 'output', data: DataRead) => emit({ type: 'data.read', of, ...data });
  emit({ type: 'data.produced', lanes: produced });
  const source = await readData(reader, input, attempted);
  told('input', source.committed);
  if (scenario.workload.job === 'count') {
    emit({ type: 'data.state', ...(await readState(reader, output, source.order)) });
    return;
  }
  const sink = await readData(reader, output, attempted);
  told('output', sink.committed);
  told('output', sink.uncommitted);
}
