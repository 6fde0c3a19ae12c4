import { parseDocument } from 'yaml';
import { FlinchError } from '../core/error.js';
import { type FilterSpec, filterSchema } from './filter-spec.js';

/** A filter as one writes it on a command line: YAML, of which JSON is a part. @throws FlinchError USAGE */
export function parseFilter(text: string): FilterSpec {
  const document = parseDocument(text);
  const [mistake] = document.errors;
  if (mistake) throw wrong(text, mistake.message.split('\n')[0] ?? '');
  const { data, error } = filterSchema.safeParse(document.toJS());
  if (data) return data;
  const [issue] = error.issues;
  throw wrong(text, `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not a filter'}`.trim());
}

const wrong = (text: string, what: string): FlinchError =>
  new FlinchError('USAGE', { what: `filter ${text}: ${what}`, todo: 'write e.g. {json: /type, equals: order}' });
