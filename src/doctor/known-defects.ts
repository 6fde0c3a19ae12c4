import { highAvailability } from './ha.js';
import type { FlinkVersion, Settings } from './settings.js';

/** A defect of Flink that faults bring out. */
export interface KnownDefect {
  /** Its number in the tracker. */
  id: string;
  symptom: string;
  fixedIn: string;
  affects(flink: FlinkVersion): boolean;
  /** Whether this configuration meets it. */
  met(settings: Settings): boolean;
}

/** Whether a version comes before another; one whose patch is not known may be any of its minor version. */
function before({ major, minor, patch }: FlinkVersion, than: readonly [number, number, number]): boolean {
  const [a, b, c] = than;
  if (major !== a) return major < a;
  if (minor !== b) return minor < b;
  return c > 0 && (patch === undefined || patch < c);
}

const notBefore = (flink: FlinkVersion, than: readonly [number, number, number]): boolean => !before(flink, than);
const of = (how: 'zookeeper' | 'kubernetes') => (settings: Settings) => highAvailability(settings) === how;
const anyHa = (settings: Settings): boolean => highAvailability(settings) !== undefined;
const incremental = (settings: Settings): boolean =>
  settings.value('state.backend.type')?.trim().toLowerCase() === 'rocksdb' &&
  settings.asked('execution.checkpointing.incremental')?.value.trim().toLowerCase() === 'true';

/** Those that a configuration tells; by the tracker of Flink and of Curator, and what was measured. */
export const KNOWN_DEFECTS: readonly KnownDefect[] = [
  {
    id: 'CURATOR-696',
    symptom:
      'after an outage of ZooKeeper that is longer than the session two JobManagers lead, each thinking itself alone',
    fixedIn: 'Flink 2.3.0 or later',
    affects: (flink) => notBefore(flink, [1, 18, 0]) && before(flink, [2, 3, 0]),
    met: of('zookeeper'),
  },
  {
    id: 'FLINK-34007',
    symptom: 'a JobManager that has lost its lease once never leads again, and the cluster stays without a leader',
    fixedIn: '1.18.2, 1.19.0 or later',
    affects: (flink) => notBefore(flink, [1, 18, 0]) && before(flink, [1, 18, 2]),
    met: of('kubernetes'),
  },
  {
    id: 'FLINK-36451',
    symptom: 'a change of leader may leave a JobManager hanging, alive and of no use',
    fixedIn: '1.20.1, 2.0.0 or later',
    affects: (flink) => notBefore(flink, [1, 18, 0]) && before(flink, [1, 20, 1]),
    met: anyHa,
  },
  {
    id: 'FLINK-34227',
    symptom: 'a job may hang when the connection to its JobManager is lost while it is being stopped',
    fixedIn: '1.20.1, 2.0.0 or later',
    affects: (flink) => before(flink, [1, 20, 1]),
    met: anyHa,
  },
  {
    id: 'FLINK-34518',
    symptom: 'the adaptive scheduler ends a job wrongly when its leader changes during a restart',
    fixedIn: '1.18.2, 1.19.0 or later',
    affects: (flink) => before(flink, [1, 18, 2]),
    met: (settings) => /adaptive/i.test(settings.value('jobmanager.scheduler') ?? ''),
  },
  {
    id: 'FLINK-28265',
    symptom: 'a write to a ConfigMap that is repeated after a timeout loses the pointer to a checkpoint',
    fixedIn: '1.15.3, 1.16.0 or later',
    affects: (flink) => before(flink, [1, 15, 3]),
    met: of('kubernetes'),
  },
  {
    id: 'FLINK-38574',
    symptom: 'an incremental checkpoint may be unreadable when the news that one has completed came late',
    fixedIn: '2.0.2, 2.1.2, 2.2.0 or later',
    affects: (flink) => before(flink, [2, 0, 2]) || (notBefore(flink, [2, 1, 0]) && before(flink, [2, 1, 2])),
    met: incremental,
  },
];
