import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAUSE_IMAGE } from './images.js';

/** The addresses of pods, on one bridge. */
export const POD_NETWORK = '10.244.0.0/24';
/** The bridge's own name in the node's network namespace. */
const BRIDGE = 'cni0';

export const socketIn = (dir: string): string => join(dir, 'containerd.sock');

const network = (dir: string) => ({
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: BRIDGE,
      isGateway: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: POD_NETWORK }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: join(dir, 'addresses'),
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

/**
 * Writes the settings of a containerd that keeps all it has below `dir`.
 * @param plugins folder of the plugins of CNI
 * @returns its arguments
 */
export function containerdIn(dir: string, plugins: string): string[] {
  const networks = join(dir, 'networks');
  mkdirSync(networks);
  writeFileSync(join(networks, '10-pods.conflist'), JSON.stringify(network(dir)));
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const settings = `version = 2
root = "${join(dir, 'containerd')}"
state = "${join(dir, 'containerd-state')}"
[grpc]
  address = "${socketIn(dir)}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(dir, 'opt')}"
[${cri}]
  sandbox_image = "${PAUSE_IMAGE}"
  # Not everybody who is root may lower the score that the kernel chooses victims by.
  restrict_oom_score_adj = true
  [${cri}.cni]
    bin_dir = "${plugins}"
    conf_dir = "${networks}"
  [${cri}.containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
  const file = join(dir, 'containerd.toml');
  writeFileSync(file, settings);
  return ['--config', file];
}
