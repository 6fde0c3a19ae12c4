import { type Command, Option } from 'commander';
import { FlinchError } from '../core/error.js';
import { type KubernetesPlace, REACHES, type Reach } from '../target/kubernetes/index.js';
import { port } from './port-argument.js';

/** What a command line says of a cluster in pods. */
export interface KubernetesChoice {
  target?: 'local' | 'kubernetes';
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  cluster?: string;
  selector?: string;
  restPort: number;
  reach: Reach;
  brokers?: string;
  gateway?: string;
  handImage?: string;
  operatorNamespace?: string;
  keeperImage?: string;
}

/** The options of a command by which it finds a cluster in pods. */
export const withKubernetesOptions = (command: Command): Command =>
  command
    .addOption(new Option('--target <name>', 'where the cluster is').choices(['local', 'kubernetes']).default('local'))
    .option('--kubeconfig <file>', 'kubernetes: as kubectl finds one unless told')
    .option('--context <name>', 'kubernetes: of the kubeconfig')
    .option('--namespace <name>', 'kubernetes: of the cluster; that of the context unless told')
    .option('--cluster <name>', 'kubernetes: its name, which is the label app of its pods')
    .option('--selector <labels>', 'kubernetes: labels of its pods, instead of app=<cluster>')
    .option('--rest-port <port>', "kubernetes: of the JobManagers' REST API", port, 8081)
    .addOption(
      new Option('--reach <how>', 'kubernetes: to pods by their addresses, or by way of the API server')
        .choices(REACHES)
        .default('auto'),
    )
    .option('--hand-image <image>', 'kubernetes: with bash, nsenter and nft, for what is done beside a pod')
    .option('--operator-namespace <name>', 'kubernetes: of the operator of Flink, for faults that befall that')
    .option('--manifest', 'kubernetes: print a Job that does it inside the cluster, and do nothing')
    .option('--image <image>', 'with --manifest: of Flinch');

/** @throws FlinchError USAGE */
export function placeOf(choice: KubernetesChoice): KubernetesPlace {
  const { kubeconfig, context, namespace, cluster, selector, restPort, reach, brokers, gateway } = choice;
  const { handImage, operatorNamespace } = choice;
  if (cluster === undefined) {
    throw new FlinchError('USAGE', {
      what: 'the target kubernetes needs the name of a cluster',
      todo: 'add --cluster',
    });
  }
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(namespace !== undefined && { namespace }),
    cluster,
    ...(selector !== undefined && { selector }),
    restPort,
    reach,
    brokers: brokers?.split(',') ?? [],
    ...(gateway !== undefined && { gateway }),
    ...(handImage !== undefined && { handImage }),
    ...(operatorNamespace !== undefined && { operatorNamespace }),
  };
}
