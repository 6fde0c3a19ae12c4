import { readFileSync, statSync } from 'node:fs';
import { ExitCode, FlinchError, messageOf } from '../core/error.js';
import {
  agreed,
  asJson,
  asSarif,
  asText,
  clusterSubjects,
  examineAll,
  type Facts,
  flinkVersion,
  type KafkaFacts,
  kafkaProperties,
  RULES,
  SEVERITIES,
  type Severity,
  type Subject,
  subjectsOf,
  USUAL_TICK,
} from '../doctor/index.js';
import { type KafkaOptionValues, securityOf } from './kafka-options.js';
import { wrongOption } from './option-values.js';
import { flinchVersion } from './version.js';

/** Larger files are no configuration. Bytes. */
const LARGEST = 1024 ** 2;
/** Milliseconds for all questions to a cluster, or to brokers. */
const ASKED_WITHIN = 30_000;

export interface DoctorOptions extends KafkaOptionValues {
  target?: 'kubernetes';
  manifest?: boolean;
  flink?: string;
  rest?: string;
  zookeeper?: string;
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  brokers?: string;
  topics?: string;
  kafka?: string[];
  format: 'text' | 'json' | 'sarif';
  failOn: Severity;
}

interface Examined {
  subjects: Subject[];
  /** The files, or the cluster. */
  of: readonly string[];
  problems: string[];
}

/** Says what in a configuration, or of a cluster that runs, will cost an outage. @throws FlinchError */
export async function doctor(files: readonly string[], options: DoctorOptions): Promise<ExitCode> {
  if (options.target === 'kubernetes') return (await import('./permissions.js')).permissions(options);
  if (files.length > 0 && options.rest !== undefined) {
    throw new FlinchError('USAGE', { what: 'files are given, and a cluster', todo: 'examine one after the other' });
  }
  const beside = await besideFlink(options);
  const facts = beside.kafka && { kafka: beside.kafka };
  const { subjects, of, problems } =
    files.length > 0 ? inFiles(files, options, facts) : await ofCluster(options, facts);
  const findings = examineAll(subjects);
  const { format, failOn } = options;
  const untold = [...problems, ...beside.problems];
  if (format === 'json') process.stdout.write(asJson(findings, of, untold));
  else if (format === 'sarif') process.stdout.write(asSarif(findings, RULES, flinchVersion()));
  else process.stdout.write(asText(findings, files.length, untold));
  const counts = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  return findings.some(({ severity }) => counts.includes(severity)) ? ExitCode.failed : ExitCode.passed;
}

/** What files with settings of Kafka say, and what brokers do: of what both tell, what the brokers have. @throws FlinchError */
async function besideFlink(options: DoctorOptions): Promise<{ kafka?: KafkaFacts; problems: string[] }> {
  const { brokers, topics, kafka: files = [] } = options;
  if ((brokers === undefined) !== (topics === undefined)) {
    const missing = brokers === undefined ? '--topics without --brokers' : '--brokers without --topics';
    throw wrongOption(missing, 'name both: brokers are asked for what they say of topics');
  }
  const written = files.map((file) => kafkaProperties(textOf(file), file));
  if (brokers === undefined || topics === undefined) {
    return { ...(written.length > 0 && { kafka: agreed(written) }), problems: [] };
  }
  const asked = { brokers: list(brokers), topics: list(topics), security: securityOf(options) };
  // What speaks to somebody is loaded where somebody is asked: a file is examined in no time.
  const { kafkaFacts } = await import('../doctor/read/kafka.js');
  const { kafka, problems } = await kafkaFacts(asked, AbortSignal.timeout(ASKED_WITHIN));
  return { kafka: { ...agreed(written), ...kafka }, problems };
}

function inFiles(files: readonly string[], { flink }: DoctorOptions, facts: Facts = {}): Examined {
  const version = flink === undefined ? undefined : flinkVersion(flink);
  if (flink !== undefined && !version) {
    throw new FlinchError('USAGE', { what: `"${flink}" is no version of Flink`, todo: 'write e.g. --flink 1.20' });
  }
  const subjects = files.flatMap((file) => subjectsOf(file, textOf(file), version));
  return {
    subjects: subjects.map((subject) => ({ ...subject, facts: { ...subject.facts, ...facts } })),
    of: files,
    problems: [],
  };
}

/** The one that is named, or the kept one. @throws FlinchError NO_CLUSTER, FLINK_REST */
async function ofCluster(options: DoctorOptions, beside: Facts = {}): Promise<Examined> {
  const { rest: url, zookeeper, kubeconfig, context, namespace } = options;
  const { name, facts } = url === undefined ? await kept() : { name: url, facts: {} };
  const { createFlinkRest } = await import('../client/flink/rest.js');
  const rest = createFlinkRest(name);
  try {
    const servers = zookeeper === undefined ? {} : { zookeeper: list(zookeeper) };
    const kubernetes = {
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
      ...(namespace === undefined ? {} : { namespace }),
    };
    const cluster = { name, rest, kubernetes, facts: { ...facts, ...beside }, ...servers };
    return { ...(await clusterSubjects(cluster, AbortSignal.timeout(ASKED_WITHIN))), of: [name] };
  } finally {
    rest.close();
  }
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');

/** Its servers have addresses of their own, which only it knows: what they grant is as they were told. */
async function kept() {
  const { findKept } = await import('../target/local/index.js');
  const state = await findKept();
  if (!state) {
    throw new FlinchError('NO_CLUSTER', {
      what: 'there is nothing to examine',
      todo: 'name a file, or a cluster with --rest; or keep one with: flinch up',
    });
  }
  const jobManagers = state.nodes.filter(({ role }) => role === 'jobmanager').length;
  const tickTime = Number(state.spec.zookeeperConfig?.tickTime ?? USUAL_TICK);
  return { name: state.webUi, facts: { jobManagers, tickTime } };
}

function textOf(file: string): string {
  const refuse = (what: string, cause?: unknown) =>
    new FlinchError('CONFIG_UNREADABLE', { what, on: file, todo: 'check the path', cause });
  try {
    const stat = statSync(file);
    // A pipe or a device may never end.
    if (!stat.isFile()) throw refuse('it is no regular file');
    if (stat.size > LARGEST) throw refuse(`it is larger than 1 MiB (${stat.size} bytes)`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw error instanceof FlinchError ? error : refuse(messageOf(error), error);
  }
}
