import { systemClock } from '../core/clock.js';
import { FlinchError } from '../core/error.js';
import { keptCluster } from '../run/cluster/kept-cluster.js';
import { ownCluster } from '../run/cluster/own-cluster.js';
import { interruptible } from '../run/safety/interrupt.js';
import { healLeftovers } from '../run/safety/leftovers.js';
import { runSuite, type ScenarioToRun } from '../run/suite.js';
import type { KeptState, Prepared } from '../target/local/index.js';
import { securityFromEnvironment } from './kafka-options.js';
import { flinchVersion } from './version.js';
import { suiteViewOf } from './view/suite-view.js';

/** All that a run needs, as plain data: it crosses into the namespaces. */
export interface RunOrder {
  scenarios: ScenarioToRun[];
  /** By line of Flink. */
  prepared: Record<string, Prepared>;
  reports: string;
  reporter?: string;
  reporterOptions: Record<string, string>;
  fresh: boolean;
  kept?: KeptState;
}

/** Runs scenarios in the process that can reach the nodes. */
export async function runHere(order: RunOrder): Promise<number> {
  const { scenarios, prepared, reports, reporter, reporterOptions, fresh, kept } = order;
  const clock = systemClock;
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const { signal: interrupted, release } = interruptible(say);
  const shown = suiteViewOf(scenarios, reporter, clock);
  const [first] = Object.values(prepared);
  const attaches = scenarios.some(({ scenario }) => scenario.workload.job === 'attached');
  if (first?.isolationReason) say(`isolation ${first.isolation}: ${first.isolationReason}`);
  try {
    if (kept) await healLeftovers(kept, clock, say);
    const code = await runSuite({
      scenarios,
      reports,
      flinch: flinchVersion(),
      clusters: (upcoming) =>
        kept
          ? keptCluster(kept)
          : ownCluster({
              clock,
              preparedFor: (spec) => preparedFor(prepared, spec.flink),
              upcoming: () => upcoming().map(({ cluster }) => cluster),
              fresh,
              interrupted,
            }),
      reporter,
      reporterOptions,
      clock,
      interrupted,
      security: attaches ? securityFromEnvironment() : undefined,
      view: shown.view,
    });
    shown.summary();
    return code;
  } finally {
    shown.stop();
    release();
  }
}

function preparedFor(prepared: Record<string, Prepared>, line: string): Prepared {
  const found = prepared[line];
  if (!found) throw new FlinchError('INTERNAL', { what: `nothing was prepared for Flink ${line}` });
  return found;
}
