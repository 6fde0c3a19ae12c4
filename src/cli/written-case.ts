import { FLINK_ALIASES, FLINK_RECOVERY_DEFAULTS } from '../client/flink/recovery-settings.js';
import { DEFAULT_MARK, flinkDuration } from '../core/flink-values.js';
import type { Scenario } from '../core/scenario.js';
import { writeDuration } from '../core/units.js';
import { flinkOptions, nearestOption, USUAL_TICK } from '../doctor/index.js';
import { grantedSession, recoverySettings } from '../observe/index.js';
import { type Case, jobFacts } from '../predict/case.js';
import { brokerSettings, Configuration } from '../predict/configuration.js';
import { BROKER_SESSION, INTERVAL, SESSION } from '../predict/keys.js';
import type { LiveCluster } from './live-cluster.js';
import { wrongOption } from './option-values.js';

/** Keys of others than Flink that a prediction knows. */
const OTHERS = ['zookeeper.tickTime', 'zookeeper.minSessionTimeout', 'zookeeper.maxSessionTimeout', BROKER_SESSION];

const NUMBER = /^-?\d+(\.\d+)?$/;

/** Settings under the names that Flink has for them now. @throws FlinchError USAGE for keys and values that are none */
export function writtenSettings(pairs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(pairs).map(([key, value]) => {
      const name = FLINK_ALIASES[key] ?? key;
      checkKey(name);
      checkValue(name, value);
      return [name, value];
    }),
  );
}

function checkKey(key: string): void {
  const known = [...Object.keys(FLINK_RECOVERY_DEFAULTS), ...OTHERS];
  if (known.includes(key)) return;
  const all = flinkOptions().map((option) => option.key);
  if (all.includes(key)) {
    throw wrongOption(`--set ${key}`, 'leave it out: it decides no phase of a recovery that is known here');
  }
  const near = nearestOption(key, [...known, ...all]);
  throw wrongOption(`--set ${key}`, near === undefined ? 'write a key of Flink' : `did you mean ${near}?`);
}

function checkValue(key: string, value: string): void {
  // Those of others are times.
  const usual = FLINK_RECOVERY_DEFAULTS[key] ?? '1 s';
  if (NUMBER.test(usual)) {
    if (!NUMBER.test(value.trim())) throw wrongOption(`--set ${key}=${value}`, 'write a number');
    return;
  }
  const isTime = key === INTERVAL || flinkDuration(usual) !== undefined;
  if (isTime && flinkDuration(value) === undefined) {
    throw wrongOption(`--set ${key}=${value}`, 'write a duration as Flink does: 20s, 500ms, 1min');
  }
}

/** What a cluster would have that is as a scenario says, or one that runs, with some settings written otherwise. */
function settingsOf({ cluster, workload }: Scenario, { set, live }: Assumed): Record<string, string> {
  const written = { 'high-availability.type': cluster.highAvailability, ...cluster.flinkConfig };
  const flink = recoverySettings({ ...(live?.configured ?? written), ...set });
  const own = workload.job === 'attached' ? undefined : workload.checkpoints;
  const every = live?.job ? live.job.interval : own;
  const interval = every === undefined ? undefined : writeDuration(every);
  const asked = flink[SESSION] ?? '';
  return {
    ...flink,
    ...(interval !== undefined && { [INTERVAL]: set[INTERVAL] ?? interval }),
    ...brokerSettings(cluster),
    ...Object.fromEntries(Object.entries(set).filter(([key]) => key.startsWith('kafka.'))),
    ...(live ? grantedThere(live, set, asked) : granted(cluster.zookeeperConfig, set, asked)),
  };
}

/** What a server grants of what Flink asks for. */
function granted(
  config: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>>,
  asked: string,
): Record<string, string> {
  const of = (key: string): number | undefined => flinkDuration(set[`zookeeper.${key}`] ?? config[key] ?? '');
  const tick = of('tickTime') ?? USUAL_TICK;
  const least = of('minSessionTimeout') ?? 2 * tick;
  const most = of('maxSessionTimeout') ?? 20 * tick;
  const ms = flinkDuration(asked.replace(DEFAULT_MARK, '')) ?? most;
  return {
    'zookeeper.tickTime': String(tick),
    'zookeeper.minSessionTimeout': String(least),
    'zookeeper.maxSessionTimeout': String(most),
    'zookeeper.grantedSessionTimeout': String(grantedSession(ms, least, most)),
  };
}

/** Of a cluster that runs nothing is known of what nobody has told. */
function grantedThere({ zookeeper }: LiveCluster, set: Assumed['set'], asked: string): Record<string, string> {
  if (!zookeeper && set['zookeeper.tickTime'] === undefined) return {};
  const times = Object.entries(zookeeper ?? {}).map(([key, ms]) => [key, String(ms)]);
  return granted(Object.fromEntries(times), set, asked);
}

export interface Assumed {
  set: Readonly<Record<string, string>>;
  /** The cluster that it would be on; as the scenario has it unless told. */
  live?: LiveCluster;
  /** Records a second that the job can process. */
  capacity?: number;
}

/** One fault of a scenario on a cluster as the scenario has it, which has just been started; or on one that runs. */
export function writtenCase(scenario: Scenario, index: number, restarts: number, assumed: Assumed): Case {
  const { cluster, workload, faults } = scenario;
  const { live, capacity } = assumed;
  const fault = faults[index];
  return {
    kind: fault?.kind ?? '',
    options: fault?.options ?? {},
    set: new Configuration(settingsOf(scenario, assumed)),
    cluster: live ? { ...cluster, taskManagers: live.taskManagers, slots: live.slots } : { ...cluster, age: 0 },
    job: {
      ...jobFacts(workload),
      ...(live?.job && { parallelism: live.job.parallelism }),
      ...(capacity === undefined ? {} : { capacity }),
    },
    restarts,
  };
}
