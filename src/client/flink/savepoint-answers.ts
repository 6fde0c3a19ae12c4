import { rootCauseOfTrace } from './root-cause.js';
import { fieldsOf, optionalFieldsOf, optionalTextOf, textOf } from './shape.js';

/** Where the latest of each lies. A job that has completed no checkpoint yet has that which it was restored from. */
export interface Snapshots {
  checkpoint?: string;
  savepoint?: string;
}

/** What became of a request for a savepoint; neither a place nor a cause while it is in progress. */
export interface SavepointAnswer {
  location?: string;
  failure?: string;
}

export function snapshots(body: unknown): Snapshots {
  const last = fieldsOf(fieldsOf(body).latest, '"latest"');
  const pathOf = (key: string) => optionalTextOf(optionalFieldsOf(last, key) ?? {}, 'external_path');
  const [checkpoint, savepoint] = [pathOf('completed') ?? pathOf('restored'), pathOf('savepoint')];
  return { ...(checkpoint !== undefined && { checkpoint }), ...(savepoint !== undefined && { savepoint }) };
}

/** The id of an operation that goes on after the answer. */
export const requestId = (body: unknown): string => textOf(fieldsOf(body), 'request-id');

export function savepointAnswer(body: unknown): SavepointAnswer {
  const fields = fieldsOf(body);
  if (textOf(fieldsOf(fields.status, '"status"'), 'id') === 'IN_PROGRESS') return {};
  const operation = fieldsOf(fields.operation, '"operation"');
  const cause = optionalFieldsOf(operation, 'failure-cause');
  if (!cause) return { location: textOf(operation, 'location') };
  return { failure: rootCauseOfTrace(optionalTextOf(cause, 'stack-trace') ?? '') || textOf(cause, 'class') };
}
