import { FlinchError } from '../core/error.js';
import { printable } from '../core/printable.js';

/** One thing wrong with a scenario file. Lines and columns count from 1. */
export interface Mistake {
  code: 'SCENARIO_INVALID' | 'SCENARIO_UNREADABLE' | 'SCENARIO_DUPLICATE';
  file: string;
  line?: number;
  column?: number;
  /** e.g. `faults[0].kill.node`; `document` for the whole of it, `yaml` for its syntax. */
  path?: string;
  /** What is wrong; what would be right. */
  sentence: string;
}

/** `file:line:col path: what is wrong; what would be right` */
export function showMistake({ file, line, column, path, sentence }: Mistake): string {
  const place = line === undefined ? '' : `:${line}:${column}`;
  return printable(`${file}${place}${path === undefined ? '' : ` ${path}`}: ${sentence}`);
}

/** All mistakes as one error, one to a line. Its code is theirs where they share one, else SCENARIO_INVALID. */
export function toError(mistakes: readonly Mistake[]): FlinchError {
  const codes = new Set(mistakes.map(({ code }) => code));
  const code = codes.size === 1 ? (mistakes[0] as Mistake).code : 'SCENARIO_INVALID';
  return new FlinchError(code, { what: mistakes.map(showMistake).join('\n') });
}
