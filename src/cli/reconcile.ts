import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../client/kafka/log/log-reader.js';
import { openSchemaRegistry, type SchemaRegistry } from '../client/schema-registry.js';
import { ExitCode } from '../core/error.js';
import { parseDuration, parseSize } from '../core/units.js';
import { compileFilter } from '../reconcile/filter.js';
import { parseFilter } from '../reconcile/filter-text.js';
import { reconcileInFlink } from '../reconcile/flink-sql/reconcile-in-flink.js';
import { compileIdentity } from '../reconcile/identity/compile.js';
import { parseIdentity } from '../reconcile/identity/short-form.js';
import { showIdentity } from '../reconcile/identity/show.js';
import { type Reconciliation, reconcile as reconcileTopics } from '../reconcile/reconcile.js';
import type { Relation } from '../reconcile/relation.js';
import { type ReconcileVerdict, verdictOf } from '../reconcile/verdict.js';
import { interruptible } from '../run/safety/interrupt.js';
import { type EngineOptionValues, engineOf, type FlinkEngine } from './flink-engine.js';
import { type KafkaOptionValues, securityOf } from './kafka-options.js';
import { measured, oneOf, wrongOption } from './option-values.js';
import { reconciliationText } from './view/reconciliation.js';

export interface ReconcileCommand extends KafkaOptionValues, EngineOptionValues {
  source: string;
  sink: string;
  brokers: string;
  sinkBrokers?: string;
  identity: string[];
  sinkIdentity?: string[];
  relation: string;
  filter?: string;
  guarantee: string;
  schemaRegistry?: string;
  schemaFile?: string;
  memory: string;
  scratch?: string;
  examples: string;
  deadline: string;
  json?: boolean;
}

const EXITS = { passed: ExitCode.passed, failed: ExitCode.failed, inconclusive: ExitCode.inconclusive };

/** Two topics in, a balance out; no cluster, no fault. */
export async function reconcile(options: ReconcileCommand): Promise<number> {
  const guarantee = oneOf('--guarantee', options.guarantee, ['exactly-once', 'at-least-once'] as const);
  const relation = relationOf(options);
  const filterSpec = options.filter === undefined ? undefined : parseFilter(options.filter);
  const filter = filterSpec && compileFilter(filterSpec);
  const [budgetBytes, deadlineMs] = [
    measured('--memory', options.memory, parseSize),
    measured('--deadline', options.deadline, parseDuration),
  ];
  const examples = Number(options.examples);
  if (!Number.isInteger(examples) || examples < 0)
    throw wrongOption(`--examples ${options.examples}`, 'give a whole number');
  const security = securityOf(options);
  const flink = engineOf(options, security);
  if (options.sinkBrokers !== undefined && flink?.properties['bootstrap.servers'] !== undefined) {
    throw wrongOption('--flink-property bootstrap.servers with --sink-brokers', 'leave one out: they are two clusters');
  }
  const { signal, release } = interruptible((line) => void process.stderr.write(`${line}\n`), 'ending');
  const connection = { clientId: 'flinch', deadlineMs, signal, ...(security ? { security } : {}) };
  const [brokers, sinkBrokers] = [options.brokers, options.sinkBrokers ?? options.brokers];
  const sourceReader = openLog({ ...connection, brokers: brokers.split(',') });
  const sinkReader = openLog({ ...connection, brokers: sinkBrokers.split(',') });
  const scratch = options.scratch ?? mkdtempSync(join(roomy(), 'flinch-reconcile-'));
  const registries = new Map<string, SchemaRegistry>();
  const registry = (url: string) => {
    const known = registries.get(url) ?? openSchemaRegistry({ url, timeoutMs: deadlineMs });
    registries.set(url, known);
    return known;
  };
  try {
    const identity = parseIdentity(options.identity, options);
    const sinkIdentity = parseIdentity(options.sinkIdentity ?? options.identity, options);
    const source = { reader: sourceReader, topic: options.source, filter };
    const sink = { reader: sinkReader, topic: options.sink };
    const both = {
      source: { ...source, extractor: await compileIdentity(identity, { registry }) },
      sink: { ...sink, extractor: await compileIdentity(sinkIdentity, { registry }) },
      relation,
      examples,
      signal,
      onProgress: (text: string) => void process.stderr.write(`${text}\n`),
    };
    const found = flink
      ? await reconcileInFlink({
          ...both,
          ...flink,
          source: { ...both.source, identity, filterSpec, properties: consumer(brokers, flink) },
          sink: { ...both.sink, identity: sinkIdentity, properties: consumer(sinkBrokers, flink) },
        })
      : await reconcileTopics({ ...both, budgetBytes, scratch });
    const verdict = verdictOf(found, guarantee);
    process.stdout.write(`${options.json ? asJson(found, verdict) : reconciliationText(found, verdict)}\n`);
    return EXITS[verdict.verdict];
  } finally {
    sourceReader.close();
    sinkReader.close();
    for (const it of registries.values()) it.close();
    if (options.scratch === undefined) rmSync(scratch, { recursive: true, force: true });
    release();
  }
}

/** Flink may know the brokers by other addresses. */
const consumer = (brokers: string, { properties }: FlinkEngine) => ({ 'bootstrap.servers': brokers, ...properties });

/** A temporary folder on a disk: /tmp may be in memory, where spilling would save nothing. */
const roomy = (): string => (existsSync('/var/tmp') ? '/var/tmp' : tmpdir());

const asJson = (found: Reconciliation, verdict: ReconcileVerdict): string => {
  const examples = found.balance.examples.map((it) => ({
    ...it,
    id: showIdentity({ bytes: it.id, start: 0, end: it.id.length }),
  }));
  return JSON.stringify({ ...verdict, ...found, balance: { ...found.balance, examples } }, null, 2);
};

function relationOf({ relation, filter }: ReconcileCommand): Relation {
  const [kind, times, ...more] = relation.split(':');
  if (more.length > 0 || (times !== undefined && kind !== 'one-to-many'))
    throw wrongOption(`--relation ${relation}`, RELATIONS);
  const named = oneOf('--relation', kind ?? '', ['one-to-one', 'one-to-many', 'subset'] as const);
  if ((named === 'subset') !== (filter !== undefined)) {
    throw wrongOption(
      `--relation ${relation}`,
      'subset and --filter go together: the filter says which records come out',
    );
  }
  return named === 'one-to-many' && times !== undefined ? { kind: named, times: Number(times) } : { kind: named };
}

const RELATIONS = 'write one-to-one, one-to-many, one-to-many:3 or subset';
