import { flinkDuration } from '../../observe/recovery-settings.js';

/** On top of the cluster's own timeouts: the time that noticing takes once they have run out. Milliseconds. */
const MARGIN = 8_000;
/** When a setting could not be read: Flink's default heartbeat, the longest of the defaults. Milliseconds. */
const USUAL = 50_000;

/** How long the cluster may take to notice that a member is gone: its longest timeout, and a margin. Milliseconds. */
export const detectionOf = (settings: Settings): number =>
  Math.max(heartbeatOf(settings), read(settings, 'zookeeper.grantedSessionTimeout')) + MARGIN;

/** How long a TaskManager may be silent before Flink gives it up. Milliseconds. */
export const heartbeatOf = (settings: Settings): number => read(settings, 'heartbeat.timeout');

type Settings = Readonly<Record<string, string>>;

const read = (settings: Settings, key: string): number =>
  flinkDuration((settings[key] ?? '').replace(/ \(default\)$/, '')) ?? USUAL;
