import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { socketIn } from './containerd.js';

export const NODE_NAME = 'node-1';
/** As the API server knows it: it may do what belongs to its node. */
export const NODE_USER = { user: `system:node:${NODE_NAME}`, groups: ['system:nodes'] } as const;
/** Where it says of itself on 127.0.0.1 whether it is well. */
export const KUBELET_HEALTH = 10_248;

export interface KubeletOptions {
  dir: string;
  /** Of this host, and of the node. */
  address: string;
  kubeconfig: string;
  /** Path of the certificate of whoever signs those of its clients. */
  authority: string;
  /** The control group that those of pods are made in. */
  group: string;
}

/** Writes the settings of a kubelet that keeps all it has below `dir`. @returns its arguments */
export function kubeletIn({ dir, address, kubeconfig, authority, group }: KubeletOptions): string[] {
  const file = join(dir, 'kubelet.yaml');
  const settings = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${socketIn(dir)}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authority },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${group}`,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    // Not everybody who is root may lower it.
    oomScoreAdj: 0,
    healthzPort: KUBELET_HEALTH,
    // No pod goes because somebody else filled the disk, and no image: there is nowhere to get it from.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    resolvConf: '',
    volumePluginDir: join(dir, 'volume-plugins'),
  };
  writeFileSync(file, stringify(settings));
  return [
    'kubelet',
    `--config=${file}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${NODE_NAME}`,
    `--node-ip=${address}`,
    `--root-dir=${join(dir, 'kubelet')}`,
    `--cert-dir=${join(dir, 'kubelet-certificates')}`,
  ];
}
