import { RecordView, readRecords, scanBatches } from '../../src/client/kafka/records/record-batch.js';
import { encodeBatch, type SourceRecord } from './record-batches.js';

const origin = { broker: 'test', topic: 'test', partition: 0 };

/** The records as the reader hands them over, each kept. */
export function viewsOf(records: SourceRecord[]): RecordView[] {
  const buffer = encodeBatch({ baseOffset: 100, records });
  const [batch] = scanBatches(buffer, origin);
  const view = new RecordView();
  const views: RecordView[] = [];
  if (batch) readRecords(buffer, batch, origin, view, () => views.push(Object.assign(new RecordView(), view)));
  return views;
}

export const viewOf = (record: SourceRecord): RecordView => viewsOf([record])[0] as RecordView;
