import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { handOver } from '../enter.js';
import { INSIDE } from '../inside.js';

/** Milliseconds for one healing of everything; each fault has 90 s of its own. */
const WITHIN = 10 * 60_000;

/** Runs the healer in the daemon's own namespaces; what it says goes to the daemon's log. Whether it did all; never throws. */
export async function healFromHere(order: { state: string; healer: string[] }, why: string): Promise<boolean> {
  console.log(`${new Date().toISOString()} dead-man timer: ${why}; healing`);
  try {
    const { env, discard } = handOver({ verb: 'heal', kept: JSON.parse(readFileSync(order.state, 'utf8')) });
    try {
      const [command = '', ...args] = order.healer;
      // The fourth is its lifeline: it ends with the daemon.
      const child = spawn(command, args, {
        stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
        env: { ...process.env, ...env, [INSIDE]: '1' },
        timeout: WITHIN,
        killSignal: 'SIGKILL',
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      console.log(`${new Date().toISOString()} dead-man timer: healing ended with ${code ?? 'a signal'}`);
      return code === 0;
    } finally {
      discard();
    }
  } catch (error) {
    console.log(`dead-man timer: healing could not be begun: ${String(error)}`);
    return false;
  }
}
