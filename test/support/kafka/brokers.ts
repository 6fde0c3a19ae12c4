import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { systemClock } from '../../../src/core/clock.js';
import { pollUntil } from '../../../src/core/poll.js';
import { resolveJars } from '../../../src/target/local/artifacts.js';
import { metaProperties } from '../../../src/target/local/config/kafka.js';
import { LOG4J1, toProperties } from '../../../src/target/local/config/logging.js';
import { freePorts } from '../../../src/target/local/free-ports.js';
import { kafkaId } from '../../../src/target/local/launch.js';
import { cacheDir } from '../../../src/target/local/paths.js';
import { findJava } from '../../../src/target/local/prerequisites.js';
import { identifyProcess } from '../../../src/target/local/process-identity.js';
import { type Reaper, startReaper } from '../../../src/target/local/reaper.js';
import { untilWhole } from './whole.js';

/** Lines of Kafka that tests run, with the pom of their broker and tools. */
export const KAFKA_LINES = {
  3: { pom: 'kafka-tools', label: 'Kafka 3.9.1 and its tools', jars: 105 },
  4: { pom: 'kafka-4', label: 'Kafka 4.2.0 and its tools', jars: 94 },
} as const;

export interface BrokersOptions {
  line?: keyof typeof KAFKA_LINES;
  /** 1 or 3. */
  count?: 1 | 3;
  /** The address that clients reach them at; 127.0.0.1 unless told. */
  host?: string;
  /** Over the defaults, for every broker. `{port}` stands for the broker's client port, `{dir}` for the scratch folder. */
  config?: Readonly<Record<string, string>>;
  /** JVM flags, for example a JAAS file; `{dir}` as above. */
  jvm?: readonly string[];
  /** Files to be in the scratch folder before the first start. */
  prepare?: (dir: string) => Promise<void> | void;
  /** Arguments of `kafka-storage format` for records that must exist at the first start, as `--add-scram ...`. */
  format?: readonly string[];
  heapMiB?: number;
  /** The whole compiler, for benchmarks; tests start faster without. */
  c2?: boolean;
}

/** Kafka brokers as plain processes on loopback, for tests. They end with this process, however it ends. */
export interface TestBrokers {
  readonly bootstrap: string[];
  readonly jars: readonly string[];
  readonly dir: string;
  /** SIGKILL, and seen gone. `index` from 0. */
  kill(index: number): Promise<void>;
  /** SIGTERM, and seen gone. */
  stop(index: number): Promise<void>;
  /** Starts a broker again and waits for its port. */
  start(index: number): Promise<void>;
  /** Pauses or resumes a broker. */
  signal(index: number, signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Where a broker keeps its logs. */
  logDir(index: number): string;
  /** What a broker has said. */
  log(index: number): string;
  /** Runs a Java class of the tools; its standard output. Rejects with its standard error when it fails. */
  java(main: string, args: readonly string[], options?: { ms?: number; input?: string; c2?: boolean }): Promise<string>;
  end(): Promise<void>;
}

/** Milliseconds a broker may take until it serves: with hundreds of logs to recover, and what others leave of the CPU. */
export const START_MS = 240_000;

/** The tools print their results to standard output: what they log goes elsewhere. */
const TOOLS_LOG = `log4j.rootLogger=WARN, E
log4j.appender.E=org.apache.log4j.ConsoleAppender
log4j.appender.E.target=System.err
log4j.appender.E.layout=org.apache.log4j.SimpleLayout
`;

export async function startBrokers(options: BrokersOptions = {}): Promise<TestBrokers> {
  const { line = 3, count = 1, host = '127.0.0.1', config = {}, jvm = [], heapMiB = 256 } = options;
  const java = (await findJava()).path;
  const jars = await resolveJars(KAFKA_LINES[line], {
    cache: cacheDir(),
    onProgress: () => {},
    signal: AbortSignal.timeout(20 * 60_000),
  });
  const dir = mkdtempSync(join(tmpdir(), 'flinch-kafka-'));
  const reaper = startReaper(dir);
  const ports = await freePorts(count * 2);
  const clusterId = kafkaId();
  const classpath = jars.join(delimiter);
  const fill = (text: string, index: number) =>
    text.replaceAll('{port}', String(ports[index])).replaceAll('{dir}', dir);
  const processes = new Map<number, ChildProcess>();
  writeFileSync(join(dir, 'log4j.properties'), LOG4J1);
  writeFileSync(join(dir, 'tools.properties'), TOOLS_LOG);
  await options.prepare?.(dir);

  const logDir = (index: number) => join(dir, `broker-${index + 1}`);
  const logFile = (index: number) => join(dir, `broker-${index + 1}.log`);
  for (let index = 0; index < count; index++) {
    mkdirSync(logDir(index));
    const properties = { ...defaults(index, { host, ports, count }, logDir(index)), ...config };
    const filled = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, fill(value, index)]));
    writeFileSync(join(dir, `broker-${index + 1}.properties`), toProperties(filled));
    if (!options.format) {
      writeFileSync(join(logDir(index), 'meta.properties'), metaProperties(clusterId, String(index + 1), kafkaId()));
    }
  }

  const base = ['-XX:+UseSerialGC', '-XX:-UsePerfData'];
  const compiler = (c2 = false) => (c2 ? [] : ['-XX:TieredStopAtLevel=1']);
  const logging = (file: string) => `-Dlog4j.configuration=file:${join(dir, file)}`;
  const running = (index: number): ChildProcess => {
    const child = processes.get(index);
    if (!child) throw new Error(`broker ${index + 1} does not run`);
    return child;
  };
  const gone = async (index: number, signal: NodeJS.Signals) => {
    const child = running(index);
    child.kill(signal);
    await pollUntil(`the end of broker ${index + 1}`, async () => child.exitCode ?? child.signalCode ?? undefined, {
      ...POLL,
      within: 30_000,
    });
    processes.delete(index);
  };
  const brokers: TestBrokers = {
    bootstrap: ports.slice(0, count).map((port) => `${host}:${port}`),
    jars,
    dir,
    logDir,
    log: (index) => readFileSync(logFile(index), 'utf8'),
    kill: (index) => gone(index, 'SIGKILL'),
    stop: (index) => gone(index, 'SIGTERM'),
    signal: (index, signal) => void running(index).kill(signal),
    start: async (index) => {
      const log = openSync(logFile(index), 'a');
      const child = spawn(
        java,
        [
          ...base,
          ...compiler(options.c2),
          logging('log4j.properties'),
          `-Xmx${heapMiB}m`,
          `-Dkafka.logs.dir=${logDir(index)}`,
          ...jvm.map((flag) => fill(flag, index)),
          ...['-cp', classpath, 'kafka.Kafka', join(dir, `broker-${index + 1}.properties`)],
        ],
        { stdio: ['ignore', log, log], cwd: dir },
      );
      closeSync(log);
      processes.set(index, child);
      watch(reaper, child);
      await listening(
        { host, port: ports[index] ?? 0 },
        () => child.exitCode !== null,
        () => brokers.log(index),
      );
    },
    java: (main, args, { ms = 120_000, input, c2 } = {}) =>
      runJava(java, [...base, ...compiler(c2), logging('tools.properties'), '-cp', classpath, main, ...args], reaper, {
        ms,
        input,
        cwd: dir,
      }),
    end: async () => {
      for (const index of [...processes.keys()]) {
        processes.get(index)?.kill('SIGCONT');
        await gone(index, 'SIGKILL');
      }
      reaper.dismiss();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    if (options.format) {
      for (let index = 0; index < count; index++) {
        const properties = join(dir, `broker-${index + 1}.properties`);
        await brokers.java('kafka.tools.StorageTool', ['format', '-t', clusterId, '-c', properties, ...options.format]);
      }
    }
    await Promise.all(Array.from({ length: count }, (_, index) => brokers.start(index)));
    // Where the listeners are of the caller's making, how to speak to them is his to know.
    if (!config.listeners) await untilWhole(brokers.bootstrap, START_MS);
  } catch (error) {
    await brokers.end();
    throw error;
  }
  return brokers;
}

