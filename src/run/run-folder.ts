import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FlinchError, messageOf } from '../core/error.js';

const two = (n: number): string => String(n).padStart(2, '0');

/** `20261121-062217`, in local time. */
function stampOf(wall: number): string {
  const d = new Date(wall);
  const day = `${d.getFullYear()}${two(d.getMonth() + 1)}${two(d.getDate())}`;
  return `${day}-${two(d.getHours())}${two(d.getMinutes())}${two(d.getSeconds())}`;
}

export interface RunFolder {
  /** Name of the run; unique among its neighbours. */
  run: string;
  dir: string;
}

/** Makes `<reports>/<time>-<scenario>/`; another run of the same second gets a number. @throws FlinchError JOURNAL_WRITE */
export function makeRunFolder(reports: string, scenario: string, wall: number): RunFolder {
  const base = `${stampOf(wall)}-${scenario}`;
  for (let n = 1; ; n++) {
    const run = n === 1 ? base : `${base}-${n}`;
    const dir = join(reports, run);
    try {
      mkdirSync(reports, { recursive: true });
      mkdirSync(dir);
      return { run, dir };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST' && n < 1000) continue;
      throw new FlinchError('JOURNAL_WRITE', {
        what: `the folder of the run cannot be made: ${messageOf(cause)}`,
        on: dir,
        todo: 'choose another folder with --reports',
        cause,
      });
    }
  }
}
