import { stringify } from 'yaml';
import { ExitCode, FlinchError } from '../core/error.js';
import { type LoadedScenario, loadScenarios } from '../scenario/index.js';
import { placeNamespace, REPORT_FOLDER, runnerManifest, SCENARIO_FOLDER } from '../target/kubernetes/index.js';
import { refuseNamespace } from './allowed-namespaces.js';
import { type KubernetesChoice, placeOf } from './kubernetes-options.js';
import { placeArgs } from './place-args.js';
import { isBeside, refuseOnPods } from './refused-on-pods.js';
import type { RunOptions } from './run.js';

/** What a command line says of a command that is to be carried out inside the cluster. */
export interface RunnerChoice {
  /** Print what carries it out there, instead of doing it. */
  manifest?: boolean;
  image?: string;
  schedule?: string;
}

/** As kubectl reads it: in YAML 1.1 a bare "on" is no text. */
const AS_YAML = { version: '1.1', blockQuote: 'literal', lineWidth: 0, aliasDuplicateObjects: false } as const;
/** Five fields, or the name of a time. */
const SCHEDULE = /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|\S+( \S+){4})$/;

/** Prints what carries out a run inside the cluster. @throws FlinchError USAGE, CAPABILITY_MISSING, GUARD, KUBECONFIG; as `loadScenarios` does */
export async function printRun(paths: readonly string[], options: RunOptions): Promise<number> {
  const image = imageOf(options);
  if (options.schedule !== undefined && !SCHEDULE.test(options.schedule)) {
    throw new FlinchError('USAGE', { what: `"${options.schedule}" is no schedule`, todo: "write e.g. '0 3 * * *'" });
  }
  const { scenarios } = loadScenarios(paths);
  const handImage = options.handImage ?? (scenarios.some(({ scenario }) => isBeside(scenario)) ? image : undefined);
  const chosen = { ...options, ...(handImage !== undefined && { handImage }) };
  refuseOnPods(scenarios, chosen);
  if (options.reporter) (await import('../run/mocha/mocha-reporters.js')).checkReporter(options.reporter);
  const { brokers, gateway, seed, reporter, reporterOption, dryRun, keeperImage } = options;
  const more = [
    ...named('--brokers', brokers),
    ...named('--gateway', gateway),
    ...named('--keeper-image', keeperImage),
    ...named('--seed', seed),
    ...named('--reporter', reporter),
    ...Object.entries(reporterOption).flatMap(([key, value]) => ['--reporter-option', `${key}=${value}`]),
    ...(dryRun ? ['--dry-run'] : []),
    ...['--reports', REPORT_FOLDER],
  ];
  const namespace = await namespaceOf(chosen);
  refuseNamespace(namespace);
  return print(['run', SCENARIO_FOLDER], more, filesOf(scenarios), { ...chosen, namespace }, image);
}

/** Prints what heals inside the cluster, from the volume of its runs. @throws FlinchError USAGE, KUBECONFIG */
export const printHeal = async (options: KubernetesChoice & RunnerChoice): Promise<number> =>
  print(['heal'], [], {}, { ...options, namespace: await namespaceOf(options) }, imageOf(options));

/** No cluster need be known to print what is for a namespace. @throws FlinchError KUBECONFIG */
const namespaceOf = async (choice: KubernetesChoice): Promise<string> =>
  choice.namespace ?? placeNamespace(placeOf(choice));

/** @throws FlinchError USAGE */
function imageOf({ target, image }: KubernetesChoice & RunnerChoice): string {
  if (target === 'kubernetes' && image !== undefined) return image;
  throw new FlinchError('USAGE', {
    what: '--manifest prints what runs inside a cluster in pods',
    todo: 'add --target kubernetes and --image, which docs/in-cluster.md says how to build',
  });
}

function print(
  verb: readonly string[],
  more: readonly string[],
  scenarios: Readonly<Record<string, string>>,
  choice: KubernetesChoice & RunnerChoice & { namespace: string },
  image: string,
): number {
  const { namespace, schedule } = choice;
  const place = placeOf(choice);
  const args = [...verb, ...placeArgs(place, namespace), ...more];
  // A Job cannot be changed: each is another one.
  const stamp = schedule === undefined ? `-${Date.now().toString(36)}` : '';
  const objects = runnerManifest({
    name: `flinch-${place.cluster}${stamp}`,
    namespace,
    cluster: place.cluster,
    image,
    args,
    scenarios,
    ...(schedule !== undefined && { schedule }),
  });
  process.stdout.write(objects.map((object) => stringify(object, AS_YAML)).join('---\n'));
  return ExitCode.passed;
}

const named = (option: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [option, String(value)];

/** In a folder that is read in the order of its names, as they were given. */
function filesOf(scenarios: readonly LoadedScenario[]): Record<string, string> {
  const digits = String(scenarios.length).length;
  return Object.fromEntries(
    scenarios.map(({ scenario, text }, i) => [
      `${scenarios.length === 1 ? '' : `${String(i + 1).padStart(digits, '0')}-`}${scenario.name}.yaml`,
      text,
    ]),
  );
}
