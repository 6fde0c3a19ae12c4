import type { Isolation, Lacking } from '../ports.js';
import type { Java } from './prerequisites.js';

/**
 * All that starting a cluster needs from outside its namespaces. Plain data: it crosses the re-execution as JSON.
 */
export interface Prepared {
  /** Full version, e.g. `1.20.3`. */
  flinkVersion: string;
  java: Java;
  /** Absolute paths of the jars of each component's classpath. */
  jars: { flink: string[]; kafka: string[]; zookeeper: string[] };
  /** Where class-data archives are kept. */
  classDataDir: string;
  /** Whether archives that are missing are written. */
  recordClassData: boolean;
  isolation: Isolation;
  /** Why nodes are not kept apart better, and the line that would allow it. */
  isolationReason?: string;
  lacking: Lacking;
}
