/** Where the job's subtasks run. */
export interface Placement {
  /** TaskManager id to number of the job's subtasks on it; of its sources or sinks alone where told so. */
  subtasksByTaskManager(signal: AbortSignal, of?: 'source' | 'sink'): Promise<Record<string, number>>;
  /** How many of the job's subtasks restore their state now. */
  restoring(signal: AbortSignal): Promise<number>;
  /** Slots that no job has. */
  freeSlots(signal: AbortSignal): Promise<number>;
  /** The TaskManagers that the leader lists, by node, with the time of the last heartbeat in wall milliseconds. */
  registeredTaskManagers(signal: AbortSignal): Promise<{ id: string; lastHeartbeat: number }[]>;
  /** Every job that the leader runs or has seen end, by id. */
  jobs(signal: AbortSignal): Promise<Record<string, { ended: boolean }>>;
}

/** One checkpoint of the job. Times are of Flink's clock, milliseconds since the epoch. */
export interface CheckpointRecord {
  id: number;
  status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  triggeredAt: number;
  /** Subtasks that have to acknowledge it, and those that have. */
  subtasks: number;
  acknowledged: number;
  savepoint?: boolean;
}

/** The job's checkpoints, as the leader has them. */
export interface JobCheckpoints {
  /** Milliseconds from one trigger to the next. */
  interval(signal: AbortSignal): Promise<number>;
  /** The latest ones that Flink still knows, the newest first. @param job another one, by its id */
  recent(signal: AbortSignal, job?: string): Promise<CheckpointRecord[]>;
  /** By TaskManager id, how many of its subtasks have acknowledged this checkpoint and how many have not. */
  acknowledgements(id: number, signal: AbortSignal): Promise<Record<string, { acknowledged: number; open: number }>>;
  /** By TaskManager id, the bytes of state that its subtasks had in the latest completed one. Undefined where there is none. */
  state(signal: AbortSignal): Promise<{ id: number; bytes: Record<string, number> } | undefined>;
}

/** What Flink tells of a request for a savepoint: neither a place nor a cause while it goes on. */
export interface SavepointAnswer {
  location?: string;
  failure?: string;
}

/** A start of the job from where it was. */
export interface JobStart {
  /** Path of a savepoint or a checkpoint. */
  from: string;
  /** As before unless told. */
  parallelism?: number | undefined;
  /** Whether it passes over records that it cannot read. As before unless told. */
  lenient?: boolean;
}

/** How many subtasks each vertex of the job is to have, by its id. */
export type ResourceBounds = Readonly<Record<string, { least: number; most: number }>>;

/** The job under test, where it is the run's own: what an operator does with it. Whichever JobManager answers is asked. */
export interface JobControl {
  readonly name: string;
  /** Of the job as it was started last. */
  id(): string;
  /** Its state as the leader has it, undefined where that does not know it; and the ids of live jobs of its name. */
  look(signal: AbortSignal): Promise<{ state?: string; live: string[] }>;
  /** Asks for a savepoint, or for a stop with one. Returns the id of the request; that says nothing of its effect. */
  request(what: 'savepoint' | 'stop', signal: AbortSignal): Promise<string>;
  cancel(signal: AbortSignal): Promise<void>;
  /** Undefined where nobody knows the request (any more). */
  answer(request: string, signal: AbortSignal): Promise<SavepointAnswer | undefined>;
  /** Of the adaptive scheduler; any other refuses. */
  bounds(signal: AbortSignal): Promise<ResourceBounds>;
  /** Asks for others; returning says nothing of their effect. */
  setBounds(bounds: ResourceBounds, signal: AbortSignal): Promise<void>;
  /** Its state and how many subtasks each of its vertices has now; Flink's answer is up to 3 s old. */
  running(signal: AbortSignal): Promise<{ state: string; parallelism: number[] }>;
  /** Where its latest completed checkpoint and savepoint lie, as the leader has it. */
  snapshots(signal: AbortSignal): Promise<{ checkpoint?: string; savepoint?: string }>;
  /** Where savepoints lie, and where each job has a directory of checkpoints by its id. */
  directories(signal: AbortSignal): Promise<{ checkpoints?: string; savepoints?: string }>;
  /** Starts it once more, as the job under test from now on. */
  start(how: JobStart, signal: AbortSignal): Promise<void>;
  /** Takes a job of its name, started but never heard of, for the job under test. */
  adopt(id: string): void;
  /** Starts a job that has its name but keeps other state than it. Returns its id. */
  startChanged(how: JobStart, signal: AbortSignal): Promise<string>;
  /** Why tasks of a job failed: innermost causes, the oldest first. */
  failures(id: string, signal: AbortSignal): Promise<string[]>;
  /** Whether any job has completed a checkpoint since it was started. */
  checkpointed(id: string, signal: AbortSignal): Promise<boolean>;
  /** Ends any job. */
  end(id: string): Promise<void>;
  /** What is known of an operation that is under way, by its key: it lives no longer than the run. */
  readonly notes: Map<string, { request?: string; from?: string; known?: string[] }>;
}

/** The records that the run writes itself. */
export interface LoadControl {
  /** Records a second, as the scenario has it. */
  readonly usual: number;
  /** Records a second that are to be written now. */
  rate(): number;
  setRate(rate: number): void;
  /** Records handed to the client so far. */
  attempted(): number;
  /** The same by partition of the input. */
  attemptedByPartition(): number[];
  readonly partitions: number;
  /** One partition that is to get so many percent of the records; undefined where all get the same. */
  skew(): Skew | undefined;
  setSkew(skew: Skew | undefined): void;
  readonly input: InputRecords;
}

export interface Skew {
  partition: number;
  /** Percent. */
  share: number;
}

/** The records of a topic as Kafka holds them. Offsets by partition. @throws FlinchError KAFKA_WIRE, DEADLINE */
export interface InputRecords {
  readonly topic: string;
  starts(): Promise<ReadonlyMap<number, number>>;
  ends(): Promise<ReadonlyMap<number, number>>;
  /** Writes a value of no record of the workload. */
  append(partition: number, value: string): Promise<void>;
  /** Deletes what lies before these offsets; returning says nothing of its effect. */
  deleteBefore(offsets: ReadonlyMap<number, number>): Promise<void>;
}
