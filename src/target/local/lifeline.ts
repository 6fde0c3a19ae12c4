import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { insideNamespace } from './inside.js';

/** The descriptor of the lifeline inside, and of the socket that may be handed in after it. */
export const LIFELINE_FD = 3;
export const LISTENER_FD = 4;

/**
 * To be called first thing inside. The outer process holds the other end: when it dies in any way this one ends at
 * once, and with it, as it is PID 1, everything in the namespaces. Signals arrive over it too: PID 1 gets no signal
 * that it does not handle, and a terminal must not send one twice.
 */
export function watchLifeline(): void {
  if (!insideNamespace()) return;
  const lifeline = new Socket({ fd: LIFELINE_FD, readable: true, writable: false });
  let text = '';
  lifeline.setEncoding('utf8');
  lifeline.on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) receive(line as NodeJS.Signals);
  });
  lifeline.on('error', () => process.exit(137));
  lifeline.on('close', () => process.exit(137));
  lifeline.unref();
  tell(ENTERED);
  process.on('exit', (code) => tell(`${LEFT}${code}`));
}

/** What the inner process says over the lifeline: that it has begun, and its own exit code. */
export const ENTERED = 'entered';
export const LEFT = 'left ';

/** Written at once, as it may be the last thing this process does. */
function tell(line: string): void {
  try {
    writeSync(LIFELINE_FD, `${line}\n`);
  } catch {}
}

function receive(signal: NodeJS.Signals): void {
  if (process.emit(signal, signal)) return;
  if (signal !== 'SIGWINCH') process.exit(128 + (SIGNAL_NUMBERS[signal] ?? 0));
}

/** The numbers that an exit code carries for the signals that are passed on. */
export const SIGNAL_NUMBERS: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGTERM: 15,
};
