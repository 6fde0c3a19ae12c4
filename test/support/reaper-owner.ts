/** Starts a reaper that watches a plain process, says which, and waits to be killed. */
import { spawn } from 'node:child_process';
import { identifyProcess } from '../../src/target/local/process-identity.js';
import { startReaper } from '../../src/target/local/reaper.js';

const [scratch = '', dismissed] = process.argv.slice(2);
const sleeper = spawn('sleep', ['300'], { stdio: 'ignore', detached: true });
const identity = identifyProcess(sleeper.pid ?? 0);
if (!identity) throw new Error('no process');
const reaper = startReaper(scratch);
// A process that took over a PID must not be killed: this line names our sleeper's PID with another start.
reaper.watch({ ...identity, startTime: '1' });
if (dismissed !== 'stranger') reaper.watch(identity);
if (dismissed === 'dismissed') reaper.dismiss();
process.stdout.write(`${JSON.stringify(identity)}\n`);
setInterval(() => {}, 1000);
