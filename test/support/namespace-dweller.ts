/** Goes into namespaces and lives there with a child, until it is told otherwise. First argument: what to do inside. */
import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { insideNamespace } from '../../src/target/local/inside.js';
import { decideIsolation } from '../../src/target/local/isolation-probe.js';
import { watchLifeline } from '../../src/target/local/lifeline.js';
import { reexecInside } from '../../src/target/local/reexec.js';

watchLifeline();
const [what = ''] = process.argv.slice(2);
if (insideNamespace()) {
  if (what === 'exit') process.exit(7);
  if (what === 'count') {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => console.log(signal));
    process.on('SIGTERM', () => setTimeout(() => process.exit(9), 300));
  }
  spawn('sleep', ['300'], { stdio: 'ignore' });
  console.log(JSON.stringify({ pid: process.pid, namespace: readlinkSync('/proc/self/ns/pid') }));
  setInterval(() => {}, 1000);
} else {
  const { isolation } = await decideIsolation();
  process.exitCode = isolation === 'none' ? 99 : await reexecInside(isolation);
}
