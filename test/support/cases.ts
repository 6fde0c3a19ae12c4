import { FLINK_RECOVERY_DEFAULTS } from '../../src/client/flink/recovery-settings.js';
import { DEFAULT_MARK } from '../../src/core/flink-values.js';
import type { Case } from '../../src/predict/case.js';
import { Configuration } from '../../src/predict/configuration.js';

/** Flink's defaults, and what a ZooKeeper with its own defaults grants. */
export const DEFAULTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(FLINK_RECOVERY_DEFAULTS).map(([key, value]) => [key, `${value}${DEFAULT_MARK}`]),
  ),
  'zookeeper.tickTime': '2000',
  'zookeeper.minSessionTimeout': '4000',
  'zookeeper.maxSessionTimeout': '40000',
  'zookeeper.grantedSessionTimeout': '40000',
  'execution.checkpointing.interval': '10s',
  'kafka.broker.session.timeout.ms': '9000',
};

export interface Change extends Partial<Omit<Case, 'set' | 'cluster' | 'job'>> {
  set?: Readonly<Record<string, string>>;
  cluster?: Partial<Case['cluster']>;
  job?: Partial<Case['job']>;
}

/** One fault on a cluster of two JobManagers and two TaskManagers of two slots, with a job of two without a shuffle. */
export function caseOf(
  kind: string,
  options: Record<string, unknown>,
  { set, cluster, job, ...rest }: Change = {},
): Case {
  return {
    kind,
    options,
    set: new Configuration({ ...DEFAULTS, ...set }),
    cluster: { jobManagers: 2, taskManagers: 2, slots: 2, zookeepers: 1, brokers: 1, age: 0, ...cluster },
    job: { guarantee: 'exactly-once', parallelism: 2, shuffles: false, ...job },
    restarts: 0,
    ...rest,
  };
}

/** What ZooKeeper grants. */
export const session = (ms: number, tick = 500): Record<string, string> => ({
  'high-availability.zookeeper.client.session-timeout': `${ms} ms`,
  'zookeeper.tickTime': String(tick),
  'zookeeper.grantedSessionTimeout': String(ms),
});
