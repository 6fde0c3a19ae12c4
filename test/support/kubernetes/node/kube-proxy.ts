import { NODE_NAME } from './kubelet.js';

/** As the API server knows it: what it may see is bound to this name. */
export const PROXY_USER = 'system:kube-proxy';
/** Where it says whether the addresses of services lead somewhere. */
export const PROXY_HEALTH = 10_256;

/** Its arguments. */
export const kubeProxy = (kubeconfig: string, pods: string): string[] => [
  'kube-proxy',
  `--kubeconfig=${kubeconfig}`,
  `--hostname-override=${NODE_NAME}`,
  '--proxy-mode=nftables',
  `--cluster-cidr=${pods}`,
  `--healthz-bind-address=127.0.0.1:${PROXY_HEALTH}`,
  // Settings of the kernel that it leaves as they are.
  '--conntrack-max-per-core=0',
  '--conntrack-tcp-timeout-established=0',
  '--conntrack-tcp-timeout-close-wait=0',
];
