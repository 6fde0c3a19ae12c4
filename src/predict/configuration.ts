import { DEFAULT_MARK, flinkDuration } from '../core/flink-values.js';
import type { ClusterSpec } from '../core/scenario.js';
import { BROKER_SESSION, BROKER_SESSION_DEFAULT } from './keys.js';

/**
 * Settings as a cluster reports them, or as somebody means to write them: Flink's by their keys, `zookeeper.*` those of a
 * server with `zookeeper.grantedSessionTimeout`, `kafka.*` those of brokers. What is missing is not known.
 */
export class Configuration {
  readonly #settings: Readonly<Record<string, string>>;

  constructor(settings: Readonly<Record<string, string>>) {
    this.#settings = settings;
  }

  /** Undefined where it is not known. */
  text(key: string): string | undefined {
    return this.#settings[key]?.replace(DEFAULT_MARK, '').trim();
  }

  /** Milliseconds. Undefined where it is none, or not known. */
  duration(key: string): number | undefined {
    return flinkDuration(this.text(key) ?? '');
  }

  /** Undefined where it is none, or not known. */
  number(key: string): number | undefined {
    const text = this.text(key);
    return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  }

  /** "heartbeat.timeout = 6s" */
  told(key: string): string {
    return `${key} = ${this.#settings[key] ?? 'not known'}`;
  }
}

/** `kafka.*` of a cluster of this form. */
export const brokerSettings = ({ kafkaConfig }: Pick<ClusterSpec, 'kafkaConfig'>): Record<string, string> => ({
  [BROKER_SESSION]: `${BROKER_SESSION_DEFAULT}${DEFAULT_MARK}`,
  ...Object.fromEntries(Object.entries(kafkaConfig).map(([key, value]) => [`kafka.${key}`, value])),
});
