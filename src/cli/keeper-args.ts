import type { KubernetesPlace } from '../target/kubernetes/index.js';

/** How a cluster that was found here is found by somebody inside of it, who heals it when this run dies. */
export const keeperArgs = (
  { cluster, selector, restPort, handImage }: KubernetesPlace,
  namespace: string,
): string[] => [
  ...['heal', '--when-dead', '--target', 'kubernetes', '--namespace', namespace, '--cluster', cluster],
  ...(selector === undefined ? [] : ['--selector', selector]),
  ...['--rest-port', String(restPort)],
  ...(handImage === undefined ? [] : ['--hand-image', handImage]),
];
