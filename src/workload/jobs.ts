import type { WorkloadSpec } from '../core/scenario.js';

export interface JobOptions {
  workload: WorkloadSpec;
  /** host:port of each broker, as Flink reaches them. */
  brokers: readonly string[];
  input: string;
  output: string;
  /** Unique per run: goes into the consumer group, the transactional ids and the job's name. */
  run: string;
  /** Whether its checkpoints outlive a cancellation. */
  retain?: boolean;
}

/** What is different from the job as the scenario has it. */
export interface JobVariant {
  /** Path of the savepoint or checkpoint to start from. */
  from?: string;
  parallelism?: number | undefined;
  /** Passes over records that it cannot read. */
  lenient?: boolean;
  /** Its state has another schema; what it writes has not. */
  changed?: boolean;
}

/** What to give the SQL gateway: session properties, then the statements in order; the last one starts the job. */
export interface JobPlan {
  name: string;
  session: Record<string, string>;
  tables: string[];
  insert: string;
}

/** The consumer group of a built-in job's source, by the job's name. */
export const sourceGroup = (name: string): string => `${name}-source`;

/** The built-in job of a workload, as SQL. Pure. Option names: Flink 1.20, 2.2 and 2.3 with Kafka connector 3.4 or 5.0. */
export function planJob(
  { workload, brokers, input, output, run, retain = false }: JobOptions,
  { from, parallelism = workload.parallelism, changed = false, lenient = false }: JobVariant = {},
): JobPlan {
  const name = `flinch-${workload.job}-${run}`;
  const kafka = { 'properties.bootstrap.servers': brokers.join(',') };
  const filled = workload.recordSize > 0;
  const columns = `lane INT, seq BIGINT, ts BIGINT, chk BIGINT${filled ? ', pad STRING' : ''}`;
  const source = table('flinch_in', columns, {
    connector: 'kafka',
    ...kafka,
    topic: input,
    'properties.group.id': sourceGroup(name),
    'properties.isolation.level': 'read_committed',
    'scan.startup.mode': 'earliest-offset',
    format: 'json',
    ...(lenient ? { 'json.ignore-parse-errors': 'true' } : {}),
  });
  const guarantee: Record<string, string> = { 'sink.delivery-guarantee': workload.guarantee };
  if (workload.guarantee === 'exactly-once') {
    guarantee['sink.transactional-id-prefix'] = name;
    // The connector's default of 1 h is above the 15 min that brokers allow by default.
    guarantee['properties.transaction.timeout.ms'] = String(Math.round(workload.transactionTimeout));
  }
  const own = Object.entries(workload.sinkConfig).map(([key, value]) => [`properties.${key}`, value]);
  const common = { ...kafka, topic: output, ...Object.fromEntries(own), ...guarantee };
  const session = {
    'execution.runtime-mode': 'streaming',
    'execution.checkpointing.interval': `${Math.round(workload.checkpoints)} ms`,
    // Whatever the sink guarantees: a lesser mode would make the state wrong, not the output repeated.
    'execution.checkpointing.mode': 'EXACTLY_ONCE',
    'state.backend.type': workload.stateBackend,
    'parallelism.default': String(parallelism),
    'pipeline.name': name,
    'table.dml-sync': 'false',
    ...(retain ? { 'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION' } : {}),
    ...(from === undefined ? {} : recovery(from, changed)),
  };
  if (workload.job === 'count') {
    // Without sink.buffer-flush.* the upsert sink holds nothing back beyond a checkpoint.
    const sink = table('flinch_out', 'lane INT, cnt BIGINT, mx BIGINT, PRIMARY KEY (lane) NOT ENFORCED', {
      connector: 'upsert-kafka',
      ...common,
      'key.format': 'json',
      'value.format': 'json',
    });
    // The same operators, but a mean has one more field of state than a maximum.
    const mx = changed ? 'AVG(seq)' : 'MAX(seq)';
    const insert = `INSERT INTO \`flinch_out\` SELECT lane, COUNT(*) AS cnt, ${mx} AS mx FROM \`flinch_in\` GROUP BY lane`;
    return { name, session, tables: [source, sink], insert };
  }
  const sink = table('flinch_out', columns, {
    connector: 'kafka',
    ...common,
    // Keyed by lane, so that a lane stays in one partition, in order.
    'key.format': 'json',
    'key.fields': 'lane',
    'value.format': 'json',
  });
  return {
    name,
    session,
    tables: [source, sink],
    insert: `INSERT INTO \`flinch_out\` SELECT lane, seq, ts, chk${filled ? ', pad' : ''} FROM \`flinch_in\`${changed ? ' WHERE seq > 0' : ''}`,
  };
}

/** What is claimed is deleted by Flink when it is no longer needed; a job that is to fail must not claim anything. */
const recovery = (from: string, changed: boolean): Record<string, string> => ({
  'execution.state-recovery.path': from,
  'execution.state-recovery.claim-mode': changed ? 'NO_CLAIM' : 'CLAIM',
});

function table(name: string, columns: string, options: Record<string, string>): string {
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const list = Object.entries(options).map(([key, value]) => `  ${quote(key)} = ${quote(value)}`);
  return `CREATE TEMPORARY TABLE \`${name}\` (${columns}) WITH (\n${list.join(',\n')}\n)`;
}
