/**
 * One fault on the kept cluster, by the very steps of a run, with ledger, journal and pulse; dies by kill -9 at the event
 * that it is told, or prints whether a fault was open at each, as a JSON list. Arguments: a folder for the journal, with the cluster's state; the point
 * as JSON.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.js';
import type { EventBody } from '../../../src/journal/events.js';
import { JournalWriter } from '../../../src/journal/writer.js';
import { openAccess } from '../../../src/run/cluster/cluster-access.js';
import { askServers } from '../../../src/run/cluster/servers.js';
import { createRecorder, type Recorder } from '../../../src/run/recorder.js';
import { openLedger } from '../../../src/run/safety/ledger.js';
import { startPulse } from '../../../src/run/safety/pulse.js';
import { announced, recordExits } from '../../../src/run/steps/bring-up.js';
import { runFaults } from '../../../src/run/steps/run-faults.js';
import { connectKept, type KeptState, keptLedger, keptPulse } from '../../../src/target/local/index.js';
import { handMadeScenario } from '../hand-made-run.js';
import { FAULTS, type Point } from './points.js';

const [folder = '', told = '{}'] = process.argv.slice(2);
const point = JSON.parse(told) as Point;
/** Milliseconds after which nobody can have felt anything, and for a proof: a machine may be slow. */
const [DETECTION, PROOF] = [100, 5_000];

const ledger = openLedger(keptLedger());
const open: boolean[] = [];
function mortal(recorder: Recorder): Recorder {
  const die = () => process.kill(process.pid, 'SIGKILL');
  const then = (write: (event: EventBody) => void) => (event: EventBody) => {
    write(event);
    if (event.type.startsWith('observed.')) return;
    if (open.push(ledger.open().length > 0) !== point.event) return;
    if (point.delay === 0) die();
    setTimeout(die, point.delay);
  };
  return { ...recorder, emit: then(recorder.emit), emitDurably: then(recorder.emitDurably) };
}

const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as KeptState;
const spec = FAULTS[point.fault];
if (!spec) throw new Error('there is nothing to do');
const stopPulse = startPulse(keptPulse());
const journal = JournalWriter.open(join(folder, `${process.pid}.ndjson`), systemClock);
const recorder = mortal(createRecorder(journal));
const kept = connectKept(state);
const { cluster, asked } = announced(kept, recorder.emit);
recordExits(cluster, asked, recorder);
const access = openAccess(cluster);
const jobId = 'j';
recorder.emit({ type: 'job.submitted', jobId, name: 'j', input: 'in', output: 'out', statements: [] });
// A job that nothing befalls: the recovery is over as soon as nobody can have felt anything.
setInterval(() => {
  const start = systemClock.mono();
  const job = { id: jobId, name: 'j', state: 'RUNNING', startTime: 1, total: 2, running: 2, finished: 0 };
  recorder.emit({ type: 'observed.jobs', node: 'jobmanager-1', status: 200, start, end: start, jobs: [job] });
}, 50).unref();
const signal = new AbortController().signal;
const servers = askServers(cluster, () => undefined);
await runFaults({
  run: `crash-${process.pid}-${Date.now()}`,
  scenario: handMadeScenario({ faults: [spec], objectives: [] }),
  cluster,
  clock: systemClock,
  signal,
  recorder,
  ledger,
  detection: DETECTION,
  period: 1000,
  alert: () => {},
  faultContext: (limit) => ({
    cluster,
    // The stand-in of ZooKeeper keeps no records.
    leadership: { leader: async () => undefined, contenders: async () => [] },
    store: access.store,
    placement: access.placement(() => jobId),
    checkpoints: access.checkpoints(() => jobId),
    servers,
    clock: systemClock,
    signal: limit,
    detection: PROOF,
    unnoticed: DETECTION,
    pick: () => 0,
  }),
});
console.log(JSON.stringify(open));
stopPulse();
process.exit(0);
