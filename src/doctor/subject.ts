import type { Settings } from './settings.js';

/** What a configuration is: a file of Flink's, a FlinkDeployment of its operator, or what a running cluster says of itself. */
export type SubjectKind = 'configuration' | 'deployment' | 'cluster';

/** What there is to examine. What is undefined is not known, and no rule complains of it. */
export interface Subject {
  kind: SubjectKind;
  /** The file; of a cluster its address. */
  name: string;
  settings: Settings;
  facts: Facts;
}

/** What no setting of Flink says. */
export interface Facts {
  /** JobManagers that contend for leadership, or are to. */
  jobManagers?: number;
  taskManagers?: number;
  /** Slots in all, and those that no task has. */
  slots?: number;
  freeSlots?: number;
  /** Milliseconds that ZooKeeper has granted, and those of its tick. */
  grantedSession?: number;
  tickTime?: number;
  kafka?: KafkaFacts;
  configMaps?: ConfigMapFacts;
  /** Of a FlinkDeployment. */
  upgradeMode?: string;
  livenessProbe?: LivenessProbe;
}

/** Of high availability on Kubernetes. Durations in milliseconds. */
export interface ConfigMapFacts {
  /** Where they were looked for: "namespace flink of https://10.0.0.1:6443". */
  place: string;
  /** That of the cluster, where there is one. */
  name?: string;
  /** Those that are deleted with somebody: "Deployment orders". */
  owned: readonly { name: string; owner: string }[];
  /** Whether anybody holds it, and since when it was not renewed. Absent where nobody ever has. */
  lease?: { held: boolean; duration: number; age: number };
}

/** Of the topics that the job writes to and reads from, and the brokers that have them. */
export interface KafkaFacts {
  /** Milliseconds: what a sink asks for, and the most that brokers grant. */
  transactionTimeout?: number;
  transactionMaxTimeout?: number;
  /** Replicas by topic. */
  replicas?: Readonly<Record<string, number>>;
  /** Of whoever reads what an exactly-once sink writes. */
  isolationLevel?: string;
}

/** When the kubelet ends a JobManager that does not answer. Milliseconds. */
export interface LivenessProbe {
  initialDelay: number;
  period: number;
  failureThreshold: number;
}
