import { systemClock } from '../core/clock.js';
import { FlinchError } from '../core/error.js';
import { pollUntil } from '../core/poll.js';
import { formatDuration } from '../core/units.js';
import { type RunningRun, runningRuns } from '../run/safety/running.js';
import { isAlive, signalProcess } from '../target/local/index.js';

/** Milliseconds for a run to heal its faults and end: each fault has 90 s, on pods 200 s. */
const WITHIN = 10 * 60_000;

/** Ends runs as Ctrl-C in their own terminal does: each heals first. @param pid one of several */
export async function stop(pid: number | undefined): Promise<number> {
  const runs = runningRuns();
  const meant = pid === undefined ? runs : runs.filter(({ process: { pid: own } }) => own === pid);
  if (meant.length > 1) {
    throw new FlinchError('USAGE', {
      what: `${meant.length} runs go on`,
      on: meant.map((run) => `process ${run.process.pid}: ${run.scenarios.join(', ')}`).join('; '),
      todo: 'name one: flinch stop <process>',
    });
  }
  const [run] = meant;
  if (!run) {
    process.stdout.write(pid === undefined ? 'no run goes on\n' : `no run goes on as process ${pid}\n`);
    return 3;
  }
  await end(run);
  return 0;
}

async function end({ process: identity, scenarios, since }: RunningRun): Promise<void> {
  const age = formatDuration(Date.now() - since);
  process.stdout.write(`process ${identity.pid} (${scenarios.join(', ')}, for ${age}) heals and ends ...\n`);
  signalProcess(identity, 'SIGINT');
  await pollUntil(`the end of the run in process ${identity.pid}`, async () => (isAlive(identity) ? undefined : true), {
    every: 100,
    within: WITHIN,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  process.stdout.write('it has ended; its report says what was healed\n');
}
