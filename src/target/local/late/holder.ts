import { execa } from 'execa';
import { withDeadline } from '../../../core/deadline.js';
import { FlinchError, messageOf } from '../../../core/error.js';
import { TOOL_PATH } from '../tool-path.js';
import { HOLDER_PROGRAM } from './holder-program.js';

/** Milliseconds for the process to have its queue, and to end when it is asked to. */
const TURN_TIME = 10_000;

/** A process that holds the packets of one queue back. */
export interface Holder {
  lives(): boolean;
  /** Lets all pass, and is gone. */
  end(): Promise<void>;
}

/** @throws FlinchError FAULT_INJECT */
export async function startHolder(
  node: string,
  queue: number,
  { late, jitter }: { late: number; jitter: number },
): Promise<Holder> {
  const program = ['perl', '-e', HOLDER_PROGRAM, String(queue), String(late), String(jitter)];
  const process = execa('nsenter', [`--net=/run/netns/${node}`, '--', ...program], {
    env: { PATH: TOOL_PATH, LC_ALL: 'C' },
    stdin: 'pipe',
    reject: false,
  });
  const ended = process.then(({ stderr, shortMessage }) => stderr.trim() || shortMessage || 'it ended');
  const ready = new Promise<undefined>((resolve) => process.stdout.once('data', () => resolve(undefined)));
  const holder: Holder = {
    lives: () => process.exitCode === null && process.signalCode === null,
    async end() {
      process.stdin.end();
      const kill = setTimeout(() => process.kill('SIGKILL'), TURN_TIME);
      await ended;
      clearTimeout(kill);
    },
  };
  const failed = (why: string, cause?: unknown) =>
    new FlinchError('FAULT_INJECT', {
      what: 'the process that lets packets be late did not start',
      on: `${node}: ${why}`,
      todo: 'see that perl is there: apt install perl | dnf install perl',
      cause,
    });
  let why: string | undefined;
  try {
    why = await withDeadline('holding packets back', TURN_TIME, () => Promise.race([ready, ended]));
  } catch (cause) {
    process.kill('SIGKILL');
    throw failed(messageOf(cause), cause);
  }
  if (why !== undefined) throw failed(why);
  return holder;
}
