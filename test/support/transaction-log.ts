import type { CannedPartition } from './canned-broker.js';
import { encodeBatch } from './record-batches.js';

/** One step of a history: a producer writes, ends its transaction, or somebody writes without one. */
export type LogStep =
  | { do: 'write'; producer: number; records: number }
  | { do: 'end'; producer: number; how: 'abort' | 'commit' }
  | { do: 'plain'; records: number };

export interface ExpectedRecord {
  offset: number;
  value: string;
  committed: boolean;
}

/** Plays a history into a log as a broker would keep it, and says naively what each reader must see. */
export function playLog(steps: readonly LogStep[]): { log: CannedPartition; expected: ExpectedRecord[] } {
  const log = {
    batches: [],
    logStart: 0,
    lastStableOffset: 0,
    highWatermark: 0,
    aborted: [],
  } as CannedPartition & Required<Pick<CannedPartition, 'logStart' | 'aborted'>>;
  const open = new Map<number, { firstOffset: number; records: ExpectedRecord[] }>();
  const expected: ExpectedRecord[] = [];
  let offset = 0;
  const append = (
    records: number,
    producerId: number,
    extra: { transactional?: boolean; control?: 'abort' | 'commit' },
  ) => {
    const baseOffset = offset;
    const list = Array.from({ length: records }, (_, i) => ({ key: 'k', value: `v${baseOffset + i}` }));
    const bytes = encodeBatch({ baseOffset, records: list, producerId, ...extra });
    offset += Math.max(1, records);
    log.batches.push({ baseOffset, lastOffset: offset - 1, bytes });
    const added = list.map(({ value }, i): ExpectedRecord => ({ offset: baseOffset + i, value, committed: true }));
    expected.push(...added);
    return added;
  };
  for (const step of steps) {
    if (step.do === 'plain') append(step.records, -1, {});
    if (step.do === 'write') {
      const transaction = open.get(step.producer) ?? { firstOffset: offset, records: [] };
      open.set(step.producer, transaction);
      transaction.records.push(...append(step.records, step.producer, { transactional: true }));
    }
    if (step.do === 'end') {
      const transaction = open.get(step.producer);
      if (!transaction) continue;
      open.delete(step.producer);
      append(0, step.producer, { control: step.how });
      if (step.how === 'commit') continue;
      for (const record of transaction.records) record.committed = false;
      log.aborted.push({ producerId: step.producer, firstOffset: transaction.firstOffset, end: offset - 1 });
    }
  }
  log.highWatermark = offset;
  log.lastStableOffset = Math.min(offset, ...[...open.values()].map(({ firstOffset }) => firstOffset));
  for (const record of expected) if (record.offset >= log.lastStableOffset) record.committed = false;
  return { log, expected };
}
