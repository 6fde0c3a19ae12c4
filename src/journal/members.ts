export interface NodeRecord {
  name: string;
  role: string;
  host: string;
  ports: Record<string, number>;
  pid?: number;
  /** Where nodes are pods; `pid` is made of the id of its container then. */
  pod?: string;
}

/** What the operator of Flink says of a cluster, in its own words. */
export interface DeploymentRecord {
  /** "STABLE", "UPGRADING", "SUSPENDED", ... */
  lifecycle?: string;
  /** "READY", "DEPLOYING", "MISSING", ... */
  jobManagers?: string;
  /** State of its job: "RUNNING", "RECONCILING", ... */
  job?: string;
  /** Why it does not do what is asked. */
  error?: string;
}

export interface LeaderRecord {
  node?: string;
  address: string;
  session: string;
  owner: string;
}

/** Task counts of one job as /jobs/overview has them. */
export interface JobRecord {
  id: string;
  name: string;
  state: string;
  startTime: number;
  total: number;
  running: number;
  finished: number;
  /** Tasks on their way to running, or to their end, by their states. Absent where there is none. */
  waiting?: Partial<Record<'created' | 'scheduled' | 'deploying' | 'initializing' | 'canceling', number>>;
}
