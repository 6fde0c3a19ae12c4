import { DEFAULT_MARK, flinkDuration } from '../../core/flink-values.js';

/** On top of the cluster's own timeouts: the time that noticing takes once they have run out. Milliseconds. */
const MARGIN = 8_000;
/** When a setting could not be read: Flink's default heartbeat, the longest of the defaults. Milliseconds. */
const USUAL = 50_000;

/** How long the cluster may take to notice that a member is gone: its longest timeout, and a margin. Milliseconds. */
export const detectionOf = (settings: Settings): number => Math.max(...timeouts(settings)) + MARGIN;

/**
 * How long a process may stand still and nobody notices. Milliseconds. A ZooKeeper client asks after a third of its
 * session without traffic and gives the connection up after two thirds: between them lies what it bears at least.
 */
export const unnoticedOf = (settings: Settings): number => Math.min(...timeouts(settings)) / 4;

const timeouts = (settings: Settings): number[] => [
  read(settings, 'heartbeat.timeout'),
  read(settings, 'zookeeper.grantedSessionTimeout'),
];

type Settings = Readonly<Record<string, string>>;

const read = (settings: Settings, key: string): number =>
  flinkDuration((settings[key] ?? '').replace(DEFAULT_MARK, '')) ?? USUAL;
