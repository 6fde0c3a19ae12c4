import { FLINK_ALIASES, FLINK_RECOVERY_DEFAULTS } from '../client/flink/recovery-settings.js';
import type { FlinkRest } from '../client/flink/rest.js';
import { serverTimes } from '../client/zookeeper/four-letter.js';
import { messageOf } from '../core/error.js';
import { DEFAULT_MARK, flinkDuration } from '../core/flink-values.js';

export interface SettingsDeps {
  /** Asked in turn until one answers. */
  rests: readonly FlinkRest[];
  /** host:port of each server; asked in turn until one answers. */
  zookeeper?: readonly string[];
  /** With it, also the job's own checkpoint configuration. */
  jobId?: string;
  /** Milliseconds for each question. Default 3000. */
  timeoutMs?: number;
}

export interface Settings {
  /** A value that nobody set ends in " (default)". */
  settings: Record<string, string>;
  /** What could not be read, one line each; the settings then lack it. */
  problems: string[];
}

const SESSION_TIMEOUT = 'high-availability.zookeeper.client.session-timeout';

/**
 * The settings that shape a recovery: Flink's as a JobManager has them, `job.checkpointing.*` as the job has them,
 * `zookeeper.*` as a server has them, and `zookeeper.grantedSessionTimeout` in milliseconds: what Flink asks for
 * within the server's bounds. Throws only the signal's reason.
 */
export async function readSettings(deps: SettingsDeps, signal: AbortSignal): Promise<Settings> {
  const { rests, zookeeper = [], jobId, timeoutMs = 3000 } = deps;
  const problems: string[] = [];

  async function firstAnswer<S, T>(what: string, sources: readonly S[], ask: (source: S) => Promise<T>) {
    let last: unknown = 'nobody to ask';
    for (const source of sources) {
      try {
        return await ask(source);
      } catch (error) {
        signal.throwIfAborted();
        last = error;
      }
    }
    problems.push(`${what}: ${messageOf(last)}`);
    return undefined;
  }

  const [flink, job, server] = await Promise.all([
    firstAnswer('Flink configuration', rests, (rest) => rest.jobManagerConfig(signal)),
    jobId === undefined
      ? undefined
      : firstAnswer('checkpoint configuration', rests, (rest) => rest.checkpointConfig(jobId, signal)),
    zookeeper.length === 0
      ? undefined
      : firstAnswer('ZooKeeper configuration', zookeeper, (at) => serverTimes(at, { timeoutMs, signal })),
  ]);
  const settings: Record<string, string> = flink ? recoverySettings(flink) : {};
  const put = (prefix: string, values: object) => {
    for (const [key, value] of Object.entries(values)) settings[`${prefix}.${key}`] = String(value);
  };
  if (job) put('job.checkpointing', job);
  if (server) {
    put('zookeeper', server);
    const asked = flinkDuration((settings[SESSION_TIMEOUT] ?? '').replace(DEFAULT_MARK, ''));
    if (asked !== undefined) {
      const granted = grantedSession(asked, server.minSessionTimeout, server.maxSessionTimeout);
      put('zookeeper', { grantedSessionTimeout: granted });
    }
  }
  return { settings, problems };
}

/** What ZooKeeper grants of a session that is asked for. Milliseconds. */
export const grantedSession = (asked: number, least: number, most: number): number =>
  Math.min(Math.max(asked, least), most);

/** Those of Flink's settings that shape a recovery, by their present names, with the default of what nobody set. */
export function recoverySettings(configured: Readonly<Record<string, string>>): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [key, value] of Object.entries(configured)) {
    const name = FLINK_ALIASES[key] ?? key;
    // The present name wins where both are set, as in Flink.
    if (name === key || !(name in configured)) set[name] = value;
  }
  return Object.fromEntries(
    Object.entries(FLINK_RECOVERY_DEFAULTS).map(([key, value]) => [
      key,
      set[key] ?? `${value || 'none'}${DEFAULT_MARK}`,
    ]),
  );
}
