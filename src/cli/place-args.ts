import type { KubernetesPlace } from '../target/kubernetes/index.js';

/** The options by which somebody inside of Kubernetes finds a cluster that is named here. */
export const placeArgs = (
  { cluster, selector, restPort, reach, handImage, operatorNamespace }: KubernetesPlace,
  namespace: string,
): string[] => [
  ...['--target', 'kubernetes', '--namespace', namespace, '--cluster', cluster],
  ...(selector === undefined ? [] : ['--selector', selector]),
  ...(restPort === 8081 ? [] : ['--rest-port', String(restPort)]),
  ...(reach === 'auto' ? [] : ['--reach', reach]),
  ...(handImage === undefined ? [] : ['--hand-image', handImage]),
  ...(operatorNamespace === undefined ? [] : ['--operator-namespace', operatorNamespace]),
];
