import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ExitCode } from '../core/error.js';
import { withKafkaOptions } from './kafka-command-options.js';
import { withKubernetesOptions } from './kubernetes-options.js';
import { port } from './port-argument.js';
import { exitWith } from './tell-error.js';
import { flinchVersion } from './version.js';

function seed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value >= 2 ** 31) throw new InvalidArgumentError('a seed is 0 to 2147483647.');
  return value;
}

function processId(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a process is a number.');
  return value;
}

function pair(text: string, all: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write key=value.');
  return { ...all, [text.slice(0, at)]: text.slice(at + 1) };
}

const FLINK = [
  '--flink <version>',
  "a line or version of Flink instead of the scenario's: 1.20, 2.2, 2.3, 2.2.0",
] as const;
const HOME = ['--flink-home <dir>', 'a Flink distribution of your own instead of jars from Maven'] as const;

/** The command line. Each verb is imported when it is called. */
function program(): Command {
  const flinch = new Command('flinch')
    .description('Does your Flink cluster flinch? Breaks it on purpose, proves it, and measures what it cost.')
    .version(flinchVersion())
    .showHelpAfterError('(see flinch --help)')
    .addHelpText(
      'after',
      `
Exit codes: 0 passed, 1 failed, 2 inconclusive, 3 bad input, 4 refused by a guard, 5 heal failed, 130 interrupted.

Examples:
  flinch run scenarios/kill-leader-jobmanager.yaml
  flinch run scenarios --flink 2.2 --reporter spec
  flinch run reports/20261122-114940-surge
  flinch up && flinch run scenarios/kill-taskmanager.yaml; flinch down`,
    );
  withKubernetesOptions(
    flinch
      .command('run')
      .description('run scenarios, one after the other')
      .argument('<paths...>', 'scenario files, directories of them, or folders of runs, to do the same again')
      .option(...FLINK)
      .option(...HOME)
      .option('--reports <dir>', 'where each run gets its folder', 'reports')
      .option('--reporter <name>', 'a mocha reporter, printed instead of the summary')
      .option('--reporter-option <key=value>', 'an option of the reporter; may be repeated', pair, {})
      .option('--dry-run', 'say what would be done, and do nothing')
      .option('--seed <number>', 'what chooses where a scenario leaves it to chance, instead of its own seed', seed)
      .option('--fresh', 'start a cluster for every scenario, and leave a kept one alone')
      .option('--brokers <host:port,...>', 'kubernetes: of Kafka, as this process and the pods know them')
      .option('--gateway <url>', "kubernetes: an SQL gateway of the cluster, for a job of Flinch's own")
      .option('--keeper-image <image>', 'kubernetes: of Flinch, for a Job that heals when this run dies')
      .option('--schedule <cron>', 'with --manifest: a CronJob that does it again and again, in UTC'),
  ).action((paths: string[], options) => exitWith(async () => (await import('./run.js')).run(paths, options)));
  flinch
    .command('up')
    .description('start a cluster and keep it')
    .argument('[scenario]', 'the scenario whose cluster to start', undefined)
    .option(...FLINK)
    .option(...HOME)
    .option('--port <port>', "port of Flink's web UI on 127.0.0.1", port)
    .action((scenario: string | undefined, options) =>
      exitWith(async () => (await import('./up.js')).up(scenario, options)),
    );
  flinch
    .command('status')
    .description('what the kept cluster is and whether it is well')
    .action(() => exitWith(async () => (await import('./status.js')).status()));
  flinch
    .command('down')
    .description('end the kept cluster')
    .action(() => exitWith(async () => (await import('./down.js')).down()));
  withKubernetesOptions(
    flinch
      .command('heal')
      .description('undo what a run that died left on the kept cluster, or on one in pods')
      .option('--list', 'only say what is left')
      .option('--when-dead', 'kubernetes: wait for the run that goes on, and heal only when it dies'),
  ).action((options) => exitWith(async () => (await import('./heal.js')).heal(options)));
  flinch
    .command('stop')
    .description('end a run that goes on in another terminal: it heals first')
    .argument('[process]', 'its process, where several runs go on', processId)
    .action((pid: number | undefined) => exitWith(async () => (await import('./stop.js')).stop(pid)));
  flinch
    .command('validate')
    .description('check scenario files')
    .argument('<paths...>', 'scenario files, or directories of them')
    .action((paths: string[]) => exitWith(async () => (await import('./validate.js')).validate(paths)));
  flinch
    .command('predict')
    .description('say what the settings of scenarios promise of each recovery, or those of a cluster that runs')
    .argument('<paths...>', 'scenario files, or directories of them')
    .option(
      '--set <key=value>',
      "a setting of Flink's, zookeeper.* or kafka.*, as it might be; may be repeated",
      pair,
      {},
    )
    .option('--rest <url>', 'the cluster that it would be on, by a REST endpoint of it; none is needed')
    .option('--zookeeper <host:port,...>', 'its servers, where its configuration does not name them')
    .option('--capacity <rate>', 'what the job can process, e.g. 5000/s: then the time to catch up is told')
    .option('--json', 'print everything as JSON')
    .action((paths: string[], options) =>
      exitWith(async () => (await import('./predict.js')).predictScenarios(paths, options)),
    );
  withKafkaOptions(
    flinch
      .command('doctor')
      .description('say what in a configuration of Flink, or of a cluster that runs, will cost an outage')
      .argument(
        '[files...]',
        'config.yaml or flink-conf.yaml of Flink, or files with a FlinkDeployment; else the kept cluster',
      )
      .option('--flink <version>', 'the version that the files are for, e.g. 1.20.3')
      .option('--rest <url>', 'a cluster that runs, by a REST endpoint of it')
      .option('--zookeeper <host:port,...>', 'its servers, where its configuration does not name them')
      .addOption(
        new Option('--target <name>', 'instead: what it has to allow for runs on it, and whether it does').choices([
          'kubernetes',
        ]),
      )
      .option('--manifest', 'with --target: print a Role that allows it')
      .option('--cluster-wide', 'with --manifest: and a ClusterRole for faults of machines (drainNode)')
      .option('--operator-namespace <name>', 'and for the fault deleteOperator: where the operator of Flink runs')
      .option('--role-bindings <name,...>', 'with --manifest: and for the fault revokeAccess, which changes these')
      .option('--kubeconfig <file>', 'for a cluster with its leaders in ConfigMaps; as kubectl finds one unless told')
      .option('--context <name>', 'of the kubeconfig')
      .option('--namespace <name>', 'of the ConfigMaps, where its configuration does not name it')
      .option('--brokers <host:port,...>', 'of Kafka, which are asked for --topics as well')
      .option('--topics <name,...>', 'that a job writes to or reads from')
      .option('--kafka <file...>', "properties of Kafka's clients or brokers, as Java writes them")
      .addOption(new Option('--format <name>', 'how to say it').choices(['text', 'json', 'sarif']).default('text'))
      .addOption(
        new Option('--fail-on <severity>', 'the least that exits with 1')
          .choices(['error', 'warning', 'note'])
          .default('error'),
      ),
  ).action((files: string[], options) => exitWith(async () => (await import('./doctor.js')).doctor(files, options)));
  flinch
    .command('schema')
    .description('print the JSON schema of scenario files, for editors')
    .action(() => exitWith(async () => (await import('./schema.js')).schema()));
  flinch
    .command('report')
    .description('write the reports of a run again, from its journal alone')
    .argument('<run>', 'the folder of the run')
    .action((run: string) => exitWith(async () => (await import('./report.js')).report(run)));
  withKafkaOptions(
    flinch
      .command('reconcile')
      .description('match two topics record by record: what was lost, duplicated or invented on the way')
      .requiredOption('--source <topic>', 'what went in')
      .requiredOption('--sink <topic>', 'what came out')
      .requiredOption('--brokers <host:port,...>', 'brokers of the source, and of the sink unless told')
      .option('--sink-brokers <host:port,...>', 'brokers of the sink')
      .requiredOption(
        '--identity <where...>',
        'where the id stands: json:/order/id, header:x-id, key, avro:order.id, capture:...',
      )
      .option('--sink-identity <where...>', 'the same for the sink, where it differs')
      .option('--relation <kind>', 'one-to-one, one-to-many, one-to-many:N or subset', 'one-to-one')
      .option('--filter <yaml>', 'with subset, which source records come out: {json: /type, equals: order}')
      .option('--guarantee <guarantee>', 'exactly-once, or at-least-once, which may repeat', 'exactly-once')
      .option('--schema-registry <url>', 'of Avro records')
      .option('--schema-file <file>', 'of Avro records, instead of a registry')
      .option('--memory <size>', 'for ids; what does not fit goes to disk', '512MiB')
      .option('--scratch <dir>', 'the folder for what does not fit; a temporary one unless told')
      .option('--examples <n>', 'examples of each problem', '5')
      .option('--deadline <duration>', 'how long a broker may stand still', '30s')
      .option(
        '--engine <engine>',
        'who counts: reader (this process) or flink-sql (a batch job on a cluster)',
        'reader',
      )
      .option('--gateway <url>', 'SQL gateway of the cluster that counts')
      .option('--job-deadline <duration>', 'for the batch job', '30min')
      .option('--parallelism <n>', 'of the batch job; as many as the larger topic has partitions unless told')
      .option(
        '--flink-property <name=value...>',
        "of Kafka's consumer in Flink, e.g. bootstrap.servers as Flink sees them",
      )
      .option('--json', 'print the whole balance as JSON'),
  ).action((options) => exitWith(async () => (await import('./reconcile.js')).reconcile(options)));
  for (const command of [flinch, ...flinch.commands]) command.exitOverride();
  return flinch;
}

export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has said it already; help and version are no mistakes, `flinch` alone is.
    process.exitCode = error.exitCode === 0 ? ExitCode.passed : ExitCode.badInput;
  }
}
