import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Many distributions keep nft and ss where only root looks. */
export const TOOL_PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

/** Whether a program is there. */
export const onPath = (program: string): boolean =>
  TOOL_PATH.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
