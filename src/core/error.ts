/** What the process exits with. Part of the public contract; see docs/errors.md. */
export const ExitCode = {
  passed: 0,
  failed: 1,
  inconclusive: 2,
  badInput: 3,
  refused: 4,
  healFailed: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * Every error that Flinch knows, with its exit code and one line of meaning. `docs/errors.md` is generated from this
 * table; a code, once released, keeps its meaning.
 */
export const ERROR_CODES = {
  PREREQUISITE_MISSING: [3, 'A program that Flinch needs (Node, Java, Maven) is missing or too old.'],
  ARTIFACT_UNRESOLVED: [3, 'A Maven artifact could not be resolved.'],
  CACHE_UNUSABLE: [3, 'The jar cache cannot be read or written.'],
  STATE_UNUSABLE: [3, 'The folder of kept clusters cannot be read or written.'],
  USAGE: [3, 'The command line is wrong.'],
  SCENARIO_INVALID: [3, 'A scenario file has mistakes; each is listed with its position.'],
  SCENARIO_UNREADABLE: [3, 'A scenario file cannot be read.'],
  SCENARIO_DUPLICATE: [3, 'Two scenarios of one run have the same name.'],
  CONFIG_UNREADABLE: [3, 'A configuration of Flink cannot be read.'],
  RUN_UNREADABLE: [3, 'A run folder or its journal cannot be read.'],
  PORT_IN_USE: [3, 'A port that was asked for is taken.'],
  CAPABILITY_MISSING: [4, 'The target cannot do what a fault needs.'],
  NO_CLUSTER: [3, 'There is no kept cluster to talk to.'],
  CLUSTER_EXISTS: [4, 'A kept cluster is already up.'],
  CLUSTER_BUSY: [4, 'Another run holds the lock of this target.'],
  LEFTOVER_FAULT: [4, 'An earlier run left a fault behind that could not be healed.'],
  GUARD: [4, 'A guard refused the plan.'],
  CLUSTER_START: [2, 'The local cluster did not come up in its time.'],
  NODE_EXITED: [2, 'A node exited although nobody asked it to.'],
  FLINK_REST: [2, 'The Flink REST API did not answer as expected.'],
  SQL_GATEWAY: [2, 'The SQL gateway did not accept or finish a statement.'],
  SQL_INEXACT: [2, 'A record cannot be judged in Flink SQL exactly as the reader judges it.'],
  ZOOKEEPER: [2, 'ZooKeeper did not answer in time.'],
  KUBERNETES: [2, 'The Kubernetes API did not answer in time, or not as expected.'],
  KUBECONFIG: [3, 'There is no kubeconfig, or it cannot be read, or names no such context.'],
  LEADER_UNKNOWN: [2, 'No leader is recorded in the high-availability store.'],
  KAFKA_WIRE: [2, 'A Kafka broker did not answer, or not as the protocol says.'],
  KAFKA_AUTH: [
    3,
    'A Kafka broker refused who asked, or could not prove who it is; TLS or SASL is not set as it should be.',
  ],
  KAFKA_LOG_CHANGED: [2, 'A Kafka log lost records while it was read: deleted, cut off or made anew.'],
  KAFKA_UNSUPPORTED: [2, 'A Kafka log holds something that this reader cannot decode.'],
  SCHEMA_REGISTRY: [2, 'A schema registry did not answer, or has not the Avro schema that a record names.'],
  SPILL: [2, 'Reconciling ran out of memory or disk.'],
  WORKLOAD: [2, 'The workload could not be set up or stopped.'],
  STEADY_STATE: [2, 'The cluster was not steady before the fault.'],
  FAULT_INJECT: [2, 'A fault could not be injected.'],
  FAULT_NOT_EFFECTIVE: [2, 'A fault was injected but its effect could not be proven.'],
  STOP_CONDITION: [2, 'A stop condition of the scenario held; the run was ended, and healed first.'],
  HEAL_FAILED: [5, 'A fault could not be healed, or its healing could not be proven.'],
  JOURNAL_WRITE: [2, 'The journal or a report could not be written.'],
  CLEANUP: [2, 'Something that a run started could not be cleared away.'],
  DEADLINE: [2, 'Something took longer than its deadline.'],
  INTERRUPTED: [130, 'The run was interrupted; faults were healed first.'],
  INTERNAL: [2, 'A defect in Flinch itself.'],
} as const satisfies Record<string, readonly [ExitCode, string]>;
export type ErrorCode = keyof typeof ERROR_CODES;

/** The parts of an error message: what failed, on what, and what to do. */
export interface ErrorParts {
  what: string;
  on?: string;
  todo?: string;
  cause?: unknown;
}

/** The one error class. Its message reads "what failed - on what - what to do". */
export class FlinchError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, { what, on, todo, cause }: ErrorParts) {
    super([what, on, todo].filter(Boolean).join(' - '), cause === undefined ? undefined : { cause });
    this.name = 'FlinchError';
    this.code = code;
  }
  get exitCode(): ExitCode {
    return ERROR_CODES[this.code][0];
  }
}

/** Any thrown value as a FlinchError; what is not one already becomes INTERNAL with its cause kept. */
export function toFlinchError(thrown: unknown, code: ErrorCode = 'INTERNAL'): FlinchError {
  if (thrown instanceof FlinchError) return thrown;
  return new FlinchError(code, { what: messageOf(thrown), cause: thrown });
}

/** One readable line of any thrown value. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return String(thrown);
}