const POLL = { every: 20, clock: systemClock, signal: new AbortController().signal };

function defaults(
  index: number,
  { host, ports, count }: { host: string; ports: readonly number[]; count: number },
  data: string,
): Record<string, string> {
  const voters = Array.from({ length: count }, (_, i) => `${i + 1}@127.0.0.1:${ports[count + i]}`);
  const replicas = String(count);
  const client = `PLAINTEXT://${host}:${ports[index]}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': String(index + 1),
    'controller.quorum.voters': voters.join(','),
    listeners: `${client},CONTROLLER://127.0.0.1:${ports[count + index]}`,
    'advertised.listeners': client,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': data,
    'default.replication.factor': replicas,
    'min.insync.replicas': '1',
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'transaction.max.timeout.ms': '3600000',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': '0',
    // A lone broker that is merely slow must not lose its partitions.
    'broker.session.timeout.ms': count > 1 ? '3000' : '60000',
    'broker.heartbeat.interval.ms': '500',
  };
}

function watch(reaper: Reaper, child: ChildProcess): void {
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (identity) reaper.watch(identity);
}

async function listening(
  { host, port }: { host: string; port: number },
  ended: () => boolean,
  log: () => string,
): Promise<void> {
  const knock = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host, port });
      socket.once('connect', () => resolve(socket.destroy() !== undefined));
      socket.once('error', () => resolve(false));
    });
  await pollUntil(
    `a broker on port ${port}`,
    async () => {
      if (ended()) return log();
      return (await knock()) ? '' : undefined;
    },
    { ...POLL, within: START_MS },
  ).then((said) => {
    if (said !== '') throw new Error(`the broker ended:\n${said.slice(-2000)}`);
  });
}

function runJava(
  java: string,
  args: readonly string[],
  reaper: Reaper,
  { ms, input, cwd }: { ms: number; input?: string | undefined; cwd: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(java, [...args], { cwd, timeout: ms, killSignal: 'SIGKILL' });
    watch(reaper, child);
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const text = Buffer.concat(out).toString();
      if (code === 0) resolve(text);
      else
        reject(
          new Error(
            `${args.find((it) => it.includes('kafka.'))} ended with ${code ?? signal}:\n${text.slice(-2000)}\n${Buffer.concat(err).toString().slice(-4000)}`,
          ),
        );
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
